import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SQS } from '@aws-sdk/client-sqs';
import { operatorOf, operatorV2Of, refusalOf } from '../../../test/sdk-clients.ts';
import { REACH_POLICY } from '../iam.ts';
import { DEFAULT_ACCOUNT as account, DEFAULT_REGION as region, SANDBOX_OPERATOR } from '../principals.ts';
import { startAws } from '../server.ts';
import type { SandboxAws } from '../server.ts';

let aws: SandboxAws;
const clients: SQS[] = [];
beforeEach(async () => {
  aws = await startAws({ throttle: { enabled: false } });
  aws.control.subscribeQueue({ account, region, queue: 'changes' });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await aws.stop();
});

function sqsOf(credentials: { accessKeyId: string; secretAccessKey: string }): SQS {
  const client = new SQS({ region, endpoint: aws.url, credentials, maxAttempts: 1 });
  clients.push(client);
  return client;
}

const queueUrl = (name = 'changes'): string => `${aws.url}/${account}/${name}`;

test('a message stays until it is deleted, and is hidden while somebody works on it', async () => {
  const sqs = sqsOf(SANDBOX_OPERATOR);
  const { QueueUrl } = await sqs.createQueue({ QueueName: 'work' });
  await sqs.sendMessage({ QueueUrl, MessageBody: 'one' });
  const [first] = (await sqs.receiveMessage({ QueueUrl, VisibilityTimeout: 0 })).Messages ?? [];
  const [again] = (await sqs.receiveMessage({ QueueUrl, VisibilityTimeout: 30 })).Messages ?? [];
  expect([first?.Body, again?.Body]).toEqual(['one', 'one']);
  expect((await sqs.receiveMessage({ QueueUrl })).Messages).toBeUndefined();
  await sqs.deleteMessageBatch({ QueueUrl, Entries: [{ Id: '1', ReceiptHandle: again?.ReceiptHandle }] });
  const { Attributes } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] });
  expect(Attributes).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '0' });
});

test('a long poll ends when a message comes', async () => {
  const sqs = sqsOf(SANDBOX_OPERATOR);
  const polled = sqs.receiveMessage({ QueueUrl: queueUrl(), WaitTimeSeconds: 20 });
  await sqs.sendMessage({ QueueUrl: queueUrl(), MessageBody: 'now' });
  expect((await polled).Messages).toMatchObject([{ Body: 'now' }]);
});

test('every change of API Gateway is an event in the form of EventBridge, and a read is none', async () => {
  const [v1, v2, sqs] = [operatorOf(aws.url), operatorV2Of(aws.url), sqsOf(SANDBOX_OPERATOR)];
  const { id: restApiId = '' } = await v1.createRestApi({ name: 'pets' });
  const resourceArn = `arn:aws:apigateway:${region}::/restapis/${restApiId}`;
  await v1.tagResource({ resourceArn, tags: { team: 'pets' } });
  await v1.getRestApis({});
  const { ApiId } = await v2.createApi({ Name: 'orders', ProtocolType: 'HTTP' });
  await v2.createStage({ ApiId, StageName: '$default' });
  const { Messages = [] } = await sqs.receiveMessage({ QueueUrl: queueUrl(), MaxNumberOfMessages: 10 });
  const events = Messages.map(({ Body = '' }) => JSON.parse(Body) as { detail: Record<string, unknown> });
  expect(events).toMatchObject([
    { source: 'aws.apigateway', account, region, detail: { eventName: 'CreateRestApi' } },
    { detail: { eventName: 'TagResource', requestParameters: { resourceArn } } },
    { detail: { eventName: 'CreateApi' } },
    { detail: { eventName: 'CreateStage', requestParameters: { apiId: ApiId } } },
  ]);
});

test('no right at the queue, no such queue: two errors', async () => {
  const { accessKeyId, secretAccessKey, arn } = aws.control.addUser({ name: 'reader' });
  const sqs = sqsOf({ accessKeyId, secretAccessKey });
  expect(await refusalOf(sqs.receiveMessage({ QueueUrl: queueUrl() }))).toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('sqs:ReceiveMessage'),
  });
  aws.control.setPolicy({ arn, policy: REACH_POLICY });
  expect(await refusalOf(sqs.receiveMessage({ QueueUrl: queueUrl('none') }))).toMatchObject({
    name: 'QueueDoesNotExist',
    status: 400,
  });
  expect((await sqs.receiveMessage({ QueueUrl: queueUrl() })).Messages).toBeUndefined();
});

test('lost and doubled messages', async () => {
  aws.control.unsubscribeQueues();
  aws.control.subscribeQueue({ account, region, queue: 'changes', double: true, loseEvery: 2 });
  const v1 = operatorOf(aws.url);
  for (const name of ['a', 'b', 'c', 'd']) await v1.createRestApi({ name });
  const sqs = sqsOf(SANDBOX_OPERATOR);
  const { Messages } = await sqs.receiveMessage({ QueueUrl: queueUrl(), MaxNumberOfMessages: 10 });
  expect(Messages).toHaveLength(4);
});
