/** AWS -> what was seen, with what failed. A list is here only when every page of it was read. */
import {
  AwsNotFound,
  type Priority,
  type RestApi,
  type Stage,
  type Target,
  type UsagePlan,
} from '@federation-agent/aws-control-plane';
import { describeError, dispositionOf } from '@federation-agent/service-kit';
import { plansByStage, type SeenPlan } from './scope.ts';

/** REST APIs and usage plans, both read in full: the only thing that plan lists are ever made from. */
export interface Lists {
  readonly restApis: ReadonlyMap<string, RestApi>;
  readonly usagePlans: readonly UsagePlan[];
  /** The plans of every stage that one names, by `stageKey`. */
  readonly plans: ReadonlyMap<string, readonly SeenPlan[]>;
  /** Epoch ms when the read began: what changed in AWS since then is not in it. */
  readonly readAt: number;
}

/** What GetStages said of one REST API. `notNow`: AWS as a whole may be away, not only this API. */
export type StagesSeen =
  | { readonly kind: 'read'; readonly stages: ReadonlyMap<string, Stage> }
  | { readonly kind: 'failed'; readonly reason: string; readonly notNow: boolean }
  | { readonly kind: 'gone' };

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
  restApis: readonly RestApi[],
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
 * One GetStages: there is no batch form. A failure is the API's own, and an answer.
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
    // The id of AWS's request is new every time: with it the entry would be written at every scan.
    const reason = describeError(error).replace(/ \(AWS request [^)]*\)/u, '');
    return { kind: 'failed', reason, notNow: dispositionOf(error) === 'retryable' };
  }
}
