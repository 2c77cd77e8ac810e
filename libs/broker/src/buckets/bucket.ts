import { JetStreamApiCodes } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import type { z } from 'zod';
import type { BucketName } from '@federation-agent/contracts';
import { countFromZero, describeError } from '@federation-agent/base';
import { UnreadableRecordError } from '../errors.ts';
import { brokerMetrics, brokerMetricSpecs } from '../broker-metrics.ts';
import type { Broker } from '../broker.ts';
import { collect } from './bucket-read.ts';
import { watchBucket, type BucketWatch } from './bucket-watch.ts';
import { jetStreamErrorCode, brokerCall } from '../calls.ts';
import { checkFilter, checkKey } from './keys.ts';
import type { RawRecord } from './raw-record.ts';

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
 * asked for may have been done, so read again. Reads go to the leader: what was written is what is read.
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
  /**
   * Removes the key; with a revision only while it still has that one. Watchers hear of it by a marker, which goes
   * after two seconds.
   *
   * @returns false: it has another revision, or is gone
   */
  purge(key: string, revision?: number): Promise<boolean>;
  /** Keys under a filter such as `a.*` or `a.>`; all without. */
  keys(filter?: string): Promise<string[]>;
  /** Values under a filter, in one pass; what does not parse is counted, logged and left out. */
  entries(filter?: string): Promise<Entry<T>[]>;
  /** What `pick` makes of them, so that not all need to be in memory at once; undefined leaves one out. */
  select<U>(filter: string, pick: (entry: Entry<T>) => U | undefined): Promise<U[]>;
  /** Every value under the filter as it is, then every change; after a reconnect all of them again. */
  watch(filter: string | undefined, onChange: (change: Change<T>) => void): Promise<BucketWatch>;
}

const conflicts = new Set<number | undefined>([
  JetStreamApiCodes.StreamWrongLastSequence,
  JetStreamApiCodes.StreamWrongLastSequenceUnknown,
]);

const createAttempts = 5;
/** How long a marker stays: watchers are told by it, and one that goes at once may be gone before they are. */
const markerMs = 2_000;

/** Asks nothing of the broker: the bucket is made by `ensureTopology`. */
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
        'a record cannot be read and is passed over: it was written by another version, or by hand',
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

  /** @param expected the revision it must have; 0 for none, undefined for any */
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
      // A marker of a removal; between our questions it may have gone, or come.
      const over = current && (await write(key, value, current.revision));
      if (over !== undefined) return over;
    }
    return undefined;
  };

  /** Nothing newer than the marker goes with it. Best effort: a marker that stays reads as absent. */
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
      // What a process left that ended before it dropped its marker.
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
    watch: (filter = '>', onChange) =>
      watchBucket(broker, name, checkFilter(filter), (record) => {
        onChange({ key: record.key, revision: record.revision, value: parseOrSkip(record)?.value });
      }),
  });
}
