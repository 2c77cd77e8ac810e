/** AWS -> what was seen, with what failed. A list is here only when every page of it was read. */
import {
  AwsNotFound,
  type Priority,
  type RestApi,
  type Stage,
  type Target,
  type UsagePlan,
} from '@federation-agent/aws-control-plane';
import { describeError } from '@federation-agent/service-kit';

/** REST APIs and usage plans, both read in full: the only thing that plan lists are ever made from. */
export interface Lists {
  readonly restApis: ReadonlyMap<string, RestApi>;
  readonly usagePlans: readonly UsagePlan[];
  /** Epoch ms when the read began: what changed in AWS since then is not in it. */
  readonly readAt: number;
}

/** What GetStages said of one REST API. */
export type StagesSeen =
  | { readonly kind: 'read'; readonly stages: ReadonlyMap<string, Stage> }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'gone' };

/** By REST API id; an API that was not asked for is absent. */
export type StagesByApi = ReadonlyMap<string, StagesSeen>;

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
  return { restApis: new Map(restApis.map((api) => [api.id, api])), usagePlans, readAt };
}

/** One GetStages per REST API: there is no batch form. One that fails stands for itself. */
export async function readStages(
  { reads }: Pick<Target, 'reads'>,
  restApiIds: readonly string[],
  priority: Priority,
  signal?: AbortSignal,
): Promise<StagesByApi> {
  const seen = await inLanes(restApiIds, 8, async (id): Promise<[string, StagesSeen]> => {
    try {
      const stages = await reads.stages(id, priority, signal);
      return [id, { kind: 'read', stages: new Map(stages.map((stage) => [stage.name, stage])) }];
    } catch (error) {
      if (error instanceof AwsNotFound) return [id, { kind: 'gone' }];
      return [id, { kind: 'failed', reason: describeError(error) }];
    }
  });
  return new Map(seen);
}

/** Runs `run` over all items, at most `lanes` at once; results in the order of the items. The budget sets the pace. */
export async function inLanes<T, R>(
  items: readonly T[],
  lanes: number,
  run: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
  return results;
}
