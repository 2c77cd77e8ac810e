import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { realLimits, type Api } from '@federation-agent/contracts';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { startWorkbench, type Workbench, type Replica } from '../../test/workbench.ts';

let server: TestBroker;
let bench: Workbench;
let apiIds: string[];
beforeAll(async () => {
  server = await startTestBroker();
});
afterAll(() => server.stop());
beforeEach(async () => {
  bench = await startWorkbench(server);
  apiIds = bench
    .asOld(() => bench.aws.control.seed({ apis: 3, unplanned: 0, plans: 1 }).apis)
    .map(({ id }) => id);
});
afterEach(() => bench.stop());

const hour = 60 * 60_000;
const stagesRead = (): number => bench.counted()['GetStages'] ?? 0;
const uniqueIdOf = (apiId = '', stage = 'prod'): string => `123456789012:eu-west-1:${apiId}:${stage}`;

/** Everything was read an hour ago; the next scan would skip all of it. */
async function scannedAnHourAgo(configuration: object = {}): Promise<Replica> {
  const replica = await bench.start({
    configuration: { schedule: '1h', ...configuration },
    limits: { scanInterval: realLimits.scanInterval },
  });
  await bench.scanned();
  await bench.age(hour);
  bench.aws.control.clearLog();
  return replica;
}
async function ingest(ids: readonly string[] = []): Promise<readonly Api[]> {
  const ingestJobId = randomUUID();
  await bench.link.startIngest({ ingestJobId, apiIds: ids });
  return (await bench.link.untilDone(ingestJobId)).flatMap(({ apis }) => apis);
}

test('an API that scans leave alone is looked at before it is sent: what was deployed meanwhile is in it', async () => {
  await scannedAnHourAgo();
  const [apiId = ''] = apiIds;
  bench.aws.control.editApi({ apiId, addPath: '/added' });
  bench.aws.control.redeploy({ apiId });
  const apis = await ingest([uniqueIdOf(apiId)]);
  expect(apis).toMatchObject([
    { uniqueId: uniqueIdOf(apiId), pages: [{ content: expect.stringContaining('/added') }] },
  ]);
  expect(bench.counted()).toMatchObject({ GetStages: 1, GetExport: 1 });
  // The job reads for itself and does not ask for a full scan.
  expect(await bench.record()).not.toHaveProperty('requestedAll');
});

test('all of them: each API once, however many stages it has, and nothing is exported that has not changed', async () => {
  const { control } = bench.aws;
  const [apiId = ''] = apiIds;
  const [plan] = control.plans({});
  bench.asOld(() => {
    for (const stage of ['test', 'demo', 'beta']) {
      control.addStage({ apiId, stage });
      control.attach({ planId: plan?.id ?? '', apiId, stage });
    }
  });
  await scannedAnHourAgo();
  expect(await ingest()).toHaveLength(6);
  expect(stagesRead()).toBe(3);
  expect(bench.counted()).not.toHaveProperty('GetExport');
});

test('nothing is asked when all were read within the time of the schedule, or when every scan reads them', async () => {
  const replica = await scannedAnHourAgo();
  await bench.scanAll();
  bench.aws.control.clearLog();
  expect(await ingest()).toHaveLength(3);
  expect(stagesRead()).toBe(0);
  await replica.stop();
  await scannedAnHourAgo({ stagesAtLeast: '1h' });
  expect(await ingest()).toHaveLength(3);
  expect(stagesRead()).toBe(0);
});

test('a stage that is gone is left out', async () => {
  await scannedAnHourAgo();
  bench.aws.control.deleteStage({ apiId: apiIds[0] ?? '', stage: 'prod' });
  const sent = (await ingest()).map(({ uniqueId }) => uniqueId).sort();
  expect(sent).toEqual(
    apiIds
      .slice(1)
      .map((id) => uniqueIdOf(id))
      .sort(),
  );
});

test.each([
  ['is denied', { kind: 'status', status: 403, errorType: 'AccessDeniedException' }],
  ['fails', { kind: 'status', status: 500 }],
  ['answers as if it were another', { kind: 'garbage', shape: 'json' }],
] as const)('AWS %s: each is sent as it was, with its plans and its document', async (_name, fault) => {
  const { telemetry } = await scannedAnHourAgo();
  const before = await ingest();
  await bench.age(hour);
  bench.aws.control.addFault({ match: { operation: 'GetStages' }, fault });
  const after = await ingest();
  expect(after).toEqual(before);
  expect(after.map(({ plans, pages }) => [plans.length, pages.length])).toEqual([
    [1, 1],
    [1, 1],
    [1, 1],
  ]);
  expect([...(await bench.entries()).values()].every(({ degraded }) => degraded !== undefined)).toBe(true);
  const said = telemetry.lines().filter(({ msg }) => /sent with its last good state/u.test(String(msg)));
  expect(said).toHaveLength(3);
  expect(said[0]).toMatchObject({ level: 'warn', code: expect.any(String), fix: expect.any(String) });
});

test('AWS is away: it is asked a few times, and everything is sent as it was', async () => {
  await bench.stop();
  bench = await startWorkbench(server);
  bench.asOld(() => bench.aws.control.seed({ apis: 30, unplanned: 0, plans: 1 }));
  const { telemetry } = await scannedAnHourAgo();
  bench.aws.control.addFault({ match: { operation: 'GetStages' }, fault: { kind: 'status', status: 500 } });
  expect(await ingest()).toHaveLength(30);
  // Eight in a row and those already under way, three tries each.
  expect(stagesRead()).toBeLessThanOrEqual(3 * (8 + 3));
  const said = telemetry
    .lines()
    .filter(({ msg }) => /sent with (?:its|their) last good state/u.test(String(msg)));
  expect(said.length).toBeLessThanOrEqual(8 + 3 + 1);
});
