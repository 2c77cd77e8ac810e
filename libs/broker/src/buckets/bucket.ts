import { JetStreamApiCodes } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import type { z } from 'zod';
import type { BucketName } from '@federation-agent/contracts';
import { countFromZero, describeError } from '@federation-agent/base';
import { UnreadableRecordError } from '../errors.ts';
import { brokerMetrics, brokerMetricSpecs } from '../broker-metrics.ts';
import type { Broker } from '../broker.ts';
import { collect } from './bucket-read.ts';
import { watchBucket, type BucketWatch, type WatchOptions } from './bucket-watch.ts';
import { jetStreamErrorCode, brokerCall } from '../calls.ts';
import { checkFilter, checkKey } from './keys.ts';
import type { RawRecord } from './raw-record.ts';

/** A record, with the revision that a compare-and-set needs. */
export interface Entry<T> {
  readonly key: string;
  readonly value: T;
  readonly revision: number;
}

export interface Change<T> {
  readonly key: string;
  /** Undefined: the record was removed, or cannot be read. */
  readonly value: T | undefined;
  readonly revision: number;
}

/**
 * A typed bucket. Every call ends within `limits.brokerCall`, or throws BrokerUnavailableError (retryable). After that
 * error the change may have been made, so read again. Reads go to the leader: they see every write.
 */
export interface Bucket<T> {
  readonly name: BucketName;
  /** @throws UnreadableRecordError when the value does not parse */
  get(key: string): Promise<Entry<T> | undefined>;
  /** Returns the revision; undefined when the key exists. Works again after a purge. */
  create(key: string, value: T): Promise<number | undefined>;
  /** Returns the new revision; undefined when somebody else was quicker. */
  update(key: string, value: T, revision: number): Promise<number | undefined>;
  put(key: string, value: T): Promise<number>;
  /**
   * Removes the key; with a revision only while the key still has it. A marker tells watchers; it is removed after two
   * seconds.
   *
   * @returns false: the key has another revision, or is gone
   */
  purge(key: string, revision?: number): Promise<boolean>;
  /** Keys under a filter such as `a.*` or `a.>`; without a filter all keys. */
  keys(filter?: string): Promise<string[]>;
  /** Values under a filter, in one pass. Unreadable records are counted, logged and left out. */
  entries(filter?: string): Promise<Entry<T>[]>;
  /** What `pick` returns for each, so that not all records are in memory at once. Undefined leaves a record out. */
  select<U>(filter: string, pick: (entry: Entry<T>) => U | undefined): Promise<U[]>;
  /** Tells every value under the filter, then every change. After a reconnect it tells all values again. */
  watch(
    filter: string | undefined,
    onChange: (change: Change<T>) => void,
    options?: WatchOptions,
  ): Promise<BucketWatch>;
}

const conflicts = new Set<number | undefined>([
  JetStreamApiCodes.StreamWrongLastSequence,
  JetStreamApiCodes.StreamWrongLastSequenceUnknown,
]);

const createAttempts = 5;
/** How long a marker of a removal stays. One that goes at once may be gone before watchers see it. */
const markerMs = 2_000;

/** Sends nothing to the broker: `ensureTopology` makes the bucket. */
export function openBucket<T>(broker: Broker, name: BucketName, schema: z.ZodType<T>): Promise<Bucket<T>> {
  const { js, jsm, names } = broker;
  const stream = names.bucketStream(name);
  const prefix = names.keys(name);
  const written = names.writtenKeys(name);
  const { unreadableRecords } = brokerMetrics(broker.telemetry);
  countFromZero(unreadableRecords, brokerMetricSpecs.unreadableRecords, { bucket: name });
  const doing = (verb: string): string => `${verb} in the bucket ${name}`;

  const parse = ({ key, data, revision }: RawRecord): Entry<T> | undefined => {
    if (data === undefined) return undefined;
    try {
      return { key, revision, value: schema.parse(JSON.parse(new TextDecoder().decode(data))) };
    } catch (cause) {
      unreadableRecords.inc({ bucket: name });
      throw new UnreadableRecordError(name, key, cause);
    }
  };
  const parseOrSkip = (record: RawRecord): Entry<T> | undefined => {
    try {
      return parse(record);
    } catch (error) {
      broker.telemetry.log.error(
        { bucket: name, key: record.key, reason: describeError(error) },
        'a record is skipped because it cannot be read: it was written by another version, or by hand',
      );
      return undefined;
    }
  };

  const read = (key: string): Promise<RawRecord | undefined> =>
    brokerCall(doing('read'), async () => {
      const stored = await jsm.streams.getMessage(stream, { last_by_subj: prefix + checkKey(key) });
      if (!stored) return undefined;
      const data = stored.header.get('KV-Operation') === '' ? stored.data : undefined;
      return { key, revision: stored.seq, data, createdAt: stored.time.getTime() };
    });

  /** @param expected the revision that the record must have; 0: no record, undefined: any */
  const write = (key: string, value: T | undefined, expected?: number): Promise<number | undefined> =>
    brokerCall(doing('write'), async () => {
      const marker = headers();
      if (value === undefined) marker.set('KV-Operation', 'DEL');
      try {
        const body = value === undefined ? '' : JSON.stringify(value);
        const ack = await js.publish(written + checkKey(key), body, {
          headers: marker,
          ...(expected !== undefined && { expect: { lastSubjectSequence: expected } }),
        });
        return ack.seq;
      } catch (error) {
        if (conflicts.has(jetStreamErrorCode(error))) return undefined;
        throw error;
      }
    });

  const create = async (key: string, value: T): Promise<number | undefined> => {
    for (let attempt = 0; attempt < createAttempts; attempt += 1) {
      const revision = await write(key, value, 0);
      if (revision !== undefined) return revision;
      const current = await read(key);
      if (current?.data !== undefined) return undefined;
      // A marker of a removal. It may have gone, or come, between our two calls.
      const over = current && (await write(key, value, current.revision));
      if (over !== undefined) return over;
    }
    return undefined;
  };

  /** Removes the marker, but nothing newer. Best effort: a marker that stays reads as absent. */
  const dropMarker = (key: string, marker: number): void => {
    jsm.streams.purge(stream, { filter: prefix + key, seq: marker + 1 }).catch(() => undefined);
  };

  const purge = async (key: string, revision?: number): Promise<boolean> => {
    if (revision === undefined && (await read(key))?.data === undefined) return false;
    const marker = await write(key, undefined, revision);
    if (marker === undefined) return false;
    setTimeout(() => dropMarker(key, marker), markerMs).unref();
    return true;
  };

  const pass = <U>(
    filter: string,
    pick: (record: RawRecord) => U | undefined,
    options: { readonly headersOnly?: boolean } = {},
  ): Promise<U[]> => {
    const old = broker.clock.now() + broker.clockOffset() - 30 * markerMs;
    const live = (record: RawRecord): U | undefined => {
      if (record.data !== undefined) return pick(record);
      // Left by a process that ended before it removed its marker.
      if (record.createdAt < old) dropMarker(record.key, record.revision);
      return undefined;
    };
    return collect(broker, name, checkFilter(filter), live, options);
  };
  const select = <U>(filter: string, pick: (entry: Entry<T>) => U | undefined): Promise<U[]> =>
    pass(filter, (record) => {
      const entry = parseOrSkip(record);
      return entry && pick(entry);
    });

  return Promise.resolve({
    name,
    get: async (key) => {
      const record = await read(key);
      return record && parse(record);
    },
    create,
    update: (key, value, revision) => write(key, value, revision),
    put: async (key, value) => (await write(key, value)) ?? 0,
    purge,
    keys: (filter = '>') => pass(filter, ({ key }) => key, { headersOnly: true }),
    entries: (filter = '>') => select(filter, (entry) => entry),
    select,
    watch: (filter = '>', onChange, options) =>
      watchBucket(
        broker,
        name,
        checkFilter(filter),
        (record) => {
          onChange({ key: record.key, revision: record.revision, value: parseOrSkip(record)?.value });
        },
        options,
      ),
  });
}
