import { createHash } from 'node:crypto';
import { chunkBytes, type PayloadRef } from '@federation-agent/contracts';
import { mapConcurrently } from '@federation-agent/base';
import { collect } from './bucket-read.ts';
import type { Broker } from '../broker.ts';
import { brokerCall } from '../calls.ts';
import { checkKey } from './keys.ts';

/** Bytes by their SHA-256, cut into chunks of `chunkBytes`. All calls throw BrokerUnavailableError on a time-out. */
export interface ChunkStore {
  /** Storing the same bytes again is harmless, and makes them as young as new. */
  put(bytes: Uint8Array): Promise<PayloadRef>;
  /** Undefined when a chunk is missing or the bytes are not those of the hash. */
  get(ref: PayloadRef): Promise<Buffer | undefined>;
  has(ref: PayloadRef): Promise<boolean>;
  purge(sha256: string): Promise<void>;
  /** What is stored, with the broker's time of the first chunk (epoch ms). */
  list(): Promise<{ readonly sha256: string; readonly createdAt: number }[]>;
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
/** Chunks on the way at once: enough to hide the round trips, few enough for the broker's memory. */
const parallel = 4;

/** Asks nothing of the broker: the bucket is made by `ensureTopology`. */
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
      // Any replica may answer the first question; one that lags behind does not know the chunk yet.
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

/** From 0 on, so many. */
function numbers(count: number): readonly number[] {
  return [...Array(count).keys()];
}
