import { type Clock, type Randomness, systemClock, systemRandomness } from '@federation-agent/base';
import { ContendedRecordError } from '../errors.ts';
import type { Bucket, Entry } from './bucket.ts';

export interface ChangeRecordOptions {
  readonly clock?: Clock;
  readonly random?: Randomness;
  /** How many conflicts before it gives up; 100 by default. */
  readonly attempts?: number;
}

/**
 * Reads, decides and writes by compare-and-set. On a conflict it starts again after 0-20 ms.
 *
 * @param decide pure; may run several times; undefined leaves the record unchanged
 * @returns the record as written, or as it is when unchanged; undefined when there is none
 * @throws BrokerUnavailableError: the change may have been written
 */
export async function changeRecord<T>(
  bucket: Bucket<T>,
  key: string,
  decide: (current: T | undefined) => T | undefined,
  options: ChangeRecordOptions = {},
): Promise<Entry<T> | undefined> {
  const { clock = systemClock, random = systemRandomness, attempts = 100 } = options;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const current = await bucket.get(key);
    const value = decide(current?.value);
    if (value === undefined) return current;
    const revision = current
      ? await bucket.update(key, value, current.revision)
      : await bucket.create(key, value);
    if (revision !== undefined) return { key, value, revision };
    await clock.sleep(random.fraction() * 20);
  }
  throw new ContendedRecordError(bucket.name, key);
}
