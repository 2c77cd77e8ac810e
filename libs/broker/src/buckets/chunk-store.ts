import { createHash } from 'node:crypto';
import { chunkBytes, type PayloadRef } from '@federation-agent/contracts';
import { mapConcurrently } from '@federation-agent/base';
import { collect } from './bucket-read.ts';
import type { Broker } from '../broker.ts';
import { brokerCall } from '../calls.ts';
import { checkKey } from './keys.ts';

/**
 * Stores bytes by their SHA-256, cut into chunks of `chunkBytes`. Every call throws BrokerUnavailableError on a
 * time-out.
 */
export interface ChunkStore {
  /** Storing the same bytes again is harmless, and restarts their TTL. */
  put(bytes: Uint8Array): Promise<PayloadRef>;
  /** Undefined when a chunk is missing, or when the bytes do not have this hash. */
  get(ref: PayloadRef): Promise<Buffer | undefined>;
  has(ref: PayloadRef): Promise<boolean>;
  purge(sha256: string): Promise<void>;
  /** The stored hashes, each with the broker's time of its first chunk (epoch ms). */
  list(): Promise<{ readonly sha256: string; readonly createdAt: number }[]>;
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
/** Chunks under way at once: enough to hide the round trips, few enough for the broker's memory. */
const parallel = 4;

/** Sends nothing to the broker: `ensureTopology` makes the bucket. */
export function openChunkStore(broker: Broker, name: 'documents' | 'payloads'): Promise<ChunkStore> {
  const { js, jsm, names } = broker;
  const stream = names.bucketStream(name);
  const keyOf = (sha256: string, chunk: number | '>'): string => `${checkKey(sha256)}.${chunk}`;
  const subject = (sha256: string, chunk: number | '>'): string => names.keys(name) + keyOf(sha256, chunk);

  const writeChunk = (sha256: string, chunk: number, bytes: Uint8Array): Promise<void> =>
    brokerCall(`store in ${name}`, async () => {
      await js.publish(names.writtenKeys(name) + keyOf(sha256, chunk), bytes);
    });

  const readChunk = (sha256: string, chunk: number): Promise<Uint8Array | undefined> =>
    brokerCall(`read in ${name}`, async () => {
      const query = { last_by_subj: subject(sha256, chunk) };
      // Any NATS replica may answer the first request; one that lags behind may not have the chunk yet.
      const stored =
        (await jsm.direct.getMessage(stream, query)) ?? (await jsm.streams.getMessage(stream, query));
      return stored?.data;
    });

  return Promise.resolve({
    put: async (bytes) => {
      const sha256 = sha256Of(bytes);
      const chunks = Math.max(1, Math.ceil(bytes.length / chunkBytes));
      await mapConcurrently(numbers(chunks), parallel, (chunk) =>
        writeChunk(sha256, chunk, bytes.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes)),
      );
      return { sha256, chunks, bytes: bytes.length };
    },
    get: async ({ sha256, chunks }) => {
      const parts = await mapConcurrently(numbers(chunks), parallel, (chunk) => readChunk(sha256, chunk));
      if (parts.includes(undefined)) return undefined;
      const whole = Buffer.concat(parts.filter((part) => part !== undefined));
      return sha256Of(whole) === sha256 ? whole : undefined;
    },
    has: ({ sha256, chunks }) =>
      brokerCall(`look in ${name}`, async () => {
        const { state } = await jsm.streams.info(stream, { subjects_filter: subject(sha256, '>') });
        return Object.keys(state.subjects ?? {}).length === chunks;
      }),
    purge: (sha256) =>
      brokerCall(`purge in ${name}`, async () => {
        await jsm.streams.purge(stream, { filter: subject(sha256, '>') });
      }),
    list: () =>
      collect(
        broker,
        name,
        '*.0',
        ({ key, data, createdAt }) => data && { sha256: key.split('.')[0] ?? key, createdAt },
        { headersOnly: true },
      ),
  });
}

/** The numbers from 0 to `count` - 1. */
function numbers(count: number): readonly number[] {
  return [...Array(count).keys()];
}
