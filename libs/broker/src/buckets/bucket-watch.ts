/** A watch that survives reconnects: it starts again, and also tells what was removed meanwhile. */
import type { BucketName } from '@federation-agent/contracts';
import { describeError, type Disposition } from '@federation-agent/base';
import type { Broker } from '../broker.ts';
import { dispositionOf, isDenied } from '../errors.ts';
import { startBucketRead, type BucketRead } from './bucket-read.ts';
import type { RawRecord } from './raw-record.ts';

export interface BucketWatch {
  stop(): Promise<void>;
}

/** Why values cannot be read now. */
interface WatchTrouble {
  readonly reason: string;
  /** `retryable`: the broker does not answer now; else it refuses, for example because the bucket is not there yet. */
  readonly disposition: Disposition;
}

export interface WatchOptions {
  /** Called when the values cannot be read, and with undefined once all have been told. */
  readonly onTrouble?: (trouble: WatchTrouble | undefined) => void;
  /** Ends the watch, also one that has not told every record yet. */
  readonly signal?: AbortSignal;
}

/** Resolves when every existing record has been told once, or when the watch ends before that. */
export async function watchBucket(
  broker: Broker,
  bucket: BucketName,
  filter: string,
  onRecord: (record: RawRecord) => void,
  { onTrouble = () => undefined, signal }: WatchOptions = {},
): Promise<BucketWatch> {
  const { clock, limits, telemetry } = broker;
  const stopping = new AbortController();
  const first = Promise.withResolvers<undefined>();
  const known = new Map<string, number>();
  let current: BucketRead | undefined;

  const deliver = (record: RawRecord): void => {
    if (record.data === undefined) known.delete(record.key);
    else known.set(record.key, record.revision);
    onRecord(record);
  };

  const round = async (): Promise<void> => {
    const seen = new Set<string>();
    const before = [...known];
    current = await startBucketRead(
      broker,
      bucket,
      filter,
      (record) => {
        seen.add(record.key);
        deliver(record);
      },
      () => {
        for (const [key, revision] of before) {
          if (!seen.has(key)) deliver({ key, revision, data: undefined, createdAt: clock.now() });
        }
        onTrouble(undefined);
        first.resolve(undefined);
      },
    );
    if (stopping.signal.aborted) current.stop();
    await current.ended;
  };

  void broker.nc.closed().then(() => stopping.abort());
  const unsubscribe = broker.onReconnect(() => current?.stop());
  const end = (): void => {
    stopping.abort();
    unsubscribe();
    current?.stop();
  };
  if (signal?.aborted) end();
  signal?.addEventListener('abort', end, { once: true });
  const running = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await round();
      } catch (error) {
        const reason = describeError(error);
        onTrouble({ reason, disposition: isDenied(error) ? 'final' : dispositionOf(error) });
        telemetry.log.debug({ bucket, reason }, 'the watch begins again');
        await clock.sleep(isDenied(error) ? limits.refusedRetry : limits.publishRetry, stopping.signal);
      }
    }
    first.resolve(undefined);
  })();
  await first.promise;

  return {
    stop: async () => {
      signal?.removeEventListener('abort', end);
      end();
      await running;
    },
  };
}
