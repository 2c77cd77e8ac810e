import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@federation-agent/base/test';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import type { Health } from '@federation-agent/service-kit';
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

describe('several targets', () => {
  test('one that hangs and one that is denied hold up no other', async () => {
    const regions = ['eu-west-1', 'eu-central-1', 'us-east-1'];
    for (const region of regions) bench.addApi(region, region);
    const { control } = bench.aws;
    control.addFault({
      match: { operation: 'GetRestApis', region: 'eu-west-1' },
      fault: { kind: 'hang-before' },
    });
    control.addFault({
      match: { operation: 'GetRestApis', region: 'eu-central-1' },
      fault: { kind: 'status', status: 403, errorType: 'AccessDeniedException' },
    });
    const { health } = await bench.start({
      configuration: { targets: [{ accountId: '123456789012', regions }] },
    });
    const record = await bench.scanned('us-east-1');
    expect(record.lastFailure).toBeUndefined();
    expect((await bench.scanned('eu-central-1')).lastFailure).toContain('apigateway:GET');
    expect((await bench.record('eu-west-1'))?.claim).toBeDefined();
    expect([...(await bench.entries()).values()].map(({ region }) => region)).toEqual(['us-east-1']);
    await eventually(() => health.report().status === 'degraded');
    expect(health.ready()).toBe(true);
  });
});

describe('what is told of a target', () => {
  test('health names who we are there and how many APIs are listed, in every replica; after a failure what to do', async () => {
    bench.aws.control.seed({ apis: 3, unplanned: 0, plans: 1 });
    const [one, two] = await Promise.all([bench.start(), bench.start()]);
    await bench.scanned();
    const name = `aws:${bench.integrationId}:123456789012/eu-west-1`;
    const identity = 'arn:aws:iam::123456789012:user/federation-agent';
    const dataOf = (health: Health): { apis?: number } | undefined => health.report().components[name]?.data;
    for (const { health } of [one, two]) {
      await eventually(() => dataOf(health)?.apis === 3);
      expect(dataOf(health)).toMatchObject({ identity, region: 'eu-west-1', state: 'up to date' });
    }
    bench.addApi('a fourth');
    await bench.scanAgain();
    for (const { health } of [one, two]) {
      await eventually(() => dataOf(health)?.apis === 4);
    }
    bench.aws.control.addFault({
      match: { operation: 'GetUsagePlans' },
      fault: { kind: 'status', status: 403, errorType: 'AccessDeniedException' },
    });
    await bench.scanAgain();
    for (const { health } of [one, two]) {
      await eventually(() => health.report().components[name]?.status === 'degraded');
      expect(health.report().components[name]?.detail).toMatch(/apigateway:GET.*what is listed is of/u);
      expect(dataOf(health)).toMatchObject({ apis: 4, state: 'stale', lastError: { code: 'aws-denied' } });
    }
  });

  test('each room logs as an area of its own, with its progress', async () => {
    bench.addApi();
    const { telemetry } = await bench.start();
    await bench.scanned();
    const ingestJobId = randomUUID();
    await bench.link.discover();
    await bench.link.startIngest({ ingestJobId });
    await bench.link.untilDone(ingestJobId);
    const of = (logger: string) =>
      telemetry
        .lines()
        .filter((line) => line['logger'] === logger)
        .map(({ msg }) => msg);
    await eventually(() => of('ingest').includes('ingest job done'));
    expect(of('scan')).toEqual(['scan begins', 'scan completed']);
    expect(of('discover')).toEqual(['DISCOVER is answered']);
    expect(of('ingest')).toEqual(
      expect.arrayContaining(['the ingest is announced to APIM', 'ingest job starts', 'ingest job done']),
    );
    const loggers = Object.keys(telemetry.levels.view());
    expect(loggers).toEqual(expect.arrayContaining(['scan', 'ingest', 'discover', 'aws']));
  });
});

describe('several replicas', () => {
  test('scan a target once', async () => {
    bench.aws.control.seed({ apis: 5, unplanned: 0, plans: 1 });
    await Promise.all([bench.start(), bench.start(), bench.start()]);
    await bench.scanned();
    expect(bench.counted()).toMatchObject({ GetRestApis: 1, GetUsagePlans: 1, GetStages: 5, GetExport: 5 });
  });

  test('a scan whose replica stops in the middle is taken up by another one, at once', async () => {
    bench.aws.control.seed({ apis: 3, unplanned: 0, plans: 1 });
    const { id } = bench.aws.control.addFault({
      match: { operation: 'GetStages' },
      fault: { kind: 'hang-before' },
    });
    const first = await bench.start();
    await eventually(() => (bench.counted()['GetStages'] ?? 0) > 0);
    const second = await bench.start();
    bench.aws.control.removeFault({ id });
    await first.stop();
    const record = await bench.scanned();
    expect(record.lastFailure).toBeUndefined();
    await eventually(() => second.telemetry.lines().some(({ msg }) => msg === 'scan completed'));
    for (const entry of (await bench.entries()).values()) expect(entry).not.toHaveProperty('degraded');
  });

  test('the claim of a dead replica runs out, and the target is scanned', async () => {
    const { uniqueId } = bench.addApi();
    const replica = await bench.start();
    const record = await bench.scanned();
    await replica.stop();
    const [key = ''] = await bench.scans.keys(`${bench.integrationId}.>`);
    const now = Date.now();
    const claim = { instance: 'dead', until: now + 1_500 };
    await bench.scans.put(key, { ...record, dueAt: now, claim });
    await bench.start();
    await eventually(async () => (await bench.record())?.claim === undefined);
    const after = await bench.record();
    expect(after?.lastAttemptAt).toBeGreaterThanOrEqual(claim.until);
    expect(await bench.entries()).toHaveProperty('size', 1);
    expect((await bench.only()).uniqueId).toBe(uniqueId);
  });

  test('a scan that lost its claim writes no more', async () => {
    bench.addApi();
    const replica = await bench.start();
    await bench.scanned();
    const { id } = bench.aws.control.addFault({
      match: { operation: 'GetRestApis' },
      fault: { kind: 'delay', ms: 2_000 },
    });
    bench.addApi('later');
    const [key = ''] = await bench.scans.keys(`${bench.integrationId}.>`);
    const record = await bench.record();
    if (!record) throw new Error('no record');
    bench.aws.control.clearLog();
    await bench.scans.put(key, { ...record, requestedAt: Date.now() + 1 });
    await eventually(() => (bench.counted()['GetRestApis'] ?? 0) > 0);
    const claimed = await bench.record();
    if (!claimed?.claim) throw new Error('no claim');
    // Another replica has it now.
    await bench.scans.put(key, { ...claimed, claim: { instance: 'other', until: Date.now() + 60_000 } });
    const ends = /taken over|scan completed|scan incomplete/u;
    const ended = () => replica.telemetry.lines().filter(({ msg }) => ends.test(String(msg)));
    await eventually(() => ended().length === 2);
    bench.aws.control.removeFault({ id });
    expect((await bench.entries()).size).toBe(1);
    expect((await bench.record())?.claim?.instance).toBe('other');
  });
});

describe('a scan and a DISCOVER at once', () => {
  test('the older read does not undo the newer one, and the scan still ends complete', async () => {
    const known = bench.addApi('known');
    const { control } = bench.aws;
    await bench.start();
    await bench.scanned();
    const [key = ''] = await bench.scans.keys(`${bench.integrationId}.>`);
    const record = await bench.record();
    if (!record) throw new Error('no record');
    // The scan reads an old list of plans late.
    control.addFault({
      match: { operation: 'GetUsagePlans' },
      times: 1,
      fault: { kind: 'delay', ms: 1_500 },
    });
    control.clearLog();
    await bench.scans.put(key, { ...record, requestedAt: Date.now() + 1 });
    await eventually(() => (bench.counted()['GetUsagePlans'] ?? 0) > 0);
    const added = bench.addApi('added');
    await eventually(async () => {
      const answer = await bench.link.discover();
      return answer.status === 'SUCCEEDED' && answer.payload.apis.length === 2;
    });
    await eventually(async () => (await bench.entries()).get(added.uniqueId)?.document.state === 'stored');
    const entries = await bench.entries();
    expect(entries.get(known.uniqueId)?.plans).toMatchObject([{ usagePlanId: known.planId }]);
    expect(entries.get(added.uniqueId)?.plans).toMatchObject([{ usagePlanId: added.planId }]);
  });
});

describe('a replica', () => {
  test('stops within its time while AWS hangs', async () => {
    bench.addApi();
    bench.aws.control.addFault({ match: { operation: 'GetRestApis' }, fault: { kind: 'hang-before' } });
    const replica = await bench.start();
    await eventually(() => (bench.counted()['GetRestApis'] ?? 0) > 0);
    const asked = Date.now();
    await replica.stop();
    expect(Date.now() - asked).toBeLessThan(bench.limits.shutdown / 2);
    expect(await bench.record()).not.toHaveProperty('claim');
  });

  test('is woken by a request in the record, and does not wait for its timer', async () => {
    bench.addApi();
    await bench.start({ limits: { claim: 240_000, claimRenewal: 120_000 } });
    await bench.scanned();
    await bench.scanAgain();
  });
});

describe('settings that decide the catalog', () => {
  test('others than last time ask for a scan; a filter hides, and shows again what was sent', async () => {
    const { uniqueId, planId, apiId } = bench.addApi();
    await (await bench.start()).stop();
    const replica = await bench.start();
    await bench.scanned();
    await bench.markAsSent();
    await replica.stop();

    const filtered = await bench.start({ configuration: { exclude: { names: 'pets' } } });
    await eventually(async () => {
      const answer = await bench.link.discover();
      return answer.status === 'SUCCEEDED' && answer.payload.apis.length === 0;
    });
    await filtered.stop();
    bench.aws.control.detach({ planId, apiId, stage: 'prod' });

    await bench.start();
    await eventually(async () => {
      const answer = await bench.link.discover();
      return answer.status === 'SUCCEEDED' && answer.payload.apis.length === 1;
    });
    await eventually(async () => (await bench.only()).plans.some(({ detached }) => detached));
    expect(await bench.only()).toMatchObject({ uniqueId, plans: [{ usagePlanId: planId, sent: true }] });
  });
});
