import { expect, test } from '@jest/globals';
import { queueAddress } from './queue-address.ts';
import { toQueueError } from './queue-error.ts';

const queue = queueAddress('https://sqs.eu-west-1.amazonaws.com/123456789012/changes', 'us-east-1');
const answered = (status: number, type: string, message = 'secret words of AWS', headers = {}) => {
  const body = Buffer.from(JSON.stringify({ __type: type, message }));
  const answer = { status, headers, body, complete: true };
  return toQueueError('ReceiveMessage', queue, { error: new Error('x'), sent: true, answer }, ['secret']);
};

test.each([
  [400, 'com.amazonaws.sqs#QueueDoesNotExist', 'aws-not-found'],
  [400, 'AWS.SimpleQueueService.NonExistentQueue', 'aws-not-found'],
  [400, 'com.amazon.coral.service#AccessDeniedException', 'aws-denied'],
  [403, 'AccessDenied', 'aws-denied'],
  [400, 'com.amazonaws.sqs#KmsAccessDenied', 'aws-denied'],
  [403, 'Forbidden', 'aws-denied'],
  [400, 'com.amazonaws.sqs#RequestThrottled', 'aws-throttled'],
  [403, 'OverLimit', 'aws-throttled'],
  [403, 'InvalidClientTokenId', 'aws-credentials'],
  [400, 'com.amazon.coral.service#ExpiredTokenException', 'aws-credentials'],
  [400, 'InvalidParameterValue', 'aws-bad-request'],
  [503, 'ServiceUnavailable', 'aws-unavailable'],
])('%i %s is %s', (status, type, code) => {
  expect(answered(status, type).code).toBe(code);
});

test('what is denied names the action and the queue, and no secret', () => {
  const error = answered(400, 'com.amazon.coral.service#AccessDeniedException');
  expect(error.message).toBe(
    'ReceiveMessage in 123456789012/eu-west-1: needs sqs:ReceiveMessage on arn:aws:sqs:eu-west-1:123456789012:changes: AccessDeniedException: [redacted] words of AWS',
  );
});

test('a deletion needs sqs:DeleteMessage, and is not in doubt when no answer comes', () => {
  const lost = toQueueError('DeleteMessageBatch', queue, { error: new Error('reset'), sent: true }, []);
  expect(lost.code).toBe('aws-unavailable');
  const answer = { status: 403, headers: {}, body: Buffer.from(''), complete: true };
  const denied = toQueueError('DeleteMessageBatch', queue, { error: new Error('x'), sent: true, answer }, []);
  expect(denied).toMatchObject({ action: 'sqs:DeleteMessage', resource: queue.arn });
});
