/** Reads against the sandbox AWS: real SDK, real sockets, signatures and the minimum policy. */
import { describe, expect, test } from '@jest/globals';
import { DEFAULT_ACCOUNT, DEFAULT_REGION, SANDBOX_AGENT, type Landscape } from '@federation-agent/sandbox';
import {
  AwsCredentials,
  AwsDenied,
  AwsNotFound,
  AwsUnavailable,
  AwsUnreadableAnswer,
} from '@federation-agent/aws-control-plane';
import { failureOf } from '@federation-agent/aws-control-plane/test';
import { useSandbox } from './support/sandbox.ts';

const sandbox = useSandbox();

describe('reads', () => {
  test('60 APIs in three pages, their stages, plans and documents', async () => {
    sandbox.control.setLimits({ maxPageSize: 25 });
    const made: Landscape = sandbox.control.seed({ apis: 60, plans: 30, stages: 2 });
    const target = await sandbox.open(sandbox.base()).target();
    const apis = await target.reads.restApis('scan');
    expect(new Set(apis.map(({ id }) => id))).toEqual(new Set(made.apis.map(({ id }) => id)));
    expect(sandbox.control.counters({ operation: 'GetRestApis' }).calls).toBe(3);
    for (const { id, name, description, version, tags } of made.apis) {
      const read = apis.find((api) => api.id === id);
      expect([read?.name, read?.description, read?.version, read?.tags]).toEqual([
        name,
        description,
        version,
        tags,
      ]);
    }
    const [api] = made.apis;
    const stages = await target.reads.stages(api?.id ?? '', 'scan');
    expect(stages.map(({ name }) => name)).toEqual(api?.stages);
    expect(stages[0]).toMatchObject({
      deploymentId: api?.deploymentId,
      createdAt: expect.any(Number) as unknown,
    });

    const plans = await target.reads.usagePlans('command');
    expect(plans).toHaveLength(30);
    for (const { id, apiStages } of made.plans) {
      const links = plans
        .find((plan) => plan.id === id)
        ?.stages.map(({ restApiId, stage }) => ({ apiId: restApiId, stage }));
      expect(links).toEqual(apiStages);
    }
    const document = await target.reads.exportDocument(api?.id ?? '', api?.stages[0] ?? '', 'scan');
    expect(JSON.parse(document.toString())).toMatchObject({ openapi: '3.0.1', info: { title: api?.name } });
  });

  test('nothing there is an empty list; what is gone is AwsNotFound', async () => {
    const { reads } = await sandbox.open(sandbox.base()).target();
    expect([
      await reads.restApis('scan'),
      await reads.usagePlans('scan'),
      await reads.usagePlansOfKey('none', 'scan'),
    ]).toEqual([[], [], []]);
    expect(await failureOf(reads.stages('none', 'scan'))).toBeInstanceOf(AwsNotFound);
    expect(await failureOf(reads.exportDocument('none', 'prod', 'scan'))).toBeInstanceOf(AwsNotFound);
  });

  test('API keys: denied under the minimum policy, otherwise pages by name, without values', async () => {
    const { reads } = await sandbox.open(sandbox.base()).target();
    expect(await failureOf(reads.apiKeys({}, 'scan'))).toMatchObject({
      code: 'aws-denied',
      action: 'apigateway:GET',
      resource: 'arn:aws:apigateway:*::/apikeys',
    });
    const everything = { Effect: 'Allow', Action: 'apigateway:*', Resource: '*' } as const;
    const arn = `arn:aws:iam::${DEFAULT_ACCOUNT}:user/${SANDBOX_AGENT.name}`;
    sandbox.control.setPolicy({ arn, policy: { Statement: [everything] } });
    sandbox.control.setLimits({ maxPageSize: 2 });
    for (const name of ['a-1', 'b', 'a-2', 'a-3']) sandbox.control.addKey({ name, enabled: name !== 'a-3' });
    const first = await reads.apiKeys({ namePrefix: 'a-' }, 'scan');
    const position = first.position ?? '';
    const last = await reads.apiKeys({ namePrefix: 'a-', position }, 'scan');
    expect([first, last].flatMap(({ keys }) => keys.map(({ name, enabled }) => [name, enabled]))).toEqual([
      ['a-3', false],
      ['a-2', true],
      ['a-1', true],
    ]);
    expect(last.position).toBeUndefined();
    const [key] = first.keys;
    expect(Object.keys(key ?? {}).sort()).toEqual(['createdAt', 'description', 'enabled', 'id', 'name']);
  });

  test('a document of 14 MB comes whole, and a stage that cannot be exported says so', async () => {
    const { apis } = sandbox.control.seed({ apis: 2, documentBytes: 14_000_000, brokenExports: 1 });
    const { reads } = await sandbox.open(sandbox.base()).target();
    const [large, broken] = apis;
    const document = await reads.exportDocument(large?.id ?? '', large?.stages[0] ?? '', 'scan');
    expect(document.length).toBeGreaterThan(14_000_000);
    const error = await failureOf(reads.exportDocument(broken?.id ?? '', broken?.stages[0] ?? '', 'scan'));
    expect(error).toMatchObject({ code: 'aws-bad-request', disposition: 'final' });
    expect(sandbox.control.counters({ operation: 'GetExport' }).calls).toBe(2);
  });

  test('a page in the middle that fails once is read again; for ever, the whole read fails', async () => {
    sandbox.control.setLimits({ maxPageSize: 10 });
    sandbox.control.seed({ apis: 25, plans: 0 });
    const { reads } = await sandbox.open(sandbox.base()).target();
    const match = { operation: 'GetRestApis' };
    for (const fault of [
      { kind: 'status' as const, status: 502 },
      { kind: 'garbage' as const, shape: 'html' as const },
      { kind: 'garbage' as const, shape: 'json' as const },
      { kind: 'truncate' as const },
      { kind: 'reset-after' as const },
      { kind: 'status' as const, status: 429 },
    ]) {
      sandbox.control.addFault({ match, after: 1, times: 1, fault });
      expect(await reads.restApis('scan')).toHaveLength(25);
      expect(sandbox.control.faults({})).toMatchObject([{ fired: 1 }]);
      sandbox.control.clearFaults({});
    }
    sandbox.control.addFault({ match, after: 1, fault: { kind: 'status', status: 502 } });
    expect(await failureOf(reads.restApis('scan'))).toBeInstanceOf(AwsUnavailable);
    sandbox.control.clearFaults({});
    sandbox.control.addFault({ match, after: 2, fault: { kind: 'garbage', shape: 'xml' } });
    expect(await failureOf(reads.restApis('scan'))).toBeInstanceOf(AwsUnreadableAnswer);
  });

  test('a page that comes twice is counted once', async () => {
    sandbox.control.setLimits({ maxPageSize: 10 });
    sandbox.control.seed({ apis: 25 });
    sandbox.control.addFault({
      match: { operation: 'GetRestApis' },
      after: 1,
      times: 1,
      fault: { kind: 'duplicate-page' },
    });
    const { reads } = await sandbox.open(sandbox.base()).target();
    expect(await reads.restApis('scan')).toHaveLength(25);
    expect(sandbox.control.counters({ operation: 'GetRestApis' }).calls).toBe(4);
  });

  test('a denial names the statement; it is not tried again', async () => {
    sandbox.control.deny({
      arn: `arn:aws:iam::${DEFAULT_ACCOUNT}:user/${SANDBOX_AGENT.name}`,
      verb: 'GET',
      path: '/usageplans',
    });
    const { reads } = await sandbox.open(sandbox.base()).target();
    const error = await failureOf(reads.usagePlans('scan'));
    expect(error).toBeInstanceOf(AwsDenied);
    expect(String(error)).toContain('needs apigateway:GET on arn:aws:apigateway:*::/usageplans');
    expect(sandbox.control.counters({ operation: 'GetUsagePlans' }).calls).toBe(1);
  });

  test('wrong credentials, and an expired token: AwsCredentials; the next call asks for credentials anew', async () => {
    const targets = [{ accountId: DEFAULT_ACCOUNT, regions: DEFAULT_REGION }];
    // There is no STS, so the configured account is trusted.
    const unknown = { accessKeyId: 'AKIAUNKNOWN000000000', stsEndpointUrl: 'http://127.0.0.1:1', targets };
    const { reads } = await sandbox.open({ ...sandbox.base(), ...unknown }).target();
    const error = await failureOf(reads.restApis('scan'));
    expect(error).toBeInstanceOf(AwsCredentials);
    expect(String(error)).toContain('Check that the access key exists');

    const role = sandbox.control.addRole({ account: '111111111111', name: 'reader' });
    const other = await sandbox.open({ ...sandbox.base(), roleArn: role.arn }).target();
    await other.reads.restApis('scan');
    const assumed = sandbox.control.counters().byOperation['AssumeRole'] ?? 0;
    sandbox.control.addFault({
      match: { operation: 'GetRestApis' },
      times: 2,
      fault: { kind: 'expired-token' },
    });
    expect(await failureOf(other.reads.restApis('scan'))).toBeInstanceOf(AwsCredentials);
    expect(await other.reads.restApis('scan')).toEqual([]);
    expect(sandbox.control.counters().byOperation['AssumeRole']).toBe(assumed + 2);
  });

  test('a read that hangs ends at its time-out; a signal ends it at once', async () => {
    const { reads } = await sandbox.open(sandbox.base(), { readCall: 500 }).target();
    sandbox.control.addFault({ match: { operation: 'GetRestApis' }, fault: { kind: 'hang-before' } });
    expect(await failureOf(reads.restApis('scan'))).toMatchObject({ code: 'aws-unavailable' });
    expect(sandbox.control.counters({ operation: 'GetRestApis' }).calls).toBeLessThanOrEqual(3);
    sandbox.control.clearLog({});
    const patient = await sandbox.open(sandbox.base()).target();
    const stop = new AbortController();
    const reading = failureOf(patient.reads.restApis('scan', stop.signal));
    while (sandbox.control.counters({ operation: 'GetRestApis' }).calls < 1) await new Promise(setImmediate);
    stop.abort();
    expect(await reading).toMatchObject({ code: 'aws-call-stopped' });
  });

  test('two agents that read all they can are never throttled by AWS', async () => {
    sandbox.control.setThrottle({ enabled: true });
    const { apis } = sandbox.control.seed({ apis: 10 });
    const shared = { ...sandbox.base(), requestsPerSecond: 5, burst: 5 };
    const targets = await Promise.all([sandbox.open(shared).target(), sandbox.open(shared).target()]);
    await Promise.all(targets.flatMap(({ reads }) => apis.map(({ id }) => reads.stages(id, 'scan'))));
    expect(sandbox.control.counters({ operation: 'GetStages' })).toMatchObject({ calls: 20, throttled: 0 });
    const record = await sandbox.budget.get(`${DEFAULT_ACCOUNT}.${DEFAULT_REGION}`);
    expect(record?.value.rate).toBe(5);
  });
});
