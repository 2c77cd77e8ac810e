import { expect, test } from '@jest/globals';
import { AgentConfig, type AwsProviderConfiguration } from '@federation-agent/contracts';
import { configuredTargets } from './targets.ts';

function configuration(given: object): AwsProviderConfiguration {
  const provider = { type: 'aws-api-gateway', integrationId: 'i', configuration: given };
  const [parsed] = AgentConfig.parse({ integration: { providers: [provider] } }).integration.providers;
  if (!parsed) throw new Error('no provider');
  return parsed.configuration;
}
const shown = (given: object) =>
  configuredTargets(configuration(given)).map(({ label, account, identity }) => [
    label,
    account,
    identity.key,
  ]);

test('every region for the agent itself', () => {
  expect(shown({ region: 'eu-west-1,us-east-1' })).toEqual([
    ['eu-west-1', undefined, 'self'],
    ['us-east-1', undefined, 'self'],
  ]);
});

test('every region for every role', () => {
  expect(shown({ region: 'eu-west-1, us-east-1', roleArn: 'arn:1,arn:2', externalId: 'x' })).toEqual([
    ['eu-west-1 as arn:1', undefined, 'arn:1 x'],
    ['us-east-1 as arn:1', undefined, 'arn:1 x'],
    ['eu-west-1 as arn:2', undefined, 'arn:2 x'],
    ['us-east-1 as arn:2', undefined, 'arn:2 x'],
  ]);
});

test('targets stand instead of regions and roles, each with its own account, role and external id', () => {
  const targets = [
    { accountId: '111111111111', regions: 'eu-west-1,eu-west-2' },
    { roleArn: 'arn:2', externalId: 'y', regions: ['us-east-1'] },
  ];
  expect(shown({ region: 'ap-south-1', roleArn: 'arn:9', externalId: 'x', targets })).toEqual([
    ['eu-west-1 of 111111111111', '111111111111', 'self'],
    ['eu-west-2 of 111111111111', '111111111111', 'self'],
    ['us-east-1 as arn:2', undefined, 'arn:2 y'],
  ]);
});

test('the queue of a target, or else that of all', () => {
  const targets = [{ regions: 'eu-west-1', changeQueueUrl: 'https://q/1' }, { regions: 'us-east-1' }];
  const queues = (given: object) => configuredTargets(configuration(given)).map((one) => one.changeQueueUrl);
  expect(queues({ targets })).toEqual(['https://q/1', undefined]);
  expect(queues({ targets, changeQueueUrl: 'https://q/2' })).toEqual(['https://q/1', 'https://q/2']);
  expect(queues({ region: 'eu-west-1', changeQueueUrl: 'https://q/2' })).toEqual(['https://q/2']);
});
