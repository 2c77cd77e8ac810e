/** A watch that survives reconnects: it starts again, and also tells what was removed meanwhile. */
import type { BucketName } from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import type { Broker } from '../broker.ts';
import { isDenied } from '../errors.ts';
import { startBucketRead, type BucketRead } from './bucket-read.ts';
import type { RawRecord } from './raw-record.ts';

export interface BucketWatch {
  stop(): Promise<void>;
}

/**
 * Resolves when every existing record has been told once.
 *
 * @param onTrouble see `Bucket.watch`
 */
export async function watchBucket(
  broker: Broker,
  bucket: BucketName,
  filter: string,
  onRecord: (record: RawRecord) => void,
  onTrouble: (reason: string | undefined) => void = () => undefined,
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
  const running = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await round();
      } catch (error) {
        const reason = describeError(error);
        onTrouble(reason);
        telemetry.log.debug({ bucket, reason }, 'the watch begins again');
        await clock.sleep(isDenied(error) ? limits.refusedRetry : limits.publishRetry, stopping.signal);
      }
    }
    first.resolve(undefined);
  })();
  await first.promise;

  return {
    stop: async () => {
      stopping.abort();
      unsubscribe();
      current?.stop();
      await running;
    },
  };
}
