import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DiscoverReply } from '@federation-agent/contracts';
import { eventually } from '@federation-agent/base/test';
import { changeRecord } from '@federation-agent/broker';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { startWorkbench, type Workbench } from '../../test/workbench.ts';
import type { Answer } from '../../test/fake-link.ts';

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

const succeeded = (answer: Answer<DiscoverReply>): DiscoverReply => {
  if (answer.status === 'ERROR') throw new Error(answer.errorDetails);
  return answer.payload;
};
const denied = { kind: 'status', status: 403, errorType: 'AccessDeniedException' } as const;

describe('DISCOVER', () => {
  test('the first time, with no scan done, has everything that plans name', async () => {
    const { control } = bench.aws;
    control.setLimits({ maxPageSize: 25 });
    const { apis } = control.seed({ apis: 60, unplanned: 10, plans: 3 });
    // No scan can finish, because GetStages never answers.
    control.addFault({ match: { operation: 'GetStages' }, fault: { kind: 'hang-before' } });
    await bench.start();
    const { apis: found, isPartialDiscovery } = succeeded(await bench.link.discover());
    expect(isPartialDiscovery).toBe(false);
    const expected = apis
      .filter(({ planned }) => planned)
      .map(({ id }) => `123456789012:eu-west-1:${id}:prod`)
      .sort();
    expect(found.map(({ id }) => id)).toEqual(expected);
    expect(found.map(({ uniqueId }) => uniqueId)).toEqual(expected);
  });

  test('sees what is new since the last scan, exports nothing, and reads no stage of what is known', async () => {
    const { control } = bench.aws;
    control.seed({ apis: 5, unplanned: 0, plans: 1 });
    await bench.start();
    await bench.scanned();
    control.seed({ apis: 1, unplanned: 0, plans: 1, seed: 2 });
    control.clearLog();
    await eventually(async () => succeeded(await bench.link.discover()).apis.length === 6);
    const { GetStages = 0, GetExport = 0 } = control.counters().byOperation;
    // A scan for the new API may follow; the five known ones are not exported again.
    expect(GetStages).toBeLessThanOrEqual(6);
    expect(GetExport).toBeLessThanOrEqual(1);
  });

  test('takes the stages without a plan where plans are not asked for', async () => {
    bench.aws.control.seed({ apis: 6, unplanned: 4, plans: 1 });
    await bench.start({ configuration: { acceptApiWithoutUsagePlan: true } });
    expect(succeeded(await bench.link.discover())).toMatchObject({
      apis: { length: 6 },
      isPartialDiscovery: false,
    });
  });

  test('a target that is denied keeps its catalog; nothing else is held up', async () => {
    const { control } = bench.aws;
    control.seed({ apis: 2, unplanned: 0, plans: 1 });
    control.seed({ apis: 3, unplanned: 0, plans: 1, region: 'eu-central-1' });
    const { telemetry } = await bench.start({ configuration: { region: 'eu-west-1,eu-central-1' } });
    await Promise.all([bench.scanned(), bench.scanned('eu-central-1')]);
    control.addFault({ match: { operation: 'GetUsagePlans', region: 'eu-west-1' }, fault: denied });
    control.seed({ apis: 1, unplanned: 0, plans: 1, region: 'eu-central-1', seed: 2 });
    await eventually(async () => succeeded(await bench.link.discover()).apis.length === 6);
    // What cannot be read now is still listed, from the last complete read. So nothing is missing, and a partial answer
    // would take the choice of APIs from the publisher. The log and the health report say that it may be stale.
    expect(succeeded(await bench.link.discover()).isPartialDiscovery).toBe(false);
    expect(telemetry.lines().find(({ msg }) => /may be stale/u.test(String(msg)))).toMatchObject({
      level: 'warn',
      kept: [expect.stringMatching(/^123456789012\/eu-west-1: as of \d{4}-.* needs apigateway:GET/u)],
    });
  });

  test('a target that was never read and is denied makes it partial; the others are there', async () => {
    const { control } = bench.aws;
    control.addFault({ match: { region: 'eu-west-1', operation: 'GetUsagePlans' }, fault: denied });
    control.seed({ apis: 3, unplanned: 0, plans: 1, region: 'eu-central-1' });
    await bench.start({ configuration: { region: 'eu-west-1,eu-central-1' } });
    expect(succeeded(await bench.link.discover())).toMatchObject({
      apis: { length: 3 },
      isPartialDiscovery: true,
    });
  });

  test('when nothing could ever be read it is an error that says what is missing', async () => {
    bench.aws.control.addFault({ match: { operation: 'GetUsagePlans' }, fault: denied });
    await bench.start();
    expect(await bench.link.discover()).toMatchObject({
      status: 'ERROR',
      errorDetails: expect.stringMatching(/apigateway:GET.*usageplans/u),
    });
  });

  test('AWS hangs: what is known, as partial, within the deadline', async () => {
    await bench.stop();
    bench = await startWorkbench(server, { discoverDeadline: 2_000 });
    const { control } = bench.aws;
    control.seed({ apis: 3, unplanned: 0, plans: 1 });
    await bench.start();
    await bench.scanned();
    control.addFault({ fault: { kind: 'hang-before' } });
    // A read of a moment ago counts as a read now.
    await eventually(
      async () => Date.now() - ((await bench.record())?.listsReadAt ?? 0) > bench.limits.listsFresh,
    );
    const asked = Date.now();
    const answer = succeeded(await bench.link.discover());
    expect(answer).toMatchObject({ apis: { length: 3 }, isPartialDiscovery: true });
    expect(Date.now() - asked).toBeLessThan(bench.limits.commandDeadline);
  });

  test('a target that hangs beside others is waited for once, and then hardly: it is named with since when', async () => {
    await bench.stop();
    bench = await startWorkbench(server, { discoverDeadlineWithCatalog: 3_000, troubledTargetDeadline: 500 });
    const { control } = bench.aws;
    control.seed({ apis: 3, unplanned: 0, plans: 1 });
    control.seed({ apis: 2, unplanned: 0, plans: 1, region: 'eu-central-1' });
    control.addFault({ match: { region: 'eu-central-1' }, fault: { kind: 'hang-before' } });
    const { telemetry } = await bench.start({ configuration: { region: 'eu-west-1,eu-central-1' } });
    await bench.scanned();
    const asked = async () => {
      const began = Date.now();
      const { apis, isPartialDiscovery } = succeeded(await bench.link.discover());
      return { apis: apis.length, isPartialDiscovery, ms: Date.now() - began };
    };
    const [first, second] = [await asked(), await asked()];
    expect([first, second]).toMatchObject([
      { apis: 3, isPartialDiscovery: true },
      { apis: 3, isPartialDiscovery: true },
    ]);
    expect(first.ms).toBeGreaterThan(2_500);
    expect(first.ms).toBeLessThan(bench.limits.discoverDeadline);
    expect(second.ms).toBeLessThan(2_500);
    const said = telemetry.lines().filter(({ lacking }) => Array.isArray(lacking));
    expect(JSON.stringify(said.at(-1)?.['lacking'])).toMatch(
      /eu-central-1: not read in time; so since \d{4}-/u,
    );

    control.clearFaults();
    await eventually(async () => (await asked()).apis === 5);
  });

  test('AWS hangs the first time: an error within the deadline, not an empty list', async () => {
    await bench.stop();
    bench = await startWorkbench(server, { discoverDeadline: 1_000 });
    bench.aws.control.addFault({ fault: { kind: 'hang-before' } });
    await bench.start();
    expect(await bench.link.discover()).toMatchObject({ status: 'ERROR' });
  });

  test('what does not fit into one message has short ids, which START_INGEST takes, and then is partial', async () => {
    const { control } = bench.aws;
    control.seed({ apis: 440, unplanned: 0, plans: 1, descriptionsNasty: false });
    control.addFault({ match: { operation: 'GetStages' }, fault: { kind: 'hang-before' } });
    await bench.start({ ws: { maxWebSocketMessageSize: 65_536 } });
    const { apis, isPartialDiscovery } = succeeded(await bench.link.discover());
    expect(isPartialDiscovery).toBe(false);
    expect(apis).toHaveLength(440);
    expect(Buffer.byteLength(JSON.stringify(apis))).toBeLessThan(65_536);
    for (const { id, uniqueId } of apis) expect(`123456789012:eu-west-1:${id}`).toBe(uniqueId);
    const apiIds = [...apis.slice(0, 3).map(({ id }) => id), apis[3]?.uniqueId ?? '', 'unknown:prod'];
    expect(await bench.link.startIngest({ apiIds })).toMatchObject({ payload: { total: 4 } });

    control.seed({ apis: 160, unplanned: 0, plans: 1, descriptionsNasty: false, seed: 2 });
    await eventually(async () => succeeded(await bench.link.discover()).isPartialDiscovery);
    const { apis: first } = succeeded(await bench.link.discover());
    expect(first.length).toBeGreaterThan(440);
    expect(Buffer.byteLength(JSON.stringify(first))).toBeLessThan(65_536);
  });

  test('leaves out what belongs to a target that is no longer configured', async () => {
    const { control } = bench.aws;
    control.seed({ apis: 2, unplanned: 0, plans: 1 });
    control.seed({ apis: 1, unplanned: 0, plans: 1, region: 'eu-central-1' });
    const before = await bench.start({ configuration: { region: 'eu-west-1,eu-central-1' } });
    expect(succeeded(await bench.link.discover()).apis).toHaveLength(3);
    await before.stop();
    await bench.start();
    expect(succeeded(await bench.link.discover()).apis).toHaveLength(2);
  });

  test('and leaves it out too while another target waits for its account', async () => {
    const { control } = bench.aws;
    control.seed({ apis: 2, unplanned: 0, plans: 1 });
    control.seed({ apis: 1, unplanned: 0, plans: 1, region: 'eu-central-1' });
    const before = await bench.start({ configuration: { region: 'eu-west-1,eu-central-1' } });
    expect(succeeded(await bench.link.discover()).apis).toHaveLength(3);
    await before.stop();
    const roleArn = 'arn:aws:iam::111111111111:role/nobody';
    await bench.start({
      configuration: { targets: [{ regions: 'eu-west-1' }, { roleArn, regions: 'us-east-1' }] },
    });
    expect(succeeded(await bench.link.discover())).toMatchObject({
      apis: { length: 2 },
      isPartialDiscovery: true,
    });
  });

  test('a scan record that cannot be read makes its target one that could not be read, no more', async () => {
    const { control } = bench.aws;
    control.seed({ apis: 2, unplanned: 0, plans: 1 });
    control.seed({ apis: 3, unplanned: 0, plans: 1, region: 'eu-central-1' });
    await bench.start({ configuration: { region: 'eu-west-1,eu-central-1' } });
    await Promise.all([bench.scanned(), bench.scanned('eu-central-1')]);
    const [key = ''] = await bench.scans.keys(`${bench.integrationId}.*.eu-west-1`);
    await bench.broker.js.publish(`$KV.federation-agent_scans.${key}`, '{"not": "a record"}');
    expect(succeeded(await bench.link.discover()).apis).toHaveLength(5);
  });

  test('an API whose entry is written while it lists them is there once', async () => {
    bench.aws.control.seed({ apis: 60, unplanned: 0, plans: 1 });
    await bench.start();
    await bench.scanned();
    const keys = await bench.catalog.keys(`${bench.integrationId}.>`);
    const answered = { all: false };
    const writing = keys.slice(0, 16).map(async (key) => {
      while (!answered.all) await changeRecord(bench.catalog, key, (now) => now && { ...now });
    });
    try {
      for (let time = 0; time < 3; time += 1) {
        const { apis } = succeeded(await bench.link.discover());
        expect(new Set(apis.map(({ uniqueId }) => uniqueId)).size).toBe(60);
        expect(apis).toHaveLength(60);
      }
    } finally {
      answered.all = true;
      await Promise.all(writing);
    }
  });

  test('compares only lists that changed with the catalog; a scan compares all', async () => {
    const { control } = bench.aws;
    control.seed({ apis: 2, unplanned: 0, plans: 1 });
    await bench.start();
    await bench.scanned();
    const [entry] = await bench.catalog.entries(`${bench.integrationId}.>`);
    if (!entry) throw new Error('no entry');
    // Sends the command itself, to show who looked.
    await bench.catalog.put(entry.key, { ...entry.value, name: 'of the catalog' });
    const name = async (): Promise<string | undefined> => {
      await bench.age(bench.limits.listsFresh);
      const { apis } = succeeded(await bench.link.discover());
      return apis.find(({ id }) => id === entry.value.uniqueId)?.name;
    };
    expect(await name()).toMatch(/^of the catalog/u);
    expect((await bench.record())?.listsReadAt).toBeGreaterThan(Date.now() - bench.limits.discoverDeadline);
    await bench.scanAgain();
    expect(await name()).not.toMatch(/^of the catalog/u);
    await bench.catalog.put(entry.key, {
      ...((await bench.catalog.get(entry.key))?.value ?? entry.value),
      name: 'once more',
    });
    control.seed({ apis: 1, unplanned: 0, plans: 1, seed: 2 });
    await eventually(async () => !(await name())?.startsWith('once more'));
  });

  test('two at once say the same', async () => {
    bench.aws.control.seed({ apis: 20, unplanned: 0, plans: 2 });
    await bench.start();
    const answers = await Promise.all([bench.link.discover(), bench.link.discover(), bench.link.discover()]);
    for (const answer of answers) {
      expect(succeeded(answer)).toMatchObject({ apis: { length: 20 }, isPartialDiscovery: false });
    }
  });

  test('many at once read the lists once; when that read fails, all say why', async () => {
    const { control } = bench.aws;
    control.seed({ apis: 3, unplanned: 0, plans: 1 });
    const { telemetry } = await bench.start();
    await bench.scanned();
    await bench.age(bench.limits.listsFresh);
    control.clearLog();
    // So that they are all there before the first is answered.
    control.addFault({ match: { operation: 'GetRestApis' }, times: 1, fault: { kind: 'delay', ms: 500 } });
    const many = () => Promise.all(Array.from({ length: 10 }, () => bench.link.discover()));
    for (const answer of await many())
      expect(succeeded(answer)).toMatchObject({ apis: { length: 3 }, isPartialDiscovery: false });
    // Scans may read them meanwhile.
    expect(control.counters().byOperation['GetRestApis']).toBeLessThanOrEqual(3);

    await bench.age(bench.limits.listsFresh);
    control.addFault({ match: { operation: 'GetRestApis' }, fault: denied });
    for (const answer of await many()) expect(succeeded(answer).apis).toHaveLength(3);
    expect(telemetry.lines().filter(({ msg }) => /may be stale/u.test(String(msg)))).toHaveLength(10);
  });
});
