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
  readonly onMeasured: () => void;
}

/** How often this host's clock is compared with its count of milliseconds, and a difference that is not drift; ms. */
const lookEvery = 5_000;
const setBy = 200;

/**
 * Measured every `limits.clockCheck`, and at once when this host's clock was set; the first time as soon as the bucket
 * exists.
 *
 * @param monotonic milliseconds that no setting of the clock changes
 */
export function watchClock(
  options: ClockOffsetOptions,
  monotonic: () => number = () => performance.now(),
): ClockOffset {
  const { limits, clock } = options;
  const stopping = new AbortController();
  let offset: number | undefined;
  void (async () => {
    while (!stopping.signal.aborted) {
      // After a failure the last offset stays: clocks drift slowly, and the broker is away only for seconds.
      const began = clock.now() - monotonic();
      offset = (await measure(options).catch(() => undefined)) ?? offset;
      options.onMeasured();
      if (offset === undefined) await clock.sleep(limits.publishRetry, stopping.signal);
      else await untilDue(began);
    }
  })();
  return { current: () => offset ?? 0, stop: () => stopping.abort() };

  async function untilDue(began: number): Promise<void> {
    for (let left = limits.clockCheck; left > 0 && !stopping.signal.aborted; left -= lookEvery) {
      await clock.sleep(Math.min(lookEvery, left), stopping.signal);
      if (Math.abs(clock.now() - monotonic() - began) > setBy) return;
    }
  }
}

async function measure({ js, jsm, names, name, clock }: ClockOffsetOptions): Promise<number | undefined> {
  const subject = `${names.writtenKeys(buckets.suspects)}clock.${idToken(name)}`;
  const before = clock.now();
  const { seq } = await js.publish(subject, JSON.stringify({ instance: name, at: before }));
  const after = clock.now();
  const stored = await jsm.streams.getMessage(names.bucketStream(buckets.suspects), { seq });
  return stored ? stored.time.getTime() - (before + after) / 2 : undefined;
}
