import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { realLimits, type ScanRecord } from '@federation-agent/contracts';
import { eventually } from '@federation-agent/base/test';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { startWorkbench, type Workbench, type Replica } from '../../test/workbench.ts';

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

const hour = 60 * 60_000;
const apis = 3;
/** Not scaled, so that no interval ends while a test runs; only the first scan happens without a request. */
const started = async (configuration: object = {}): Promise<Replica> => {
  const replica = await bench.start({
    configuration: { schedule: '1h', ...configuration },
    limits: { scanInterval: realLimits.scanInterval },
  });
  await bench.scanned();
  return replica;
};
const seedOld = (count = apis): unknown =>
  bench.asOld(() => bench.aws.control.seed({ apis: count, unplanned: 0, plans: 1 }));
const stagesRead = (): number => bench.counted()['GetStages'] ?? 0;
const callsOf = async (run: () => Promise<unknown>): Promise<number> => {
  bench.aws.control.clearLog();
  await run();
  return stagesRead();
};
const lastChanged = (record: ScanRecord | undefined): number => record?.stagesReadAt ?? 0;

test('a second scan of old APIs that have not changed asks AWS for the lists alone, and says so', async () => {
  seedOld();
  const { telemetry } = await started();
  expect(stagesRead()).toBe(apis);
  const before = await bench.entries();
  bench.aws.control.clearLog();
  const record = await bench.scanAgain();
  expect(bench.counted()).toEqual({ GetRestApis: 1, GetUsagePlans: 1 });
  expect(record).toMatchObject({
    lastCompleteAt: record.lastAttemptAt,
    stages: { read: 0, quiet: apis, perDay: 2 * apis },
  });
  expect(lastChanged(record)).toBeLessThan(record.lastAttemptAt ?? 0);
  expect(await bench.entries()).toEqual(before);
  const ends = () => telemetry.lines().filter(({ msg }) => msg === 'scan completed');
  await eventually(() => ends().length === 2);
  expect(ends()).toMatchObject([
    { read: apis, quiet: 0 },
    { read: 0, quiet: apis },
  ]);
  const metric = (name: string): Promise<string> => telemetry.registry.getSingleMetricAsString(name);
  await eventually(async () => / 6$/mu.test(await metric('federation_discovery_stage_reads_per_day')));
  await eventually(async () => /"quiet"\} 3/u.test(await metric('federation_discovery_scan_apis')));
});

test('half a day later they are read again; as they are at every scan where the key says so', async () => {
  seedOld();
  const replica = await started();
  await bench.age(12 * hour);
  expect(await callsOf(() => bench.scanAgain())).toBe(apis);
  await replica.stop();
  await started({ stagesAtLeast: '1h' });
  expect(await callsOf(() => bench.scanAgain())).toBe(apis);
});

test('a new API, one that has just changed and one of which a stage is missing are read at every scan', async () => {
  seedOld();
  await started();
  const [gone] = [...(await bench.entries()).values()];
  bench.addApi('new');
  expect(await callsOf(() => bench.scanAgain())).toBe(1);
  expect(await callsOf(() => bench.scanAgain())).toBe(1);

  bench.aws.control.deleteStage({ apiId: gone?.restApiId ?? '', stage: 'prod' });
  await bench.scanAgain();
  expect((await bench.entries()).get(gone?.uniqueId ?? '')).not.toHaveProperty('missing');
  await bench.scanAll();
  expect((await bench.entries()).get(gone?.uniqueId ?? '')).toHaveProperty('missing');
  for (let again = 0; again < 2; again += 1) expect(await callsOf(() => bench.scanAgain())).toBe(2);
});

test('one that could not be read is read again at the next scan, and the others are not', async () => {
  seedOld();
  const { control } = bench.aws;
  const [sick] = control.apis().map(({ id }) => id);
  const { id } = control.addFault({
    match: { operation: 'GetStages', path: `/restapis/${sick ?? ''}/stages` },
    fault: { kind: 'status', status: 403, errorType: 'AccessDeniedException' },
  });
  await started();
  control.removeFault({ id });
  // There was no complete scan, so nobody knows which APIs were not read.
  expect(await callsOf(() => bench.scanAgain())).toBe(apis);
  expect(await callsOf(() => bench.scanAgain())).toBe(0);
});

test('other settings have all of them read, once', async () => {
  seedOld();
  const replica = await started();
  await replica.stop();
  bench.aws.control.clearLog();
  await bench.start({
    configuration: { schedule: '1h', removeDetachedPlans: true },
    limits: { scanInterval: realLimits.scanInterval },
  });
  await eventually(() => stagesRead() === apis);
  await eventually(async () => (await bench.record())?.claim === undefined);
  expect(await callsOf(() => bench.scanAgain())).toBe(0);
});

test('a scan of all that AWS broke off is one of all again', async () => {
  seedOld();
  await started();
  bench.aws.control.addFault({
    match: { operation: 'GetUsagePlans' },
    fault: { kind: 'status', status: 500 },
  });
  const failed = await bench.scanAll();
  expect(failed).toMatchObject({ requestedAll: true, lastFailure: expect.stringContaining('GetUsagePlans') });
  bench.aws.control.clearFaults();
  expect(await callsOf(() => bench.scanAgain())).toBe(apis);
  expect(await bench.record()).not.toHaveProperty('requestedAll');
});

test('DISCOVER answers from the lists and has all stages read, once in the time of the schedule', async () => {
  seedOld();
  await started();
  await bench.age(hour);
  const before = lastChanged(await bench.record());
  bench.aws.control.clearLog();
  expect(await bench.link.discover()).toMatchObject({ payload: { apis: { length: apis } } });
  await eventually(async () => lastChanged(await bench.record()) > before);
  expect(stagesRead()).toBe(apis);
  const { lastAttemptAt } = (await bench.record()) ?? {};
  // A read of a moment ago counts as a read now.
  await bench.age(60_000);
  expect(await bench.link.discover()).toMatchObject({ payload: { apis: { length: apis } } });
  expect(await bench.record()).toMatchObject({ lastAttemptAt });
  expect(await bench.record()).not.toHaveProperty('requestedAt');
});

test('where plans are not asked for, an API in which nothing is deployed yet is looked at in every scan', async () => {
  seedOld(2);
  const { control } = bench.aws;
  const paths = { '/pets': { get: { responses: { 200: { description: 'ok' } } } } };
  const document = { openapi: '3.0.1', info: { title: 'later', version: '1.0' }, paths };
  const { apiId } = bench.asOld(() => control.addApi({ document }));
  control.deleteStage({ apiId, stage: 'prod' });
  await started({ acceptApiWithoutUsagePlan: true });
  expect(await callsOf(() => bench.scanAgain())).toBe(1);
  control.redeploy({ apiId, stage: 'prod' });
  await bench.scanAgain();
  expect([...(await bench.entries()).values()].map(({ restApiId }) => restApiId)).toContain(apiId);
});
