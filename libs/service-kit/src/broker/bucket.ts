import type { z } from 'zod';
import type { BucketName } from '@federation-agent/contracts';
import type { Broker } from './broker.ts';

/** A record with the revision that a compare-and-set needs. */
export interface Entry<T> {
  readonly key: string;
  readonly value: T;
  readonly revision: number;
}

export interface Change<T> {
  readonly key: string;
  /** Undefined: removed, or not readable. */
  readonly value: T | undefined;
  readonly revision: number;
}

/**
 * A typed bucket. Every call is over within `limits.brokerCall` or throws BrokerUnavailableError (retryable): what was
 * asked for may have been done.
 */
export interface Bucket<T> {
  readonly name: BucketName;
  /** @throws UnreadableRecordError when the value does not parse */
  get(key: string): Promise<Entry<T> | undefined>;
  /** The revision; undefined when the key exists. Works again after a purge. */
  create(key: string, value: T): Promise<number | undefined>;
  /** The new revision; undefined when somebody else was quicker. */
  update(key: string, value: T, revision: number): Promise<number | undefined>;
  put(key: string, value: T): Promise<number>;
  /** Removes the key; with a revision only while it still has that one. False: it has another one, or is gone. */
  purge(key: string, revision?: number): Promise<boolean>;
  /** Keys under a filter such as `a.*` or `a.>`; all without. */
  keys(filter?: string): Promise<string[]>;
  /** Values under a filter, in one pass; what does not parse is counted, logged and left out. */
  entries(filter?: string): Promise<Entry<T>[]>;
  /** Every value under the filter as it is, then every change, also over reconnects (a value may come twice). */
  watch(
    filter: string | undefined,
    onChange: (change: Change<T>) => void,
  ): Promise<{ stop(): Promise<void> }>;
}

export function openBucket<T>(broker: Broker, name: BucketName, schema: z.ZodType<T>): Promise<Bucket<T>> {
  throw new Error(`not here yet: ${broker.name} ${name} ${schema.type}`);
}
