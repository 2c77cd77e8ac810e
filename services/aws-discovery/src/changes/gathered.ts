/**
 * The changes of one target that wait to be read, and when to read them. Pure: the clock is an argument. One read
 * answers for any number of messages, so a flood of them costs no more calls of AWS than the time allows.
 */
import type { Limits } from '@federation-agent/contracts';
import type { Change } from './read-change.ts';

/** What one read of a target does. */
export interface Gathered {
  /** APIs whose stages are read. */
  readonly apiIds: ReadonlySet<string>;
  /** Custom domains changed too. */
  readonly domains: boolean;
  readonly messages: readonly GatheredMessage[];
}

export interface GatheredMessage {
  readonly handle: string;
  readonly receives: number;
  /** Epoch ms: when the change was made; absent: unknown. */
  readonly madeAt?: number;
}

export interface Gathering {
  /** When too many wait already, nothing: the message comes again later. */
  add(change: Change, message: Pick<GatheredMessage, 'handle' | 'receives'>, now: number): void;
  /** Ms until the next read may begin; undefined: nothing waits. */
  wait(now: number): number | undefined;
  /** Everything that waits; the next read begins `changesApart` after this. */
  take(now: number): Gathered;
}

/** Ten receives of ten messages a second, for ten seconds; more come again in a minute. */
const mostMessages = 1_000;

export function createGathering({
  changePause,
  changeAge,
  changesApart,
}: Pick<Limits, 'changePause' | 'changeAge' | 'changesApart'>): Gathering {
  let apiIds = new Set<string>();
  let domains = false;
  let messages: GatheredMessage[] = [];
  /** Epoch ms: when the next read may begin, and must, although new changes keep coming. */
  let readyAt = 0;
  let latestAt = 0;
  let lastTakenAt = -Infinity;

  return {
    add: ({ apiId, domain, madeAt }, { handle, receives }, now) => {
      if (messages.length >= mostMessages) return;
      // A clock that is wrong, here or there, makes nobody wait longer than that.
      const oldEnough = Math.min((madeAt ?? 0) + changeAge, now + changeAge);
      if (messages.length === 0) {
        readyAt = Math.max(now + changePause, lastTakenAt + changesApart);
        latestAt = now + changesApart;
      }
      readyAt = Math.max(readyAt, Math.min(oldEnough, latestAt));
      if (apiId !== undefined) apiIds.add(apiId);
      domains ||= domain;
      messages.push({ handle, receives, ...(madeAt !== undefined && { madeAt }) });
    },
    wait: (now) => (messages.length === 0 ? undefined : Math.max(0, readyAt - now)),
    take: (now) => {
      const gathered = { apiIds, domains, messages };
      [apiIds, domains, messages] = [new Set(), false, []];
      lastTakenAt = now;
      return gathered;
    },
  };
}
