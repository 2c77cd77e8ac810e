import { expect, test } from '@jest/globals';
import { queueAddress } from './queue-address.ts';

test.each([
  ['https://sqs.eu-west-1.amazonaws.com/123456789012/changes', 'eu-west-1', 'aws'],
  ['https://sqs.cn-north-1.amazonaws.com.cn/123456789012/changes', 'cn-north-1', 'aws-cn'],
  ['https://sqs.us-gov-west-1.amazonaws.com/123456789012/changes', 'us-gov-west-1', 'aws-us-gov'],
  ['https://sqs-fips.us-east-1.amazonaws.com/123456789012/changes', 'us-east-1', 'aws'],
  ['https://vpce-0a1b-2c3d.sqs.eu-west-1.vpce.amazonaws.com/123456789012/changes', 'eu-west-1', 'aws'],
  ['https://eu-central-1.queue.amazonaws.com/123456789012/changes', 'eu-central-1', 'aws'],
  ['http://127.0.0.1:4566/123456789012/changes', 'us-east-2', 'aws'],
  ['http://sqs.us-east-2.localhost.localstack.cloud:4566/123456789012/changes', 'us-east-2', 'aws'],
])('%s is in %s', (url, region, partition) => {
  expect(queueAddress(url, 'us-east-2')).toEqual({
    url,
    region,
    account: '123456789012',
    name: 'changes',
    arn: `arn:${partition}:sqs:${region}:123456789012:changes`,
  });
});

test('a URL without account and name is taken as it is', () => {
  expect(queueAddress('http://127.0.0.1:9324/', 'eu-west-1')).toMatchObject({ account: '', name: '' });
});
