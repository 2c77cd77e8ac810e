import { beforeEach, describe, expect, test } from '@jest/globals';
import { AwsCredentials, type Target, type WaitingTarget } from '@federation-agent/aws-control-plane';
import type { ScanRecord } from '@federation-agent/contracts';
import { systemClock } from '@federation-agent/base';
import { testTelemetry, type TestTelemetry } from '@federation-agent/base/test';
import { UnreadableRecordError } from '@federation-agent/broker';
import { createHealth, type Health } from '@federation-agent/service-kit';
import { account, minute, region, start, targetUnasked } from '../../test/samples.ts';
import { createTargetHealth, type TargetHealth } from './target-health.ts';

const name = `aws:integration:${account}/${region}`;
const label = 'eu-central-1 as arn:aws:iam::111111111111:role/agent';
const iso = (at: number): string => new Date(at).toISOString();

let health: Health;
let telemetry: TestTelemetry;
let targets: TargetHealth;
let now: number;
beforeEach(() => {
  health = createHealth();
  telemetry = testTelemetry();
  now = start;
  targets = createTargetHealth('integration', {
    health,
    telemetry,
    clock: { ...systemClock, now: () => now },
  });
});

const target = (identity = 'arn:me'): Target => targetUnasked(identity);
const record = (change: Partial<ScanRecord> = {}): ScanRecord => ({
  integrationId: 'integration',
  account,
  region,
  identity: 'arn:of the last scan',
  dueAt: start,
  lastAttemptAt: start,
  usagePlans: {},
  gonePlans: {},
  ...change,
});
const waiting = (reason: string): WaitingTarget => ({
  label,
  region: 'eu-central-1',
  account: undefined,
  reason,
});
const shown = (component: string) => health.report().components[component];
const said = (level: string) => telemetry.lines().filter((line) => line['level'] === level);

describe('a target that is known', () => {
  test('says who, where, how fresh and how many', () => {
    const complete = record({ lastCompleteAt: start, listsReadAt: start });
    targets.known(target('arn:now'), complete, 12);
    expect(shown(name)).toEqual({
      status: 'up',
      data: {
        account,
        region,
        identity: 'arn:now',
        state: 'up to date',
        lastCompleteScan: iso(start),
        lastScan: iso(start),
        apis: 12,
      },
    });
  });

  test('and was never scanned yet is well', () => {
    targets.known(target(), record(), undefined);
    expect(shown(name)).toMatchObject({ status: 'up', data: { state: 'waits for its first scan' } });
  });

  test.each([
    ['stale', { listsReadAt: start - minute, lastCompleteAt: start - minute }, iso(start - minute)],
    ['partly stale', { listsReadAt: start }, 'the rest is up to date'],
    ['never read', {}, 'nothing is listed'],
  ])('and could not be read is %s: the cause, what is listed, what to do', (state, change, words) => {
    const lastFailure = 'aws-denied: GetUsagePlans needs apigateway:GET on /usageplans';
    targets.known(target(), record({ lastFailure, ...change }), 12);
    expect(shown(name)).toMatchObject({
      status: 'degraded',
      detail: expect.stringMatching(/^GetUsagePlans needs .*\. To do: .*IAM policy/u),
      data: { state, lastError: { code: 'aws-denied', fix: expect.stringContaining('IAM policy') } },
    });
    expect(shown(name)?.detail).toContain(words);
    expect(health.ready()).toBe(true);
  });
});

describe('a target that waits', () => {
  test('is said at once, again when the reason changes, and when it is over', () => {
    targets.show([], [waiting('expired at 10:00:01. Renew them')]);
    targets.show([], [waiting('expired at 10:00:11. Renew them')]);
    expect(said('error')).toMatchObject([
      {
        target: label,
        region: 'eu-central-1',
        reason: 'expired at 10:00:01. Renew them',
        fix: expect.stringContaining('roleArn'),
        msg: expect.stringMatching(/^the target waits: /u),
      },
    ]);
    targets.show([], [waiting('the role cannot be assumed')]);
    expect(said('error')).toHaveLength(2);
    expect(shown(`aws:integration:${label}`)).toMatchObject({
      status: 'degraded',
      detail: 'the role cannot be assumed',
      data: {
        region: 'eu-central-1',
        state: 'waits for its account',
        lastError: { code: 'aws-credentials' },
      },
    });
    targets.show([target()], []);
    expect(shown(`aws:integration:${label}`)).toBeUndefined();
    expect(said('info')).toMatchObject([{ target: label }]);
  });

  test('after its keys were replaced no longer stands there as well, too', () => {
    targets.known(target(), record(), 1);
    targets.show([], [waiting('no')]);
    expect(Object.keys(health.report().components)).toEqual([`aws:integration:${label}`]);
  });
});

test('a target whose record cannot be read says so once, and when it can be read again', () => {
  const error = new UnreadableRecordError('scans', 'key', new Error('no JSON'));
  targets.unknown(target(), error);
  targets.unknown(target(), error);
  expect(said('warn')).toMatchObject([
    { account, region, code: 'unreadable-record', fix: expect.stringContaining('nats kv del') },
  ]);
  expect(shown(name)).toMatchObject({ status: 'degraded', data: { state: 'not known', identity: 'arn:me' } });
  targets.known(target(), record(), 1);
  expect(said('info')).toHaveLength(1);
  expect(shown(name)?.status).toBe('up');
  const facts = { operation: 'GetCallerIdentity', account, region };
  targets.unknown(target(), new AwsCredentials('no', facts));
  expect(said('warn')).toHaveLength(2);
});
