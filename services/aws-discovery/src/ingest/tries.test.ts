/** What an ingest job does again: how often, with which pauses, and where that ends. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Clock, systemClock } from '@federation-agent/base';
import { eventually } from '@federation-agent/base/test';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { startWorkbench, type Workbench } from '../../test/workbench.ts';

/** No other pause is like it. */
const brokerCall = 437;
let server: TestBroker;
let bench: Workbench;
beforeAll(async () => {
  server = await startTestBroker();
  bench = await startWorkbench(server, { claim: 3_000, brokerCall });
});
afterAll(async () => {
  await bench.stop();
  await server.stop();
});

test('a job that the broker interrupts is tried again after each second until the broker is back, and not once more', async () => {
  bench.aws.control.seed({ apis: 10, unplanned: 0, plans: 1 });
  bench.aws.control.addFault({ match: { operation: 'GetExport' }, fault: { kind: 'delay', ms: 300 } });
  const tries: number[] = [];
  const clock: Clock = {
    ...systemClock,
    sleep: (ms, signal) => {
      if (ms === brokerCall) tries.push(Date.now());
      return systemClock.sleep(ms, signal);
    },
  };
  await bench.start({ clock, federation: { ingest: { startDelayMs: 0, batchApis: 2 } } });
  const ingestJobId = randomUUID();
  await bench.link.startIngest({ ingestJobId });
  await eventually(() => bench.link.batchesOf(ingestJobId).length > 0);
  await server.kill();
  await eventually(() => tries.length >= 3);
  await server.restart();
  await bench.link.untilDone(ingestJobId);
  const count = tries.length;
  // Two that are under way may both have failed when it came back.
  expect(count).toBeLessThanOrEqual(6);
  // Each began after the pause before it was over.
  const all = (tries.at(-1) ?? 0) - (tries[0] ?? 0);
  expect(all).toBeGreaterThanOrEqual(0.9 * (count - 1) * brokerCall);
});
