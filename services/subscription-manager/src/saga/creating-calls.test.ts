import { expect, test } from '@jest/globals';
import {
  AwsAnswerLost,
  AwsBadRequest,
  AwsCallStopped,
  AwsConflict,
  AwsCredentials,
  AwsDenied,
  AwsLimitExceeded,
  AwsThrottled,
  AwsUnavailable,
  AwsUnreadableAnswer,
  AwsUnreadableSuccess,
  DeadlinePassed,
} from '@federation-agent/aws-control-plane';
import { BrokerUnavailableError } from '@federation-agent/broker';
import { answerOf } from './creating-calls.ts';

const facts = { operation: 'CreateApiKey', account: '1', region: 'r' };
const denied = new AwsDenied('x', facts, { action: 'apigateway:POST', resource: '/apikeys' });

test.each([
  [new AwsConflict('x', facts), 'conflict'],
  [new AwsThrottled('x', facts), 'not-executed'],
  [new AwsCredentials('x', facts), 'not-executed'],
  [new AwsUnavailable('x', facts), 'not-executed'],
  [new AwsCallStopped(facts), 'not-executed'],
  [new DeadlinePassed(facts), 'not-executed'],
  [new AwsLimitExceeded('x', facts), 'refused'],
  [new AwsBadRequest('x', facts), 'refused'],
  [denied, 'refused'],
  [new AwsAnswerLost('x', facts), 'lost'],
  [new AwsUnreadableAnswer('x', facts), 'lost'],
  [new AwsUnreadableSuccess('x', facts), 'unreadable'],
  // Nobody knows where it was caught: it stays counted.
  [new BrokerUnavailableError('x'), 'lost'],
  [new TypeError('x'), 'lost'],
] as const)('a create that ends in %s: %s', (error, kind) => {
  expect(answerOf('create', error).kind).toBe(kind);
});

test('an import that is denied leaves no other way to the id', () => {
  expect(answerOf('import', denied).kind).toBe('denied');
});
