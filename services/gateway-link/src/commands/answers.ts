/** Every accepted command gets exactly one reply: from a worker, or from the link itself at 55 s. */
import type { ReplyOutcome, ReplyRequest } from '@federation-agent/contracts';
import type { LinkSocket } from '../channel/link-socket.ts';
import { deliver, refuse, noAnswerInTime, type DeliverParts } from './deliver.ts';
import { createPendingCommands, type HeldCommand } from './pending.ts';

/** What APIM was told, and the outcome. A refused reply reaches APIM as ERROR, from the link or from APIM itself. */
interface Answered extends Pick<ReplyOutcome, 'outcome'> {
  readonly status: ReplyRequest['status'];
}

export interface Answers {
  /** Holds a command. `held` and `settled`: its id is already known, so there is nothing new to do. */
  take(
    command: HeldCommand,
    socket: LinkSocket,
  ): { readonly answered: Promise<Answered> } | 'held' | 'settled';
  /** A worker's reply. The first one is written; every repetition gets the same outcome. */
  reply(request: ReplyRequest): Promise<ReplyOutcome>;
  /** The link gives up on a command: it answers ERROR, unless somebody already answers it. */
  giveUp(commandId: string, details: string): void;
  /** The socket is gone: commands that nobody answers yet are refused. */
  socketGone(socketId: string): void;
  /** Commands of an integration without an outcome. */
  open(integrationId: string): number;
  /** Resolves when the integration has no open command, or after `graceMs`. */
  idle(integrationId: string, graceMs: number): Promise<void>;
}

interface Holding {
  readonly socket: LinkSocket;
  readonly outcome: PromiseWithResolvers<ReplyOutcome>;
  readonly answered: PromiseWithResolvers<Answered>;
  readonly settled: AbortController;
}

export function createAnswers(parts: DeliverParts): Answers {
  const { gates, limits, clock } = parts;
  const pending = createPendingCommands(limits);
  const holdings = new Map<string, Holding>();

  const settle = (
    commandId: string,
    outcome: ReplyOutcome,
    status: Answered['status'] = 'ERROR',
  ): ReplyOutcome => {
    pending.settle(commandId, outcome, clock.now());
    const holding = holdings.get(commandId);
    holdings.delete(commandId);
    holding?.settled.abort();
    holding?.outcome.resolve(outcome);
    holding?.answered.resolve({ outcome: outcome.outcome, status });
    return outcome;
  };
  const giveUp = (commandId: string, details: string): void => {
    const command = pending.claim(commandId);
    const socket = holdings.get(commandId)?.socket;
    if (command && socket) settle(commandId, refuse(command, socket, details, parts));
  };
  const answer = async (
    command: HeldCommand,
    socket: LinkSocket,
    request: ReplyRequest,
  ): Promise<ReplyOutcome> => {
    try {
      const outcome = await deliver(command, socket, request, parts);
      return settle(command.commandId, outcome, outcome.outcome === 'refused' ? 'ERROR' : request.status);
    } catch (error) {
      parts.log.error(
        { err: error, commandId: command.commandId },
        'a reply could not be written: APIM fails this command by itself',
      );
      return settle(command.commandId, refuse(command, socket, 'the agent failed to answer', parts));
    }
  };

  return {
    take: (command, socket) => {
      const { commandId, receivedAt } = command;
      const held = pending.hold(command, clock.now());
      if (held !== 'new') return held;
      const holding: Holding = {
        socket,
        outcome: Promise.withResolvers(),
        answered: Promise.withResolvers(),
        settled: new AbortController(),
      };
      holdings.set(commandId, holding);
      const left = receivedAt + limits.replyDeadline - clock.now();
      void clock.sleep(left, holding.settled.signal).then(() => giveUp(commandId, noAnswerInTime));
      return { answered: holding.answered.promise };
    },
    reply: (request) => {
      const holding = holdings.get(request.commandId);
      const command = pending.claim(request.commandId);
      if (command && holding) return answer(command, holding.socket, request);
      if (holding) return holding.outcome.promise;
      // This process does not hold the command. It cannot know the outcome, and the sender's deadline is long past; the
      // gate tells.
      const known = pending.outcome(request.commandId);
      return Promise.resolve(known ?? { outcome: 'refused', reason: 'this link does not hold the command' });
    },
    giveUp,
    socketGone: (socketId) => {
      for (const { commandId, type } of pending.waitingOn(socketId)) {
        if (!pending.claim(commandId)) continue;
        if (type === 'SUBSCRIBE') gates.shut(commandId);
        settle(commandId, { outcome: 'refused', reason: 'the connection ended before the reply came' });
      }
    },
    open: (integrationId) => pending.open(integrationId),
    idle: async (integrationId, graceMs) => {
      const until = clock.now() + graceMs;
      while (pending.open(integrationId) > 0 && clock.now() < until) await clock.sleep(20);
    },
  };
}
