/**
 * The broker's clock, taken from the time that it gives to a write of ours in `suspects`, where every service may
 * write. Budgets use broker time, so hosts with different clocks can share them (2.8 s of skew did no harm, measured).
 */
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import { buckets, idToken, type BrokerNames, type Limits } from '@federation-agent/contracts';
import type { Clock } from '@federation-agent/base';

export interface ClockOffset {
  /** Milliseconds; broker time = local time + offset. */
  current(): number;
  stop(): void;
}

export interface ClockOffsetOptions {
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  readonly names: BrokerNames;
  readonly name: string;
  readonly limits: Limits;
  readonly clock: Clock;
}

/** Measured every `limits.clockCheck`; the first time as soon as the bucket exists. */
export function watchClock(options: ClockOffsetOptions): ClockOffset {
  const { limits, clock } = options;
  const stopping = new AbortController();
  let offset: number | undefined;
  void (async () => {
    while (!stopping.signal.aborted) {
      // After a failure the last offset stays: clocks drift slowly, and the broker is away only for seconds.
      offset = (await measure(options).catch(() => undefined)) ?? offset;
      const pause = offset === undefined ? limits.publishRetry : limits.clockCheck;
      await clock.sleep(pause, stopping.signal);
    }
  })();
  return { current: () => offset ?? 0, stop: () => stopping.abort() };
}

async function measure({ js, jsm, names, name, clock }: ClockOffsetOptions): Promise<number | undefined> {
  const subject = `${names.writtenKeys(buckets.suspects)}clock.${idToken(name)}`;
  const before = clock.now();
  const { seq } = await js.publish(subject, JSON.stringify({ instance: name, at: before }));
  const after = clock.now();
  const stored = await jsm.streams.getMessage(names.bucketStream(buckets.suspects), { seq });
  return stored ? stored.time.getTime() - (before + after) / 2 : undefined;
}
