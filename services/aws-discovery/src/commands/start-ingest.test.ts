import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@federation-agent/base/test';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { startWorkbench, type Workbench } from '../../test/workbench.ts';
import { idsOf, type TakenBatch } from '../../test/fake-link.ts';

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

describe('START_INGEST', () => {
  test('of all: the total, then every API once, in order, in batches, with plans and document; `done` alone at the end', async () => {
    const ids = bench.seedPlanned(12);
    await bench.start({ federation: { ingest: { startDelayMs: 0, batchApis: 5 } } });
    const ingestJobId = randomUUID();
    const answer = await bench.link.startIngest({ ingestJobId });
    expect(answer).toEqual({ status: 'SUCCEEDED', payload: { ingestJobId, total: 12 } });
    const batches = await bench.link.untilDone(ingestJobId);
    expect(idsOf(batches)).toEqual(ids);
    expect(batches.map(({ apis, done }) => [apis.length, done])).toEqual([
      [5, false],
      [5, false],
      [2, false],
      [0, true],
    ]);
    for (const { apis } of batches) {
      for (const api of apis) {
        expect(api.plans.length).toBeGreaterThan(0);
        expect(api.pages).toMatchObject([{ pageType: 'SWAGGER', filename: 'openapi.json' }]);
      }
    }
    await eventually(async () => (await bench.job(ingestJobId))?.state === 'done');
    for (const { plans, plansSent } of (await bench.entries()).values()) {
      expect(plansSent).toBe(true);
      expect(plans.every(({ sent }) => sent)).toBe(true);
    }
  });

  test('by ids: those that are known, and no others', async () => {
    const ids = bench.seedPlanned(4);
    await bench.start();
    const ingestJobId = randomUUID();
    const apiIds = [ids[2] ?? '', '123456789012:eu-west-1:nobody:prod', 'not an id', ids[0] ?? ''];
    const answer = await bench.link.startIngest({ ingestJobId, apiIds });
    expect(answer).toMatchObject({ payload: { total: 2 } });
    expect(idsOf(await bench.link.untilDone(ingestJobId))).toEqual([ids[0], ids[2]]);
  });

  test.each([
    ['of unknown ids only', ['123456789012:eu-west-1:nobody:prod']],
    ['of an empty account', null],
  ])('%s: a total of 0, and no batch', async (_name, apiIds) => {
    if (apiIds) bench.seedPlanned(1);
    await bench.start();
    const ingestJobId = randomUUID();
    expect(await bench.link.startIngest({ ingestJobId, apiIds })).toMatchObject({ payload: { total: 0 } });
    await eventually(async () => (await bench.job(ingestJobId))?.state === 'done');
    expect(bench.link.batchesOf(ingestJobId)).toEqual([]);
  });

  test('a redelivery gets the same total, whatever AWS has by then, and is sent once', async () => {
    const ids = bench.seedPlanned(3);
    await bench.start();
    const [ingestJobId, commandId] = [randomUUID(), randomUUID()];
    const first = await bench.link.startIngest({ ingestJobId, commandId });
    bench.aws.control.seed({ apis: 2, unplanned: 0, plans: 1, seed: 2 });
    expect(await bench.link.startIngest({ ingestJobId, commandId })).toEqual(first);
    expect(idsOf(await bench.link.untilDone(ingestJobId))).toEqual(ids);
  });

  test('a reply that was refused ends the job: APIM has none', async () => {
    bench.seedPlanned(2);
    await bench.start();
    bench.link.outcome = 'refused';
    const ingestJobId = randomUUID();
    await bench.link.startIngest({ ingestJobId });
    await eventually(async () => (await bench.job(ingestJobId))?.state === 'refused');
    // The batch behind it shows that nothing came before.
    bench.link.outcome = 'delivered';
    const next = randomUUID();
    await bench.link.startIngest({ ingestJobId: next });
    await bench.link.untilDone(next);
    expect(bench.link.batchesOf(ingestJobId)).toEqual([]);
  });

  test('an unconfirmed reply starts it: APIM may have the job', async () => {
    const ids = bench.seedPlanned(2);
    await bench.start();
    bench.link.outcome = 'unconfirmed';
    const ingestJobId = randomUUID();
    await bench.link.startIngest({ ingestJobId });
    expect(idsOf(await bench.link.untilDone(ingestJobId))).toEqual(ids);
  });

  test('a job whose command died is started after its deadline', async () => {
    await bench.stop();
    // Nobody ever learns the outcome of the reply.
    bench = await startWorkbench(server, { commandTimeout: 600_000 });
    const ids = bench.seedPlanned(2);
    const first = await bench.start({ limits: { shutdown: 500 } });
    const ingestJobId = randomUUID();
    bench.link.outcome = 'silent';
    await bench.link.startIngest({ ingestJobId, in: 1_500 });
    expect(await bench.job(ingestJobId)).toMatchObject({ state: 'announced', total: 2 });
    await first.stop();
    await bench.start({ limits: { shutdown: 500 } });
    expect(idsOf(await bench.link.untilDone(ingestJobId))).toEqual(ids);
    const { deadline = 0, lastBatchAt = 0 } = (await bench.job(ingestJobId)) ?? {};
    expect(lastBatchAt).toBeGreaterThanOrEqual(deadline + bench.limits.attemptGrace);
  });

  test('no batch leaves before the start delay', async () => {
    bench.seedPlanned(1);
    await bench.start({ federation: { ingest: { startDelayMs: 700 } } });
    const ingestJobId = randomUUID();
    await bench.link.startIngest({ ingestJobId });
    const replied = Date.now();
    await bench.link.untilDone(ingestJobId);
    // The reply was accepted a moment before `replied`.
    expect(Date.now() - replied).toBeGreaterThan(500);
  });

  test('nothing could ever be read: an error, and no job', async () => {
    bench.aws.control.addFault({
      match: { operation: 'GetUsagePlans' },
      fault: { kind: 'status', status: 403, errorType: 'AccessDeniedException' },
    });
    await bench.start();
    const ingestJobId = randomUUID();
    expect(await bench.link.startIngest({ ingestJobId })).toMatchObject({ status: 'ERROR' });
    expect(await bench.job(ingestJobId)).toBeUndefined();
  });

  test('usage plans that cannot be read: known APIs go with the plans they had', async () => {
    const ids = bench.seedPlanned(3);
    await bench.start();
    const first = randomUUID();
    await bench.link.startIngest({ ingestJobId: first });
    const before = await bench.link.untilDone(first);
    bench.aws.control.addFault({
      match: { operation: 'GetUsagePlans' },
      fault: { kind: 'status', status: 502, body: '<html></html>', contentType: 'text/html' },
    });
    await eventually(
      async () => Date.now() - ((await bench.record())?.listsReadAt ?? 0) > bench.limits.listsFresh,
    );
    const second = randomUUID();
    expect(await bench.link.startIngest({ ingestJobId: second })).toMatchObject({ payload: { total: 3 } });
    const after = await bench.link.untilDone(second);
    expect(idsOf(after)).toEqual(ids);
    const plans = (batches: readonly TakenBatch[]) =>
      batches.flatMap(({ apis }) => apis.map((api) => api.plans));
    expect(plans(after)).toEqual(plans(before));
  });

  test('a plan detached between two ingests stays listed and says so', async () => {
    const { control } = bench.aws;
    const { apis, plans } = control.seed({ apis: 1, unplanned: 0, plans: 1 });
    const [apiId, planId] = [apis[0]?.id ?? '', plans[0]?.id ?? ''];
    await bench.start();
    const first = randomUUID();
    await bench.link.startIngest({ ingestJobId: first });
    await bench.link.untilDone(first);
    control.detach({ planId, apiId, stage: 'prod' });
    const second = randomUUID();
    await eventually(
      async () => Date.now() - ((await bench.record())?.listsReadAt ?? 0) > bench.limits.listsFresh,
    );
    await bench.link.startIngest({ ingestJobId: second });
    const [api] = (await bench.link.untilDone(second)).flatMap((batch) => batch.apis);
    expect(api?.plans).toMatchObject([
      { id: planId, description: expect.stringContaining('Detached in AWS') },
    ]);
  });
});

test('an integration id that no subject or key could hold does no harm', async () => {
  await bench.stop();
  bench = await startWorkbench(server, {}, 'Team A: *.> ü/1');
  const ids = bench.seedPlanned(2);
  const { health } = await bench.start();
  await bench.scanned();
  const ingestJobId = randomUUID();
  await bench.link.startIngest({ ingestJobId });
  expect(idsOf(await bench.link.untilDone(ingestJobId))).toEqual(ids);
  expect(Object.keys(health.report().components)).toContain(
    `aws:${bench.integrationId}:123456789012/eu-west-1`,
  );
});

describe('a document', () => {
  test('that alone exceeds a message: the API goes without it and says so', async () => {
    bench.aws.control.seed({ apis: 2, unplanned: 0, plans: 1, documentBytes: 200_000 });
    await bench.start({ ws: { maxWebSocketMessageSize: 65_536 } });
    const ingestJobId = randomUUID();
    await bench.link.startIngest({ ingestJobId });
    const apis = (await bench.link.untilDone(ingestJobId)).flatMap((batch) => batch.apis);
    expect(apis).toHaveLength(2);
    const without = apis.filter(({ pages }) => pages.length === 0);
    expect(without).toMatchObject([{ description: expect.stringContaining('65,536 bytes') }]);
  });

  test('that AWS cannot export: the API goes without it and says why', async () => {
    bench.aws.control.seed({ apis: 1, unplanned: 0, plans: 1, brokenExports: 1 });
    await bench.start();
    const ingestJobId = randomUUID();
    await bench.link.startIngest({ ingestJobId });
    const [api] = (await bench.link.untilDone(ingestJobId)).flatMap((batch) => batch.apis);
    expect(api).toMatchObject({ pages: [], description: expect.stringContaining('non-JSON') });
  });

  test('that the store has lost is exported again', async () => {
    bench.seedPlanned(1);
    await bench.start();
    await bench.scanned();
    for (const { document } of (await bench.entries()).values()) {
      if (document.state === 'stored') await bench.documents.purge(document.ref.sha256);
    }
    const ingestJobId = randomUUID();
    await bench.link.startIngest({ ingestJobId });
    const [api] = (await bench.link.untilDone(ingestJobId)).flatMap((batch) => batch.apis);
    expect(api?.pages).toHaveLength(1);
  });
});
