import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { catalogKeys, type IngestJob } from '@federation-agent/contracts';
import { eventually } from '@federation-agent/base/test';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { startWorkbench, type Workbench } from '../../test/workbench.ts';
import { idsOf } from '../../test/fake-link.ts';

let server: TestBroker;
let bench: Workbench;
beforeAll(async () => {
  server = await startTestBroker();
});
afterAll(() => server.stop());
beforeEach(async () => {
  bench = await startWorkbench(server, { claim: 3_000 });
});
afterEach(() => bench.stop());

/** Small batches, so that a job can be interrupted in the middle. */
const small = { federation: { ingest: { startDelayMs: 0, batchApis: 2 } } };
/** From the second export on AWS is slow. */
const slowExports = (): string =>
  bench.aws.control.addFault({
    match: { operation: 'GetExport' },
    after: 6,
    fault: { kind: 'hang-before' },
  }).id;
/** A job as START_INGEST leaves it, for tests that start there. */
const put = async (change: Partial<IngestJob>): Promise<string> => {
  const ingestJobId = randomUUID();
  const now = Date.now();
  await bench.ingests.put(catalogKeys.ingest(ingestJobId), {
    ingestJobId,
    integrationId: bench.integrationId,
    commandId: randomUUID(),
    deadline: now + 10_000,
    state: 'running',
    total: 1,
    items: { inline: [] },
    nextItem: 0,
    nextBatch: 0,
    startAt: now,
    trace: {},
    createdAt: now,
    ...change,
  });
  return ingestJobId;
};

describe('a job', () => {
  test('whose replica stops in the middle is ended by another one: order kept, every API sent', async () => {
    await bench.stop();
    // Nobody would wait for this claim to run out.
    bench = await startWorkbench(server, { claim: 120_000 });
    const ids = bench.seedPlanned(12);
    const first = await bench.start(small);
    const hanging = slowExports();
    const ingestJobId = randomUUID();
    await bench.link.startIngest({ ingestJobId });
    await eventually(async () => ((await bench.job(ingestJobId))?.claim?.instance ?? '') === first.instance);
    await bench.start(small);
    const stopping = first.stop();
    bench.aws.control.removeFault({ id: hanging });
    await stopping;
    const batches = await bench.link.untilDone(ingestJobId);
    const seen = idsOf(batches);
    expect([...new Set(seen)]).toEqual(ids);
    expect(batches.filter(({ done }) => done)).toHaveLength(1);
    expect(batches.at(-1)).toMatchObject({ done: true, apis: [] });
    expect(batches.map(({ batch }) => batch)).toEqual(
      batches.map(({ batch }) => batch).toSorted((a, b) => a - b),
    );
  });

  test('whose replica died goes on when its claim has run out, from where it was, under another number', async () => {
    const ids = bench.seedPlanned(4);
    await bench.start();
    await bench.scanned();
    const until = Date.now() + 1_000;
    const ingestJobId = await put({
      total: 4,
      items: { inline: ids },
      nextItem: 2,
      nextBatch: 1,
      claim: { instance: 'dead', until },
    });
    const batches = await bench.link.untilDone(ingestJobId);
    expect(Date.now()).toBeGreaterThanOrEqual(until);
    expect(idsOf(batches)).toEqual(ids.slice(2));
    expect(batches[0]?.batch).toBe(2);
  });

  test('is kept alive at APIM by empty batches while its documents are exported', async () => {
    bench.seedPlanned(1);
    await bench.start({ limits: { ingestKeepAlive: 300, claimRenewal: 100 } });
    const { id } = bench.aws.control.addFault({
      match: { operation: 'GetExport' },
      fault: { kind: 'hang-before' },
    });
    const ingestJobId = randomUUID();
    await bench.link.startIngest({ ingestJobId });
    await eventually(() => bench.link.batchesOf(ingestJobId).length >= 2);
    expect(bench.link.batchesOf(ingestJobId).every(({ apis, done }) => apis.length === 0 && !done)).toBe(
      true,
    );
    bench.aws.control.removeFault({ id });
    // The call that hangs ends with its time-out.
    const { exportFailed } = [...(await bench.entries()).values()][0] ?? {};
    expect(exportFailed).toBeUndefined();
  });

  test('goes on after the broker was away, and leaves out no API', async () => {
    const own = await startTestBroker();
    await bench.stop();
    bench = await startWorkbench(own, { claim: 3_000, brokerCall: 500 });
    try {
      const ids = bench.seedPlanned(10);
      bench.aws.control.addFault({ match: { operation: 'GetExport' }, fault: { kind: 'delay', ms: 300 } });
      const replica = await bench.start(small);
      const ingestJobId = randomUUID();
      await bench.link.startIngest({ ingestJobId });
      await eventually(() => bench.link.batchesOf(ingestJobId).length > 0);
      await own.kill();
      const told = /interrupted|left out/u;
      await eventually(() => replica.telemetry.lines().some(({ msg }) => told.test(String(msg))));
      await own.restart();
      const batches = await bench.link.untilDone(ingestJobId);
      expect([...new Set(idsOf(batches))]).toEqual(ids);
    } finally {
      await bench.stop();
      bench = await startWorkbench(server);
      await own.stop();
    }
  });

  test('whose list outlived its store ends with `done`', async () => {
    await bench.start();
    const ref = { sha256: 'a'.repeat(64), chunks: 1, bytes: 10 };
    const ingestJobId = await put({ total: 7, items: { ref } });
    expect(await bench.link.untilDone(ingestJobId)).toMatchObject([{ apis: [], done: true }]);
    await eventually(async () => (await bench.job(ingestJobId))?.state === 'done');
  });

  test('with an item that cannot be read, is unknown or gone goes on with the others', async () => {
    const [first = '', second = ''] = bench.seedPlanned(2);
    await bench.start();
    await bench.scanned();
    const keys = await bench.catalog.keys(`${bench.integrationId}.>`);
    const bad = keys.find((key) => key.includes(first.split(':')[2] ?? '-')) ?? '';
    await bench.broker.js.publish(`$KV.federation-agent_catalog.${bad}`, '{"not": "an entry"}');
    const items = { inline: [first, 'nonsense', '1:2:3:4', second] };
    const ingestJobId = await put({ total: 4, items });
    const batches = await bench.link.untilDone(ingestJobId);
    expect(idsOf(batches)).toEqual([second]);
  });

  test('record that cannot be read holds up no other job', async () => {
    bench.seedPlanned(1);
    await bench.start();
    await bench.broker.js.publish(`$KV.federation-agent_ingests.${randomUUID()}`, 'no JSON');
    const ingestJobId = randomUUID();
    await bench.link.startIngest({ ingestJobId });
    await bench.link.untilDone(ingestJobId);
  });

  test('of an API whose stage is gone in AWS, though a plan names it, leaves it out', async () => {
    const { control } = bench.aws;
    const { apis } = control.seed({ apis: 2, unplanned: 0, plans: 1 });
    control.deleteStage({ apiId: apis[0]?.id ?? '', stage: 'prod' });
    await bench.start();
    const ingestJobId = randomUUID();
    await bench.link.startIngest({ ingestJobId });
    const sent = idsOf(await bench.link.untilDone(ingestJobId));
    expect(sent).toEqual([`123456789012:eu-west-1:${apis[1]?.id ?? ''}:prod`]);
  });

  test('of many APIs keeps its list outside of its record', async () => {
    const ids = bench.seedPlanned(101);
    bench.aws.control.addFault({ match: { operation: 'GetExport' }, fault: { kind: 'status', status: 400 } });
    await bench.start({ federation: { ingest: { startDelayMs: 0, batchApis: 500 } } });
    const ingestJobId = randomUUID();
    await bench.link.startIngest({ ingestJobId });
    const job = await bench.job(ingestJobId);
    expect(job?.items).toEqual({ ref: expect.anything() });
    expect(idsOf(await bench.link.untilDone(ingestJobId))).toEqual(ids);
  });

  test('that is long over is forgotten; one that is not yet stays', async () => {
    const old = await put({ state: 'done', createdAt: Date.now() - 48 * 3_600_000 });
    const young = await put({ state: 'done' });
    await bench.start();
    await eventually(async () => (await bench.job(old)) === undefined);
    expect(await bench.job(young)).toBeDefined();
  });
});
