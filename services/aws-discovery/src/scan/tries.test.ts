/** What a scan does again: how often AWS is asked, with which pauses, and where that ends. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { systemClock } from '@federation-agent/base';
import { eventually } from '@federation-agent/base/test';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { startWorkbench, type Workbench } from '../../test/workbench.ts';

let server: TestBroker;
let bench: Workbench;
beforeAll(async () => {
  server = await startTestBroker();
});
afterAll(() => server.stop());
beforeEach(async () => {
  bench = await startWorkbench(server);
});
afterEach(() => bench.stop());

const momentsOf = (operation: string): number[] => bench.aws.control.log({ operation }).map(({ at }) => at);

test('a scan that was not complete comes again after a fifth of the interval until it is, and not once more', async () => {
  bench.addApi();
  const scanInterval = 4_000;
  // Three scans, each of which reads the list three times in vain.
  const fault = { kind: 'status', status: 500 } as const;
  bench.aws.control.addFault({ match: { operation: 'GetRestApis' }, times: 9, fault });
  await bench.start({ limits: { scanInterval, claimRenewal: 50 } });
  await eventually(async () => (await bench.record())?.lastCompleteAt !== undefined, 20_000);
  const calls = momentsOf('GetRestApis');
  expect(calls).toHaveLength(9 + 1);
  // All three pauses together: a busy machine may show a single one shorter.
  expect((calls[9] ?? 0) - (calls[0] ?? 0)).toBeGreaterThanOrEqual(0.9 * 3 * (scanInterval / 5));
  // The schedule of a bench is off: nothing is due any more.
  expect((await bench.record())?.dueAt).toBeGreaterThan(Date.now() + scanInterval);
});

test('a scan goes on after the broker was away, and reads nothing twice', async () => {
  bench.aws.control.seed({ apis: 20, unplanned: 0, plans: 1 });
  bench.aws.control.addFault({ match: { operation: 'GetExport' }, fault: { kind: 'delay', ms: 200 } });
  const { telemetry } = await bench.start({ limits: { brokerGrace: 8_000 } });
  await eventually(() => momentsOf('GetExport').length > 0);
  await server.kill();
  await server.restart();
  await eventually(() => bench.record().then(Boolean, () => false));
  const { lastCompleteAt, lastAttemptAt } = await bench.scanned();
  expect(lastCompleteAt).toBe(lastAttemptAt);
  expect(telemetry.lines().filter(({ msg }) => msg === 'scan begins')).toHaveLength(1);
  expect(momentsOf('GetExport')).toHaveLength(20);
});

test('an export that failed is tried at the next scan, then at every other, every fourth, every eighth', async () => {
  const { apiId } = bench.addApi();
  let ahead = 0;
  const clock = { ...systemClock, now: () => Date.now() + ahead };
  await bench.start({ clock });
  await bench.scanned();
  bench.aws.control.addFault({
    match: { operation: 'GetExport' },
    fault: { kind: 'status', status: 500 },
  });
  bench.aws.control.redeploy({ apiId });
  const triedAt: number[] = [];
  for (let scan = 0; scan < 16; scan += 1) {
    bench.aws.control.clearLog();
    await bench.scanAgain();
    const calls = momentsOf('GetExport').length;
    expect([0, 3]).toContain(calls);
    if (calls > 0) triedAt.push(scan);
    ahead += bench.limits.scanInterval;
  }
  expect(triedAt).toEqual([0, 1, 3, 7, 15]);
});
