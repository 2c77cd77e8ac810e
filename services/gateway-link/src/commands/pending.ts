/**
 * Commands that this process holds. Pure. It ensures exactly one reply per command, and keeps the outcome for ten
 * minutes. The first to claim a command may answer it: a worker, or the link itself at the deadline or when the socket
 * ends.
 */
import type { Limits, ReplyOutcome, WorkerCommandType } from '@federation-agent/contracts';

/** A command, and the socket that it came in on. Times are epoch ms. */
export interface HeldCommand {
  readonly commandId: string;
  readonly type: WorkerCommandType;
  readonly integrationId: string;
  readonly socketId: string;
  readonly receivedAt: number;
}

type Entry =
  | { readonly state: 'waiting' | 'claimed'; readonly command: HeldCommand }
  | { readonly state: 'settled'; readonly outcome: ReplyOutcome; readonly settledAt: number };

export interface PendingCommands {
  /** `new`: hold it; `held`: the same id already waits; `settled`: the same id was answered in the last ten minutes. */
  hold(command: HeldCommand, now: number): 'new' | 'held' | 'settled';
  /** Returns the command to the first caller only, who then answers it. */
  claim(commandId: string): HeldCommand | undefined;
  settle(commandId: string, outcome: ReplyOutcome, now: number): void;
  /** Undefined: never held, forgotten or not settled. */
  outcome(commandId: string): ReplyOutcome | undefined;
  /** Commands of a socket that nobody has claimed. */
  waitingOn(socketId: string): readonly HeldCommand[];
  /** Commands of an integration that are not settled. */
  open(integrationId: string): number;
}

export function createPendingCommands(limits: Pick<Limits, 'outcomeMemory'>): PendingCommands {
  const entries = new Map<string, Entry>();
  const open = new Map<string, number>();

  const count = (integrationId: string, change: number): void => {
    open.set(integrationId, (open.get(integrationId) ?? 0) + change);
  };

  /** Settled entries are in the order in which they were settled, because settling moves an entry to the end. */
  const forget = (now: number): void => {
    for (const [commandId, entry] of entries) {
      if (entry.state !== 'settled') continue;
      if (now - entry.settledAt < limits.outcomeMemory) return;
      entries.delete(commandId);
    }
  };

  return {
    hold: (command, now) => {
      forget(now);
      const known = entries.get(command.commandId);
      if (known !== undefined) return known.state === 'settled' ? 'settled' : 'held';
      entries.set(command.commandId, { state: 'waiting', command });
      count(command.integrationId, 1);
      return 'new';
    },
    claim: (commandId) => {
      const entry = entries.get(commandId);
      if (entry?.state !== 'waiting') return undefined;
      entries.set(commandId, { state: 'claimed', command: entry.command });
      return entry.command;
    },
    settle: (commandId, outcome, now) => {
      const known = entries.get(commandId);
      if (known === undefined || known.state === 'settled') return;
      count(known.command.integrationId, -1);
      entries.delete(commandId);
      entries.set(commandId, { state: 'settled', outcome, settledAt: now });
      forget(now);
    },
    outcome: (commandId) => {
      const entry = entries.get(commandId);
      return entry?.state === 'settled' ? entry.outcome : undefined;
    },
    waitingOn: (socketId) =>
      [...entries.values()].flatMap((entry) =>
        entry.state === 'waiting' && entry.command.socketId === socketId ? [entry.command] : [],
      ),
    open: (integrationId) => open.get(integrationId) ?? 0,
  };
}
