import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chunkBytes, claimCheckBytes, limitsAt } from '@federation-agent/contracts';
import type { Broker } from '../broker.ts';
import { openChunkStore, type ChunkStore } from './chunk-store.ts';
import { fromClaim, toClaim } from './claim-check.ts';
import { connectTestBroker, startTestBroker, type TestBroker } from '../../test/broker.ts';

let server: TestBroker;
let broker: Broker;
let store: ChunkStore;

beforeAll(async () => {
  server = await startTestBroker();
  // A long time-out: megabytes are written to a disk that other tests use too, and no test here is about an absent
  // broker.
  broker = await connectTestBroker(server, 'aws-discovery', { ...limitsAt(20), brokerCall: 5_000 });
  store = await openChunkStore(broker, 'documents');
});
afterAll(async () => {
  await broker.close();
  await server.stop();
});

describe('a chunk store', () => {
  test.each([0, 1, chunkBytes, chunkBytes + 1, 6 * 1024 * 1024])('keeps %d bytes', async (size) => {
    const bytes = randomBytes(size);
    const ref = await store.put(bytes);
    expect(ref).toMatchObject({ bytes: size, chunks: Math.max(1, Math.ceil(size / chunkBytes)) });
    expect((await store.get(ref))?.equals(bytes)).toBe(true);
    expect(await store.has(ref)).toBe(true);
  });

  test('a missing chunk, or bytes that are not those of the hash, read as absent', async () => {
    const ref = await store.put(randomBytes(chunkBytes * 2));
    await broker.js.publish(`$KV.federation-agent_documents.${ref.sha256}.1`, 'other');
    expect(await store.get(ref)).toBeUndefined();
    await broker.jsm.streams.purge('KV_federation-agent_documents', {
      filter: `$KV.federation-agent_documents.${ref.sha256}.1`,
    });
    expect(await store.has(ref)).toBe(false);
    expect(await store.get(ref)).toBeUndefined();
  });

  test('lists what it holds with its age, and purges it whole', async () => {
    const ref = await store.put(randomBytes(chunkBytes * 2));
    const listed = (await store.list()).find(({ sha256 }) => sha256 === ref.sha256);
    expect(Math.abs((listed?.createdAt ?? 0) - Date.now())).toBeLessThan(60_000);
    await store.purge(ref.sha256);
    expect(await store.has(ref)).toBe(false);
    expect((await store.list()).some(({ sha256 }) => sha256 === ref.sha256)).toBe(false);
  });
});

describe('a claim check', () => {
  test('small values travel inside, large ones as a reference', async () => {
    const small = { text: 'a' };
    const large = { text: 'ä'.repeat(claimCheckBytes / 2) };
    expect(await toClaim(store, small)).toEqual({ inline: small });
    const claim = await toClaim(store, large);
    expect(claim).toHaveProperty('ref.bytes');
    expect(await fromClaim(store, claim)).toEqual(large);
    expect(await fromClaim(store, { inline: small })).toEqual(small);
  });

  test('a reference to nothing is an error that says so', async () => {
    const ref = { sha256: 'a'.repeat(64), chunks: 1, bytes: 1 };
    await expect(fromClaim(store, { ref })).rejects.toMatchObject({ code: 'payload-missing' });
  });
});
