/**
 * Whether the link may hold an integration's socket: only while the broker and the workers behind it work. So
 * "Connected" in the console means that commands get done.
 */
import { AliveAnswer, workerKinds, type Limits, type WorkerKind } from '@federation-agent/contracts';
import type { Clock } from '@federation-agent/base';
import type { Broker } from '@federation-agent/broker';

/** What is known of broker and workers. Times are epoch ms; a kind of worker that never answered is absent. */
export interface ChainFacts {
  readonly brokerDownSince: number | undefined;
  readonly lastAlive: Readonly<Partial<Record<WorkerKind, number>>>;
}

/** Why commands cannot be done now; undefined: they can. Pure. */
export function notReadyReason(facts: ChainFacts, now: number, limits: Limits): string | undefined {
  const { brokerDownSince, lastAlive } = facts;
  if (brokerDownSince !== undefined && now - brokerDownSince > limits.brokerGrace) {
    return 'the broker is not reachable';
  }
  const missing = workerKinds.filter((kind) => {
    const at = lastAlive[kind];
    return at === undefined || now - at > limits.aliveMemory;
  });
  return missing.length === 0
    ? undefined
    : `no ${missing.join(' and no ')} worker answers for this integration`;
}

export interface ChainReadiness {
  /** Undefined when all is well. */
  reason(): string | undefined;
  stop(): Promise<void>;
}

export interface ChainReadinessOptions {
  readonly integrationId: string;
  readonly broker: Broker;
  readonly limits: Limits;
  readonly clock: Clock;
  /** Called when the reason changes, and once at the first check. */
  readonly onChange: (reason: string | undefined) => void;
}

const firstPauseMs = 20;
const growth = 1.3;

/** Milliseconds until workers are asked again, after so many rounds in a row in which one did not answer. Pure. */
export function pauseOf(round: number, { aliveInterval, aliveTimeout }: Limits): number {
  if (round === 0) return aliveInterval;
  return Math.min(aliveTimeout, Math.round(firstPauseMs * growth ** (round - 1)));
}

/**
 * Asks every kind of worker for this integration every 20 s. While one does not answer it asks at once, and more and
 * more slowly up to every second: a worker that starts beside the link is noticed when it is there.
 */
export function watchChainReadiness({
  integrationId,
  broker,
  limits,
  clock,
  onChange,
}: ChainReadinessOptions): ChainReadiness {
  const stopping = new AbortController();
  const lastAlive: Partial<Record<WorkerKind, number>> = {};
  let reported: string | undefined | null = null;

  const currentReason = (): string | undefined =>
    notReadyReason({ brokerDownSince: broker.downSince(), lastAlive }, clock.now(), limits);
  const check = (): string | undefined => {
    const reason = currentReason();
    if (reason !== reported && !stopping.signal.aborted) {
      reported = reason;
      onChange(reason);
    }
    return reason;
  };
  /** @returns whether it answered */
  const ask = async (kind: WorkerKind): Promise<boolean> => {
    if (!broker.connected()) return false;
    try {
      const answer = await broker.nc.request(broker.subjects.alive(kind, integrationId), '', {
        timeout: limits.aliveTimeout,
      });
      if (!AliveAnswer.safeParse(answer.json()).success) return false;
      lastAlive[kind] = clock.now();
      // The first answer of the last missing kind opens the socket; a kind that answers slowly does not delay it.
      if (currentReason() === undefined) check();
      return true;
    } catch {
      // No responders, a time-out or an answer that is not JSON: not alive.
      return false;
    }
  };
  const run = async (): Promise<void> => {
    let round = 0;
    while (!stopping.signal.aborted) {
      const answered = await Promise.all(workerKinds.map(ask));
      round = check() === undefined && !answered.includes(false) ? 0 : round + 1;
      await clock.sleep(pauseOf(round, limits), stopping.signal);
    }
  };
  const running = run();
  return {
    reason: check,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
