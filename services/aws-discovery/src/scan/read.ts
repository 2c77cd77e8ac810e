/** Reads AWS, and notes what failed. A list is returned only when every page of it was read. */
import {
  AwsNotFound,
  type Priority,
  type GatewayApi,
  type Target,
  type UsagePlan,
} from '@federation-agent/aws-control-plane';
import { dispositionOf } from '@federation-agent/broker';
import { errorSummary } from '../error-advice.ts';
import { plansByStage } from './scope.ts';
import type { Lists, StagesSeen } from './seen.ts';

/** @throws AwsError when either list could not be read in full */
export async function readLists(
  { reads }: Pick<Target, 'reads'>,
  priority: Priority,
  readAt: number,
  signal?: AbortSignal,
): Promise<Lists> {
  const [restApis, usagePlans] = await Promise.all([
    reads.restApis(priority, signal),
    reads.usagePlans(priority, signal),
  ]);
  return toLists(restApis, usagePlans, readAt);
}

export function toLists(
  restApis: readonly GatewayApi[],
  usagePlans: readonly UsagePlan[],
  readAt: number,
): Lists {
  return {
    restApis: new Map(restApis.map((api) => [api.id, api])),
    usagePlans,
    plans: plansByStage(usagePlans),
    readAt,
  };
}

/**
 * One GetStages; there is no batch form. A failure concerns only this API, and is returned as an answer.
 *
 * @throws AwsCallStopped when the signal stopped it: nothing was learnt
 */
export async function readStages(
  { reads }: Pick<Target, 'reads'>,
  restApiId: string,
  priority: Priority,
  signal?: AbortSignal,
): Promise<StagesSeen> {
  try {
    const stages = await reads.stages(restApiId, priority, signal);
    return { kind: 'read', stages: new Map(stages.map((stage) => [stage.name, stage])) };
  } catch (error) {
    if (signal?.aborted) throw error;
    if (error instanceof AwsNotFound) return { kind: 'gone' };
    const { code, reason } = errorSummary(error);
    return {
      kind: 'failed',
      code,
      // The id of an AWS request differs every time: with it, the entry would be written at every scan.
      reason: reason.replace(/ \(AWS request [^)]*\)/u, ''),
      notNow: dispositionOf(error) === 'retryable',
    };
  }
}
