/** Which AWS calls are repeated: how often, with which pauses, and when that ends. */
import { describe, expect, test } from '@jest/globals';
import { failureOf } from '@federation-agent/aws-control-plane/test';
import { type Clock, systemClock, systemRandomness } from '@federation-agent/base';
import { quickClock } from '@federation-agent/base/test';
import { useSandbox } from './support/sandbox.ts';

const sandbox = useSandbox();
const callsOf = (operation: string): number => sandbox.control.counters({ operation }).calls;

describe('a read of AWS', () => {
  test.each([
    [502, [200, 400]],
    [429, [1_000, 2_000]],
  ] as const)(
    'that fails with %d is made three times, with pauses of %j ms at the most',
    async (status, pauses) => {
      const quick = quickClock();
      let inner: Clock = systemClock;
      const clock: Clock = { now: () => inner.now(), sleep: (ms, signal) => inner.sleep(ms, signal) };
      const time = { clock, random: { ...systemRandomness, fraction: () => 1 } };
      const { reads } = await sandbox.open(sandbox.base(), {}, undefined, undefined, time).target();
      sandbox.control.addFault({ match: { operation: 'GetRestApis' }, fault: { kind: 'status', status } });
      inner = quick; // Not before: STS would have no time to answer in.
      expect(await failureOf(reads.restApis('scan'))).toHaveProperty('code');
      expect(callsOf('GetRestApis')).toBe(3);
      // The budget's own pauses are milliseconds.
      expect(quick.pauses.filter((ms) => ms >= 100)).toEqual(pauses);
    },
  );
});

describe('STS that fails', () => {
  const fail = (operation: string) =>
    sandbox.control.addFault({ match: { operation }, fault: { kind: 'status', status: 500 } });

  test('is asked who we are three times for each look at the targets', async () => {
    fail('GetCallerIdentity');
    const { plane } = sandbox.open(sandbox.base());
    expect((await plane.targets()).waiting).toHaveLength(1);
    expect(callsOf('GetCallerIdentity')).toBe(3);
    await plane.targets();
    expect(callsOf('GetCallerIdentity')).toBe(6);
  });

  test('is asked for a role three times for each look at the targets', async () => {
    fail('AssumeRole');
    const { arn } = sandbox.control.addRole({ account: '111111111111', name: 'agent' });
    const { plane } = sandbox.open({ ...sandbox.base(), roleArn: arn });
    expect((await plane.targets()).waiting).toHaveLength(1);
    expect(callsOf('AssumeRole')).toBe(3);
  });
});
