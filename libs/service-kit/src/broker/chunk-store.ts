import type { PayloadRef } from '@federation-agent/contracts';
import type { Broker } from './broker.ts';

/** Bytes by their SHA-256, cut into chunks of `chunkBytes`. All calls throw BrokerUnavailableError on a time-out. */
export interface ChunkStore {
  /** Storing the same bytes again is cheap and harmless. */
  put(bytes: Uint8Array): Promise<PayloadRef>;
  /** Undefined when a chunk is missing or the bytes are not those of the hash. */
  get(ref: PayloadRef): Promise<Buffer | undefined>;
  has(ref: PayloadRef): Promise<boolean>;
  purge(sha256: string): Promise<void>;
  /** What is stored, with the broker's time of the first chunk (epoch ms). */
  list(): Promise<{ readonly sha256: string; readonly createdAt: number }[]>;
}

export function openChunkStore(broker: Broker, name: 'documents' | 'payloads'): Promise<ChunkStore> {
  throw new Error(`not here yet: ${broker.name} ${name}`);
}
