import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { catalogKeys } from '@federation-agent/contracts';
import { eventually } from '@federation-agent/base/test';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { startWorkbench, type Workbench } from '../../test/workbench.ts';
import type { TakenBatch } from '../../test/fake-link.ts';

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

const account = '123456789012';
const region = 'eu-west-1';
const uniqueIdOf = (apiId: string): string => `${account}:${region}:${apiId}:prod`;
const idsOf = (batches: readonly TakenBatch[]): string[] =>
  batches.flatMap(({ apis }) => apis.map(({ uniqueId }) => uniqueId));

/** There are no scans: only START_INGEST and the job read AWS. */
async function withoutScans(): Promise<void> {
  await bench.scans.put(catalogKeys.scan(bench.integrationId, account, region), {
    integrationId: bench.integrationId,
    account,
    region,
    dueAt: Number.MAX_SAFE_INTEGER,
    claim: { instance: 'another', until: Date.now() + 3_600_000 },
    usagePlans: {},
    gonePlans: {},
  });
}

test('a stage that no scan has seen is asked for first: one that is gone in AWS never reaches APIM', async () => {
  const { control } = bench.aws;
  const { apis } = control.seed({ apis: 2, unplanned: 0, plans: 1 });
  const [gone, there] = apis.map(({ id }) => id);
  if (gone === undefined || there === undefined) throw new Error('no APIs');
  control.deleteStage({ apiId: gone, stage: 'prod' });
  await withoutScans();
  await bench.start();
  const ingestJobId = randomUUID();
  // The plan still names both, and nothing else was read yet.
  expect(await bench.link.startIngest({ ingestJobId })).toMatchObject({ payload: { total: 2 } });
  const batches = await bench.link.untilDone(ingestJobId);
  expect(idsOf(batches)).toEqual([uniqueIdOf(there)]);
  expect(batches.flatMap(({ apis: sent }) => sent).map(({ pages }) => pages.length)).toEqual([1]);
});

test('one that cannot be asked for is left out, and the job still ends', async () => {
  const { control } = bench.aws;
  const { apis } = control.seed({ apis: 2, unplanned: 0, plans: 1 });
  const [denied, there] = apis.map(({ id }) => id);
  if (denied === undefined || there === undefined) throw new Error('no APIs');
  control.addFault({
    match: { operation: 'GetStages', path: `/restapis/${denied}/stages` },
    fault: { kind: 'status', status: 403, errorType: 'AccessDeniedException' },
  });
  await withoutScans();
  await bench.start();
  const ingestJobId = randomUUID();
  await bench.link.startIngest({ ingestJobId });
  expect(idsOf(await bench.link.untilDone(ingestJobId))).toEqual([uniqueIdOf(there)]);
});

test('the broker goes away while APIs are being prepared: none of them is left out', async () => {
  await bench.stop();
  bench = await startWorkbench(server, { claim: 3_000, brokerCall: 500 });
  const { control } = bench.aws;
  const ids = control
    .seed({ apis: 6, unplanned: 0, plans: 1 })
    .apis.map(({ id }) => uniqueIdOf(id))
    .sort();
  await withoutScans();
  const slow = control.addFault({ match: { operation: 'GetExport' }, fault: { kind: 'delay', ms: 1_500 } });
  const { telemetry } = await bench.start();
  const ingestJobId = randomUUID();
  await bench.link.startIngest({ ingestJobId });
  await eventually(() => control.faults().some(({ id, fired }) => id === slow.id && fired > 0));
  // AWS answers while nothing can be written.
  await server.kill();
  const failed = (): boolean => telemetry.lines().some(({ msg }) => /was interrupted/u.test(String(msg)));
  await eventually(failed);
  await server.restart();
  expect(idsOf(await bench.link.untilDone(ingestJobId)).sort()).toEqual(expect.arrayContaining(ids));
  expect(telemetry.lines().filter(({ msg }) => String(msg).includes('left out'))).toEqual([]);
});

test('exports that are denied, one after the other, leave out no API whose stages can be read', async () => {
  const { control } = bench.aws;
  const ids = control
    .seed({ apis: 9, unplanned: 0, plans: 1 })
    .apis.map(({ id }) => uniqueIdOf(id))
    .sort();
  control.addFault({
    match: { operation: 'GetExport' },
    fault: { kind: 'status', status: 403, errorType: 'AccessDeniedException' },
  });
  await withoutScans();
  await bench.start();
  const first = randomUUID();
  await bench.link.startIngest({ ingestJobId: first });
  await bench.link.untilDone(first);
  // All documents are due again, and GetStages has never shown the last API.
  for (const { key, value, revision } of await bench.catalog.entries()) {
    const { exportFailed: _failed, ...rest } = value;
    await bench.catalog.update(key, { ...rest, verified: value.uniqueId !== ids.at(-1) }, revision);
  }
  const second = randomUUID();
  await bench.link.startIngest({ ingestJobId: second });
  expect(idsOf(await bench.link.untilDone(second))).toEqual(ids);
});

test('texts that APIM has no room for are cut and said once; without emoji where its database takes none', async () => {
  const { control } = bench.aws;
  const [api] = control.seed({ apis: 1, unplanned: 0, plans: 1 }).apis;
  control.editApi({ apiId: api?.id ?? '', name: `${'n'.repeat(600)} 🚀`, description: '🧪' });
  await withoutScans();
  const { telemetry } = await bench.start({ federation: { ingest: { startDelayMs: 0, utf8mb3: true } } });
  for (const ingestJobId of [randomUUID(), randomUUID()]) {
    await bench.link.startIngest({ ingestJobId });
    const [sent] = (await bench.link.untilDone(ingestJobId)).flatMap(({ apis }) => apis);
    expect(sent?.name).toHaveLength(511);
    expect(sent?.name).toMatch(/^n+…n+ \ufffd \(prod\)~[\da-f]{6}$/u);
    expect(sent?.description).toMatch(/^\ufffd\n\nIn full:\n- n+ \ufffd \(prod\)$/u);
    expect(JSON.stringify(sent)).not.toMatch(/[\u{10000}-\u{10FFFF}]/u);
  }
  const said = telemetry.lines().filter(({ msg }) => String(msg).includes('are cut or marked'));
  expect(said).toEqual([
    expect.objectContaining({
      uniqueId: uniqueIdOf(api?.id ?? ''),
      texts: [expect.objectContaining({ field: 'api.name' })],
    }),
  ]);
});
