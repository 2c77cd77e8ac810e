/** A list and a watch, while the records that they should return are removed or written anew. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { limitsAt } from '@federation-agent/contracts';
import { yieldToEventLoop } from '@federation-agent/base';
import type { Broker } from '../broker.ts';
import { openBucket, type Bucket } from './bucket.ts';
import { connectTestBroker, startTestBroker, type TestBroker } from '../../test/broker.ts';

let server: TestBroker;
let broker: Broker;
let bucket: Bucket<{ n: number }>;

beforeAll(async () => {
  server = await startTestBroker();
  broker = await connectTestBroker(server, 'aws-discovery', limitsAt(1));
  bucket = await openBucket(broker, 'catalog', z.object({ n: z.number() }));
});
afterAll(async () => {
  await broker.close();
  await server.stop();
});

const takeAway = (key: string): Promise<unknown> =>
  broker.jsm.streams.purge(broker.names.bucketStream('catalog'), {
    filter: broker.names.keys('catalog') + key,
  });

test('a list ends, and a watch begins, though the record that was counted is gone before it came', async () => {
  const over: Promise<void>[] = [];
  for (let round = 0; round < 24; round += 1) {
    const key = `gone.${round}`;
    await bucket.put(key, { n: round });
    const listed = bucket.keys(key);
    const watched = bucket.watch(key, () => undefined);
    const ends = async (): Promise<void> => {
      expect((await listed).length).toBeLessThanOrEqual(1);
      await (await watched).stop();
    };
    // Not awaited here: each may wait for a call's time-out for a record that does not come any more.
    over.push(ends());
    await new Promise((resolve) => setTimeout(resolve, (round % 15) / 5));
    await takeAway(key);
  }
  await Promise.all(over);
}, 60_000);

test('a list lacks no record, though many of them are written anew meanwhile', async () => {
  // So many calls at once may take a busy machine more than a second each.
  const patient = await connectTestBroker(server, 'aws-discovery', { ...limitsAt(1), brokerCall: 20_000 });
  const kept = await openBucket(patient, 'catalog', z.object({ n: z.number() }));
  const count = 60;
  const put = (n: number) => kept.put(`kept.${n}`, { n });
  await Promise.all(Array.from({ length: count }, (_, n) => put(n)));
  const listed = { all: false };
  const writers = 16;
  const writing = Array.from({ length: writers }, async (_, writer) => {
    for (let n = writer; !listed.all; n = (n + writers) % count) await put(n);
  });
  const lengths = new Set<number>();
  try {
    for (let pass = 0; pass < 80; pass += 1) lengths.add((await kept.keys('kept.>')).length);
  } finally {
    listed.all = true;
    await Promise.all(writing);
    await patient.close();
  }
  expect([...lengths]).toEqual([count]);
}, 60_000);

test('a list lacks no record, though this process is too busy to take what has come', async () => {
  const hasty = await connectTestBroker(server, 'aws-discovery', { ...limitsAt(1), brokerCall: 250 });
  const full = await openBucket(hasty, 'catalog', z.object({ n: z.number() }));
  const keys = Array.from({ length: 6 }, (_, n) => `busy.${n}`);
  for (const key of keys) await full.put(key, { n: 1 });
  let over = false;
  const busy = async (): Promise<void> => {
    while (!over) {
      for (const until = performance.now() + 3; performance.now() < until;);
      await yieldToEventLoop();
    }
  };
  // Between two records of the list each of them has its turn: longer than the broker's time to answer.
  const others = Array.from({ length: 300 }, busy);
  const found = await full.keys('busy.>').finally(() => {
    over = true;
  });
  await Promise.all(others);
  await hasty.close();
  expect(found.toSorted()).toEqual(keys.toSorted());
}, 60_000);
