/**
 * The error classes of SQS, which answers 400 to nearly everything and says in the name what it is. The names are those
 * of the JSON protocol (`QueueDoesNotExist`) and of the older one (`AWS.SimpleQueueService.NonExistentQueue`). Pure.
 */
import { readErrorAnswer } from './answer.ts';
import { AwsDenied, AwsNotFound, AwsThrottled, type AwsError } from './errors.ts';
import type { QueueAddress } from './queue-address.ts';
import { redactedLine, toAwsError, type Failure } from './to-aws-error.ts';

/** The action that a policy must allow for each operation of SQS that the agent calls. */
const queueActions = {
  ReceiveMessage: 'sqs:ReceiveMessage',
  DeleteMessageBatch: 'sqs:DeleteMessage',
  GetQueueAttributes: 'sqs:GetQueueAttributes',
} as const;

export type QueueOperation = keyof typeof queueActions;

export function toQueueError(
  operation: QueueOperation,
  { account, region, arn }: QueueAddress,
  failure: Failure,
  secrets: readonly string[],
): AwsError {
  const facts = { operation, account, region };
  const permission = { action: queueActions[operation], resource: arn };
  const { answer } = failure;
  if (answer?.complete) {
    const { name = '', message } = readErrorAnswer(answer);
    const text = redactedLine(`${name}: ${message}`, secrets);
    if (/QueueDoesNotExist|NonExistentQueue/u.test(name)) return new AwsNotFound(text, facts);
    if (/Throttl|OverLimit/u.test(name)) return new AwsThrottled(text, facts);
    if (/AccessDenied/u.test(name)) return new AwsDenied(text, facts, permission);
  }
  // A message that was deleted although no answer came is deleted: nothing is in doubt.
  return toAwsError({ ...facts, change: false, secrets, permission }, failure);
}
