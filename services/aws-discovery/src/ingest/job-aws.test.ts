import { expect, test } from '@jest/globals';
import { AwsCredentials } from '@federation-agent/aws-control-plane';
import { account, region, targetUnasked } from '../../test/samples.ts';
import { createJobAws } from './job-aws.ts';

const here = { account, region };
const waits = new AwsCredentials('not known yet', { operation: 'GetCallerIdentity', ...here });
const target = targetUnasked('me');

/** AWS whose account is known from this question on; with 0 it is never known. */
function awsFrom(question: number) {
  const asked = { times: 0, pauses: 0 };
  const plane = {
    targets: () => Promise.resolve({ ready: [], waiting: [] }),
    target: () => {
      asked.times += 1;
      return question > 0 && asked.times >= question ? Promise.resolve(target) : Promise.reject(waits);
    },
    labels: () => [],
    changeQueues: () => [],
    close: () => undefined,
  };
  const pause = (): Promise<void> => {
    asked.pauses += 1;
    return Promise.resolve();
  };
  return { aws: createJobAws({ plane }, pause), asked };
}

test('a target that waits for its account is asked for again, once for all APIs of the job', async () => {
  const { aws, asked } = awsFrom(2);
  const found = await Promise.all([aws.of(here, 'stages'), aws.of(here, 'exports')]);
  expect(found.map((one) => one.target)).toEqual([target, target]);
  expect(asked).toEqual({ times: 2, pauses: 1 });
});

test('one that goes on waiting is left alone after a few times', async () => {
  const { aws, asked } = awsFrom(0);
  for (const asking of ['stages', 'exports', 'stages'] as const) {
    await expect(aws.of(here, asking)).rejects.toMatchObject({ code: 'target-away' });
  }
  expect(asked).toEqual({ times: 3, pauses: 2 });
});

test('exports that fail in a row end exports, and not reads of stages', async () => {
  const { aws } = awsFrom(1);
  const { breaker } = await aws.of(here, 'exports');
  for (let failure = 0; failure < 8; failure += 1) breaker.note('not now');
  await expect(aws.of(here, 'exports')).rejects.toThrow('exports of 123456789012/eu-west-1 failed 8 times');
  expect(await aws.of(here, 'stages')).toMatchObject({ target });
});
