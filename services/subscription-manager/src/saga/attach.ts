/**
 * Checks whether a key is in its usage plan, and puts it there. AWS's lists decide; its error texts are never parsed.
 */
import {
  AwsAnswerLost,
  AwsBadRequest,
  AwsConflict,
  AwsDenied,
  AwsLimitExceeded,
  AwsNotFound,
  AwsUnreadableSuccess,
  type Target,
} from '@federation-agent/aws-control-plane';
import type { SubscriptionRecord } from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import type { Attachment } from './events.ts';
import { toHostTime, type Saga } from './saga.ts';

export interface AttachmentResult {
  readonly result: Attachment;
  /** For the publisher, when it is neither `listed` nor `unlisted`. */
  readonly reason: string;
}

/** GetUsagePlans(keyId): whether the key is in the record's plan. A key that AWS does not know is in no plan. */
export async function checkListed(
  saga: Saga,
  record: SubscriptionRecord,
  keyId: string,
  signal?: AbortSignal,
): Promise<AttachmentResult> {
  const target = await saga.targets.find(record.integrationId, record.account, record.region);
  const plans = await target.reads.usagePlansOfKey(keyId, 'command', signal);
  return plans.some(({ id }) => id === record.usagePlanId) ? listed : unlisted;
}

/**
 * Sends CreateUsagePlanKey once. After a 409 or a lost answer the key's plans decide. After a 404 the complete list of
 * plans tells whether the plan or the key is missing.
 *
 * @param before epoch ms, the broker's clock
 * @throws AwsThrottled, AwsUnavailable and the like: try again before the deadline; DeadlinePassed
 */
export async function attach(
  saga: Saga,
  record: SubscriptionRecord,
  keyId: string,
  { deadline, signal }: { readonly deadline: number; readonly signal?: AbortSignal | undefined },
): Promise<AttachmentResult> {
  const target = await saga.targets.find(record.integrationId, record.account, record.region);
  try {
    await target.keys.attach(record.usagePlanId, keyId, {
      deadline: toHostTime(saga, deadline),
      ...(signal && { signal }),
    });
    return listed;
  } catch (error) {
    if (
      error instanceof AwsConflict ||
      error instanceof AwsAnswerLost ||
      error instanceof AwsUnreadableSuccess
    ) {
      return await decide(target, record, keyId, error, signal);
    }
    if (error instanceof AwsNotFound) return await whichIsGone(target, record, keyId, signal);
    if (error instanceof AwsDenied || error instanceof AwsBadRequest || error instanceof AwsLimitExceeded) {
      return { result: 'refused', reason: describeError(error) };
    }
    throw error;
  }
}

async function decide(
  target: Target,
  { usagePlanId, restApiId, stage }: SubscriptionRecord,
  keyId: string,
  error: AwsConflict | AwsAnswerLost | AwsUnreadableSuccess,
  signal?: AbortSignal,
): Promise<AttachmentResult> {
  const plans = await target.reads.usagePlansOfKey(keyId, 'command', signal);
  if (plans.some(({ id }) => id === usagePlanId)) return listed;
  const other = error instanceof AwsConflict ? plans[0] : undefined;
  return other
    ? {
        result: 'refused',
        reason: `the key is in the usage plan ${other.id} already, and AWS allows one plan per stage and key (${restApiId}:${stage})`,
      }
    : unlisted;
}

async function whichIsGone(
  target: Target,
  { usagePlanId }: SubscriptionRecord,
  keyId: string,
  signal?: AbortSignal,
): Promise<AttachmentResult> {
  const plans = await target.reads.usagePlans('command', signal);
  return plans.some(({ id }) => id === usagePlanId)
    ? { result: 'key-gone', reason: `AWS no longer has the key ${keyId}` }
    : { result: 'plan-gone', reason: `the usage plan ${usagePlanId} no longer exists in AWS` };
}

const listed: AttachmentResult = { result: 'listed', reason: '' };
const unlisted: AttachmentResult = { result: 'unlisted', reason: '' };
