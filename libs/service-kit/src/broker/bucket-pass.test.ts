/** A list and a watch while what they are to bring is taken away under them. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { limitsAt } from '@federation-agent/contracts';
import { connectTestBroker, startTestBroker, type TestBroker } from '../testing/index.ts';
import type { Broker } from './broker.ts';
import { openBucket, type Bucket } from './bucket.ts';

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
  for (let round = 0; round < 24; round += 1) {
    const key = `gone.${round}`;
    await bucket.put(key, { n: round });
    const listed = bucket.keys(key);
    const watched = bucket.watch(key, () => undefined);
    await new Promise((resolve) => setTimeout(resolve, (round % 15) / 5));
    await takeAway(key);
    expect((await listed).length).toBeLessThanOrEqual(1);
    await (await watched).stop();
  }
}, 60_000);
