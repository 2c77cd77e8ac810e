import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { catalogKeys } from '@federation-agent/contracts';
import { eventually } from '@federation-agent/base/test';
import { changeRecord } from '@federation-agent/broker';
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

const askForScan = (): Promise<unknown> =>
  changeRecord(
    bench.scans,
    catalogKeys.scan(bench.integrationId, '123456789012', 'eu-west-1'),
    (record) => record && { ...record, requestedAt: (record.lastAttemptAt ?? 0) + 1 },
  );

test('a scan that is stopped in the middle has learnt nothing of what it was asking for', async () => {
  const { control } = bench.aws;
  control.seed({ apis: 3, unplanned: 0, plans: 1 });
  const replica = await bench.start();
  await bench.scanned();
  const before = await bench.entries();
  const { id } = control.addFault({ match: { operation: 'GetStages' }, fault: { kind: 'hang-before' } });
  await askForScan();
  await eventually(() => control.faults().some((fault) => fault.id === id && fault.fired === 3));
  await replica.stop();
  expect(await bench.entries()).toEqual(before);
  expect((await bench.record())?.lastFailure).toBeUndefined();
  expect((await bench.record())?.claim).toBeUndefined();
});

test('AWS goes away in the middle: the rest is not tried one by one, and the next scan comes soon', async () => {
  const { control } = bench.aws;
  control.seed({ apis: 60, unplanned: 0, plans: 1 });
  await bench.start();
  const first = await bench.scanned();
  const known = (await bench.entries()).size;
  control.clearLog();
  control.addFault({ match: { operation: 'GetStages' }, fault: { kind: 'status', status: 500 } });
  const record = await bench.scanAgain();
  // 16 in a row, three tries each, and the seven that were already under way.
  expect(control.counters().byOperation['GetStages']).toBeLessThanOrEqual(3 * (16 + 7));
  expect(record.lastCompleteAt).toBe(first.lastCompleteAt);
  expect(record.dueAt).toBe((record.lastAttemptAt ?? 0) + bench.limits.scanInterval / 5);
  const entries = [...(await bench.entries()).values()];
  expect(entries).toHaveLength(known);
  expect(entries.filter(({ degraded }) => degraded === undefined).length).toBeGreaterThan(0);
});
