import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { CatalogEntry } from '@federation-agent/contracts';
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

const stored = ({ document: { state, ...rest } }: CatalogEntry) => {
  if (!('ref' in rest)) throw new Error(`the document is ${state}`);
  return bench.documents.get(rest.ref);
};

describe('a full scan', () => {
  test('of 60 APIs at a page size of 25 has all of them, with plans and documents; the next one exports nothing, and a deployment exports one', async () => {
    const { control } = bench.aws;
    control.setLimits({ maxPageSize: 25 });
    const { apis, plans } = control.seed({ apis: 60, unplanned: 5, plans: 4 });
    await bench.start();
    const first = await bench.scanned();
    expect(first.lastFailure).toBeUndefined();
    expect(first.lastCompleteAt).toBe(first.lastAttemptAt);
    expect(Object.keys(first.usagePlans).sort()).toEqual(plans.map(({ id }) => id).sort());

    const entries = await bench.entries();
    const planned = apis.filter((api) => api.planned);
    expect([...entries.values()].map(({ restApiId }) => restApiId).sort()).toEqual(
      planned.map(({ id }) => id).sort(),
    );
    for (const entry of entries.values()) {
      const { restApiId, stage } = entry;
      const expected = plans.filter(({ apiStages }) =>
        apiStages.some((link) => link.apiId === restApiId && link.stage === stage),
      );
      expect(entry.plans.map(({ usagePlanId }) => usagePlanId).sort()).toEqual(
        expected.map(({ id }) => id).sort(),
      );
      expect(entry).toMatchObject({ verified: true, document: { state: 'stored' }, plansSent: false });
    }
    // ceil(60 / 25) + 1 + one GetStages and one GetExport per API in scope.
    expect(bench.counted()).toMatchObject({ GetRestApis: 3, GetUsagePlans: 1, GetStages: 55, GetExport: 55 });

    control.clearLog();
    await bench.scanAgain();
    expect(bench.counted()).toMatchObject({ GetStages: 55 });
    expect(bench.counted()).not.toHaveProperty('GetExport');
    expect(await bench.entries()).toEqual(entries);

    const redeployed = planned[7];
    if (!redeployed) throw new Error('an API');
    control.editApi({ apiId: redeployed.id, addPath: '/added' });
    control.redeploy({ apiId: redeployed.id });
    control.clearLog();
    await bench.scanAgain();
    expect(bench.counted()).toMatchObject({ GetExport: 1 });
    const after = (await bench.entries()).get(`123456789012:eu-west-1:${redeployed.id}:prod`);
    if (!after) throw new Error('it is gone');
    expect((await stored(after))?.toString()).toContain('/added');
  });

  test('takes the stages without a plan too where plans are not asked for', async () => {
    const { control } = bench.aws;
    control.seed({ apis: 4, unplanned: 2, plans: 1 });
    await bench.start({ configuration: { acceptApiWithoutUsagePlan: true } });
    await bench.scanned();
    const entries = [...(await bench.entries()).values()];
    expect(entries).toHaveLength(4);
    expect(entries.filter(({ plans }) => plans.length === 0)).toHaveLength(2);
  });
});

describe('usage plans that cannot be read', () => {
  const faults = {
    '429': { kind: 'status', status: 429, errorType: 'TooManyRequestsException' },
    '403': { kind: 'status', status: 403, errorType: 'AccessDeniedException' },
    '403 in XML': { kind: 'status', status: 403, body: '<Error/>', contentType: 'text/xml' },
    '502 in HTML': {
      kind: 'status',
      status: 502,
      body: '<html>bad gateway</html>',
      contentType: 'text/html',
    },
    'an answer cut off': { kind: 'truncate' },
    'a list of another shape': { kind: 'garbage', shape: 'json' },
  } as const;
  for (const [name, fault] of Object.entries(faults)) {
    test(`${name}: every plan stays, the record says why`, async () => {
      const { planId } = bench.addApi();
      await bench.start();
      await bench.scanned();
      const before = await bench.only();
      expect(before.plans).toMatchObject([{ usagePlanId: planId }]);
      bench.aws.control.addFault({ match: { operation: 'GetUsagePlans' }, fault });
      const record = await bench.scanAgain();
      expect(record.lastFailure).toContain('GetUsagePlans');
      expect(record.lastCompleteAt).toBeLessThan(record.lastAttemptAt ?? 0);
      expect(record.usagePlans).toHaveProperty(planId);
      expect(await bench.only()).toEqual(before);
      // It does not wait for the schedule.
      expect(record.dueAt).toBeLessThanOrEqual((record.lastAttemptAt ?? 0) + bench.limits.scanInterval);
    });
  }
});

describe('one API that is not well', () => {
  test('GetStages fails: its last good state with the reason, the others as read', async () => {
    const sick = bench.addApi('sick');
    const well = bench.addApi('well');
    await bench.start();
    await bench.scanned();
    const before = (await bench.entries()).get(sick.uniqueId);
    const { control } = bench.aws;
    const { id } = control.addFault({
      match: { operation: 'GetStages', path: `/restapis/${sick.apiId}/stages` },
      fault: { kind: 'status', status: 403, errorType: 'AccessDeniedException' },
    });
    control.redeploy({ apiId: sick.apiId });
    control.redeploy({ apiId: well.apiId });
    const record = await bench.scanAgain();
    expect(record.lastFailure).toContain(sick.apiId);
    const entries = await bench.entries();
    expect(entries.get(sick.uniqueId)).toMatchObject({
      degraded: { reason: expect.stringContaining('GetStages') },
      deploymentId: before?.deploymentId,
      plans: before?.plans,
    });
    expect(entries.get(well.uniqueId)).not.toHaveProperty('degraded');
    expect(entries.get(well.uniqueId)?.deploymentId).not.toBe(before?.deploymentId);

    control.removeFault({ id });
    expect(await bench.scanAgain()).not.toHaveProperty('lastFailure');
    expect((await bench.entries()).get(sick.uniqueId)).not.toHaveProperty('degraded');
  });

  test('an export that AWS refuses for good is not asked for again', async () => {
    bench.aws.control.seed({ apis: 1, unplanned: 0, plans: 1, brokenExports: 1 });
    await bench.start();
    await bench.scanned();
    expect(await bench.only()).toMatchObject({
      document: { state: 'unavailable', reason: expect.stringContaining('non-JSON') },
    });
    bench.aws.control.clearLog();
    await bench.scanAgain();
    expect(bench.counted()).not.toHaveProperty('GetExport');
  });

  test('an export that fails keeps the last good document, and is not tried at once again', async () => {
    const { apiId } = bench.addApi();
    await bench.start();
    await bench.scanned();
    const before = await bench.only();
    const { control } = bench.aws;
    control.addFault({ match: { operation: 'GetExport' }, fault: { kind: 'status', status: 500 } });
    control.redeploy({ apiId });
    expect(await bench.scanAgain()).not.toHaveProperty('lastFailure');
    expect(await bench.only()).toMatchObject({
      document: before.document,
      exportFailed: { attempts: 1, reason: expect.stringContaining('GetExport') },
    });
    control.clearLog();
    await bench.scanAgain();
    expect(bench.counted()).not.toHaveProperty('GetExport');
  });

  test('an export of what was deleted meanwhile is nothing to report', async () => {
    bench.addApi();
    const { control } = bench.aws;
    control.addFault({
      match: { operation: 'GetExport' },
      fault: { kind: 'status', status: 404, errorType: 'NotFoundException' },
    });
    await bench.start();
    await bench.scanned();
    const entry = await bench.only();
    expect(entry.document).toEqual({ state: 'pending' });
    expect(entry).not.toHaveProperty('exportFailed');
  });

  test('an API in so many plans that no broker message holds it stands for itself', async () => {
    const { apiId, uniqueId } = bench.addApi('in every plan');
    const { uniqueId: other } = bench.addApi('another');
    const { control } = bench.aws;
    control.setLimits({ maxPlans: 1_000 });
    for (let index = 0; index < 150; index += 1) {
      const { planId } = control.addPlan({ name: `plan ${index}`, description: 'x'.repeat(8_000) });
      control.attach({ planId, apiId, stage: 'prod' });
    }
    await bench.start();
    const record = await bench.scanned();
    const entries = await bench.entries();
    expect(entries.get(other)).toMatchObject({ verified: true, document: { state: 'stored' } });
    // Either it fits, with all plans, or it is reported with a reason; it is never sent with only some of its plans.
    const plans = entries.get(uniqueId)?.plans.length;
    if (plans === undefined) expect(record.lastFailure).toContain(apiId);
    else expect(plans).toBe(151);
  });

  test('a record in the catalog that cannot be read does not keep the others from being scanned', async () => {
    const bad = bench.addApi('bad');
    const good = bench.addApi('good');
    await bench.start();
    await bench.scanned();
    const [token] = (await bench.catalog.keys()).filter((key) => key.includes(bad.apiId));
    await bench.broker.js.publish(`$KV.federation-agent_catalog.${token ?? ''}`, '{"not": "an entry"}');
    bench.aws.control.redeploy({ apiId: good.apiId });
    bench.aws.control.clearLog();
    const record = await bench.scanAgain();
    expect(record.lastFailure).toContain('cannot be read');
    expect(bench.counted()).toMatchObject({ GetExport: 1 });
  });
});

describe('what leaves AWS', () => {
  test('a sent plan that is detached stays and says so; one that was never sent goes', async () => {
    const { apiId, planId } = bench.addApi();
    const { control } = bench.aws;
    await bench.start();
    await bench.scanned();
    await bench.markAsSent();
    const { planId: unsent } = control.addPlan({ name: 'a new one' });
    control.attach({ planId: unsent, apiId, stage: 'prod' });
    await bench.scanAgain();
    expect((await bench.only()).plans).toHaveLength(2);

    control.detach({ planId, apiId, stage: 'prod' });
    control.detach({ planId: unsent, apiId, stage: 'prod' });
    await bench.scanAgain();
    const { plans } = await bench.only();
    expect(plans).toMatchObject([{ usagePlanId: planId, sent: true, detached: { reads: 1 } }]);
  });

  test('an API that was deleted is hidden, then removed by a second read a schedule apart', async () => {
    const { apiId } = bench.addApi('gone');
    const stays = bench.addApi('stays');
    bench.aws.control.deleteApi({ apiId });
    await bench.start({ configuration: { schedule: '10s' }, limits: { scanInterval: 45_000 } });
    await bench.scanned();
    // Deleted before it was ever seen: it is never listed.
    expect([...(await bench.entries()).keys()]).toEqual([stays.uniqueId]);

    bench.aws.control.deleteApi({ apiId: stays.apiId });
    const seen: string[] = [];
    await eventually(async () => {
      const entry = (await bench.entries()).get(stays.uniqueId);
      seen.push(entry ? (entry.missing ? 'hidden' : 'there') : 'removed');
      return entry === undefined;
    });
    expect(seen).toContain('hidden');
  });

  test('a stage that is gone stays hidden for as long as a usage plan names it', async () => {
    const { apiId, uniqueId } = bench.addApi();
    await bench.start();
    await bench.scanned();
    bench.aws.control.deleteStage({ apiId, stage: 'prod' });
    await bench.scanAgain();
    expect((await bench.only()).missing).toBeDefined();
    const answer = await bench.link.discover();
    expect(answer).toMatchObject({ payload: { apis: [], isPartialDiscovery: false } });
    await bench.scanAgain();
    expect((await bench.entries()).get(uniqueId)?.missing).toBeDefined();
  });
});
