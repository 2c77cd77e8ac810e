import { expect, test } from '@jest/globals';
import { GetRestApisCommand, GetUsagePlansCommand } from '@aws-sdk/client-api-gateway';
import fc from 'fast-check';
import { agentOf, refusalOf } from '../../test/sdk-clients.ts';
import { startAws } from './server.ts';
import { AWS_QUOTAS, createThrottle } from './throttle.ts';

const admitted = (times: readonly number[], operation: string, settings = AWS_QUOTAS) => {
  const throttle = createThrottle(settings);
  return times.filter((now) => throttle.admit('1', 'eu-west-1', operation, now)).length;
};

test('forty calls at once pass, the next does not, and ten come back each second', () => {
  expect(admitted(Array<number>(60).fill(0), 'GetRestApis')).toBe(40);
  expect(admitted([...Array<number>(60).fill(0), ...Array<number>(60).fill(1000)], 'GetRestApis')).toBe(50);
});

test.each([
  ['CreateApiKey', 5, 10],
  ['DeleteApiKey', 5, 10],
  ['GetResources', 5, 7],
  ['UpdateUsagePlan', 1, 1],
])('%s has a quota of its own', (operation, atOnce, afterASecond) => {
  expect(admitted(Array<number>(20).fill(0), operation)).toBe(atOnce);
  expect(admitted([...Array<number>(20).fill(0), ...Array<number>(20).fill(1000)], operation)).toBe(
    afterASecond,
  );
});

test('accounts and regions have buckets of their own', () => {
  const throttle = createThrottle(AWS_QUOTAS);
  for (let call = 0; call < 40; call += 1) throttle.admit('1', 'eu-west-1', 'GetRestApis', 0);
  expect(throttle.admit('1', 'eu-west-1', 'GetRestApis', 0)).toBe(false);
  expect(throttle.admit('2', 'eu-west-1', 'GetRestApis', 0)).toBe(true);
  expect(throttle.admit('1', 'us-east-1', 'GetRestApis', 0)).toBe(true);
});

test('no span of time sees more than burst and rate allow, whatever the calls', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 400 }), { maxLength: 200 }), (gaps) => {
      let now = 0;
      const throttle = createThrottle(AWS_QUOTAS);
      const passed: number[] = [];
      for (const gap of gaps) {
        now += gap;
        if (throttle.admit('1', 'eu-west-1', 'CreateApiKey', now)) passed.push(now);
      }
      for (const [first, from] of passed.entries())
        for (const [last, to] of passed.entries())
          if (last >= first)
            expect(last - first + 1).toBeLessThanOrEqual(5 + (5 * (to - from)) / 1000 + 1e-6);
    }),
  );
});

test('it can be switched off and scaled', () => {
  expect(admitted(Array<number>(500).fill(0), 'CreateApiKey', { ...AWS_QUOTAS, enabled: false })).toBe(500);
  expect(admitted(Array<number>(500).fill(0), 'CreateApiKey', { ...AWS_QUOTAS, scale: 10 })).toBe(50);
});

test('over the socket the call after the burst is a 429 that was not executed, until time passes', async () => {
  let now = Date.now();
  const aws = await startAws({ clock: () => now });
  const agent = agentOf(aws.url);
  for (let call = 0; call < 40; call += 1) await agent.send(new GetRestApisCommand({}));
  const refusal = await refusalOf(agent.send(new GetUsagePlansCommand({})));
  expect(refusal).toMatchObject({
    name: 'TooManyRequestsException',
    message: 'Too Many Requests',
    status: 429,
  });
  expect(refusal.retryAfter).toBeUndefined();
  now += 100;
  await agent.send(new GetUsagePlansCommand({}));
  expect(aws.control.counters()).toMatchObject({ calls: 42, executed: 41, throttled: 1, peakPerSecond: 42 });

  aws.control.setThrottle({ total: { perSecond: 1, burst: 1 }, retryAfterSeconds: 3 });
  await agent.send(new GetRestApisCommand({}));
  expect((await refusalOf(agent.send(new GetRestApisCommand({})))).retryAfter).toBe('3');
  await aws.stop();
});
