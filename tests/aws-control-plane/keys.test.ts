/** Keys against the sandbox AWS: real SDK, real sockets, signatures and the minimum policy. */
import { describe, expect, test } from '@jest/globals';
import { DEFAULT_ACCOUNT, DEFAULT_REGION, SANDBOX_AGENT } from '@federation-agent/sandbox';
import {
  AwsAnswerLost,
  AwsConflict,
  AwsDenied,
  AwsLimitExceeded,
  AwsNotFound,
  AwsThrottled,
  AwsUnreadableSuccess,
  DeadlinePassed,
  isDefiniteFailure,
} from '@federation-agent/aws-control-plane';
import { failureOf } from '@federation-agent/aws-control-plane/test';
import { useSandbox } from './support/sandbox.ts';

const sandbox = useSandbox();
const value = 'Va1ueThatNobodyMaySeeInAnyLog0123456789';
const key = {
  name: 'gravitee-sub-1 Ünïcödé "app", Inc;;',
  description: 'line one\nline two, "quoted"',
  value,
};
const at = { account: DEFAULT_ACCOUNT, region: DEFAULT_REGION };

describe('keys', () => {
  test('made, attached, seen in its plan, deleted; each once, without tags', async () => {
    const { plans } = sandbox.control.seed({ plans: 2 });
    const { reads, keys } = await sandbox.open(sandbox.base()).target();
    const { keyId } = await keys.create(key);
    expect(sandbox.control.keys()).toEqual([
      expect.objectContaining({
        id: keyId,
        value,
        enabled: true,
        name: key.name,
        description: 'line one line two, "quoted"',
        tags: {},
      }),
    ]);
    await keys.attach(plans[0]?.id ?? '', keyId);
    expect((await reads.usagePlansOfKey(keyId, 'command')).map((plan) => plan.id)).toEqual([plans[0]?.id]);
    expect(await failureOf(keys.attach(plans[0]?.id ?? '', keyId))).toBeInstanceOf(AwsConflict);
    expect(await failureOf(keys.attach('none', keyId))).toBeInstanceOf(AwsNotFound);
    expect(await keys.delete(keyId)).toBe('deleted');
    expect(await keys.delete(keyId)).toBe('gone');
    expect(sandbox.control.keys()).toEqual([]);
  });

  test('an import gives the id of the key that has the value, with the same name, and can disable it', async () => {
    const { keys } = await sandbox.open(sandbox.base()).target();
    const { keyId } = await keys.create(key);
    const [before] = sandbox.control.keys();
    expect(await failureOf(keys.create(key))).toBeInstanceOf(AwsConflict);
    expect(await keys.import({ ...key, enabled: true })).toEqual({ keyId });
    expect(sandbox.control.keys()).toEqual([{ ...before, lastUpdatedDate: expect.any(Number) as unknown }]);
    expect(await keys.import({ ...key, enabled: false })).toEqual({ keyId });
    expect(sandbox.control.keys()).toEqual([expect.objectContaining({ id: keyId, enabled: false })]);
    const other = await keys.import({ ...key, value: `${value}-other`, enabled: true });
    expect(other.keyId).not.toBe(keyId);
  });

  test.each(['create', 'import'] as const)(
    '%s: every way of no definite answer is AwsAnswerLost, or a success that cannot be read; sent once',
    async (how) => {
      const { keys } = await sandbox.open(sandbox.base(), { creatingCall: 1_000 }).target();
      const operation = how === 'create' ? 'CreateApiKey' : 'ImportApiKeys';
      const run = (): Promise<unknown> =>
        how === 'create' ? keys.create(key) : keys.import({ ...key, enabled: true });
      for (const fault of [
        { kind: 'reset-after' as const },
        { kind: 'reset-before' as const },
        { kind: 'hang-after' as const },
        { kind: 'truncate' as const },
        { kind: 'status' as const, status: 500, executed: true },
        { kind: 'status' as const, status: 503 },
        { kind: 'garbage' as const, shape: 'html' as const },
        { kind: 'garbage' as const, shape: 'json' as const },
      ]) {
        sandbox.control.clearLog({});
        sandbox.control.addFault({ match: { operation }, times: 1, fault });
        const error = await failureOf(run());
        const kind = fault.kind === 'garbage' ? AwsUnreadableSuccess : AwsAnswerLost;
        expect([fault, error]).toEqual([fault, expect.any(kind)]);
        expect(isDefiniteFailure(error)).toBe(false);
        expect(sandbox.control.counters({ operation }).calls).toBe(1);
        for (const { id } of sandbox.control.keys()) sandbox.control.deleteKey({ ...at, keyId: id });
      }
    },
  );

  test('definite refusals: throttled, quota used up, denied; each sent once', async () => {
    const { keys } = await sandbox.open(sandbox.base()).target();
    sandbox.control.addFault({
      match: { operation: 'CreateApiKey' },
      times: 1,
      fault: { kind: 'status', status: 429, retryAfter: 2 },
    });
    const throttled = await failureOf(keys.create(key));
    expect(throttled).toBeInstanceOf(AwsThrottled);
    expect(throttled).toMatchObject({ retryAfterMs: 2_000, disposition: 'retryable' });
    expect((await sandbox.budget.get(`${DEFAULT_ACCOUNT}.${DEFAULT_REGION}`))?.value.rate).toBe(1_000);
    await sandbox.reset();
    sandbox.control.setLimits({ maxApiKeys: 0 });
    const again = await sandbox.open(sandbox.base()).target();
    const full = await failureOf(again.keys.create(key));
    expect(full).toBeInstanceOf(AwsLimitExceeded);
    expect(full).toMatchObject({ disposition: 'final' });
    sandbox.control.deny({
      arn: `arn:aws:iam::${DEFAULT_ACCOUNT}:user/${SANDBOX_AGENT.name}`,
      verb: 'POST',
      path: '/apikeys',
    });
    const denied = await failureOf(again.keys.import({ ...key, enabled: true }));
    expect(denied).toBeInstanceOf(AwsDenied);
    expect([throttled, full, denied].map(isDefiniteFailure)).toEqual([true, true, true]);
    expect(sandbox.control.counters().byOperation).toMatchObject({ CreateApiKey: 2, ImportApiKeys: 1 });
  });

  test('past its deadline nothing is sent, also when the budget only comes later', async () => {
    const { keys } = await sandbox.open(sandbox.base()).target();
    const late = await failureOf(keys.create(key, { deadline: Date.now() - 1 }));
    expect(late).toBeInstanceOf(DeadlinePassed);
    expect(isDefiniteFailure(late)).toBe(true);
    // Key calls get five slots a second, so some of ten within a second cannot be in time.
    const deadline = Date.now() + 1_000;
    const made = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) => keys.create({ ...key, value: `${value}-${n}` }, { deadline })),
    );
    const passed = made.filter(({ status }) => status === 'rejected');
    expect(passed.length).toBeGreaterThanOrEqual(5);
    for (const one of passed) expect('reason' in one && one.reason).toBeInstanceOf(DeadlinePassed);
    expect(sandbox.control.counters({ operation: 'CreateApiKey' }).calls).toBe(10 - passed.length);
  });

  test('past its deadline nothing is sent, also when the credentials only come later', async () => {
    const { arn } = sandbox.control.addRole({ account: '111111111111', name: 'writer' });
    const { keys, reads } = await sandbox.open({ ...sandbox.base(), roleArn: arn }).target();
    sandbox.control.addFault({
      match: { operation: 'GetUsagePlans' },
      times: 2,
      fault: { kind: 'expired-token' },
    });
    await failureOf(reads.usagePlans('scan'));
    sandbox.control.addFault({ match: { operation: 'AssumeRole' }, fault: { kind: 'delay', ms: 500 } });
    const late = await failureOf(keys.create(key, { deadline: Date.now() + 400 }));
    expect(late).toBeInstanceOf(DeadlinePassed);
    expect(sandbox.control.counters().byOperation['CreateApiKey']).toBeUndefined();
    expect(await keys.create(key, { deadline: Date.now() + 60_000 })).toHaveProperty('keyId');
  });

  test('a signal before the call sends nothing', async () => {
    const { keys } = await sandbox.open(sandbox.base()).target();
    expect(await failureOf(keys.delete('x', { signal: AbortSignal.abort() }))).toMatchObject({
      code: 'aws-call-stopped',
    });
    expect(sandbox.control.counters({ operation: 'DeleteApiKey' }).calls).toBe(0);
  });
});

test('each call is a client span and is counted; no value of a key is in a span, a log line or an error', async () => {
  const { plans } = sandbox.control.seed({ plans: 1 });
  const opened = sandbox.open(sandbox.base());
  const { telemetry } = opened;
  const { keys, reads } = await opened.target();
  const { keyId } = await keys.create(key);
  await keys.attach(plans[0]?.id ?? '', keyId);
  await reads.usagePlansOfKey(keyId, 'command');
  sandbox.control.addFault({
    match: { operation: 'CreateApiKey' },
    times: 1,
    fault: { kind: 'status', status: 400, message: `Invalid API key ${value}` },
  });
  const error = await failureOf(keys.create(key));
  expect(String(error)).toContain('[redacted]');
  await failureOf(keys.create(key));

  const spans = telemetry.spans();
  const ofPlan = spans.find(({ name }) => name === 'API Gateway/CreateUsagePlanKey');
  expect(ofPlan?.attributes).toMatchObject({
    'rpc.system': 'aws-api',
    'rpc.service': 'API Gateway',
    'rpc.method': 'CreateUsagePlanKey',
    'cloud.account.id': DEFAULT_ACCOUNT,
    'cloud.region': DEFAULT_REGION,
    'aws.attempt': 1,
    'http.response.status_code': 201,
    'aws.request_id': expect.stringMatching(/./u) as unknown,
  });
  const metrics = await telemetry.registry.metrics();
  const place = `account="${DEFAULT_ACCOUNT}",region="${DEFAULT_REGION}"`;
  for (const outcome of ['ok', 'aws-bad-request', 'aws-conflict'])
    expect(metrics).toContain(
      `federation_aws_calls_total{${place},operation="CreateApiKey",outcome="${outcome}"} 1`,
    );
  const shown = JSON.stringify([
    spans.map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
    telemetry.lines(),
    String(error),
    Object.entries(error as object),
    metrics,
  ]);
  expect(shown).not.toContain(value);
});
