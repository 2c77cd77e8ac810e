/**
 * What a complete read of the lists makes of one catalog entry. Pure; run again by every compare-and-set.
 *
 * | the read shows | entry unknown | entry known |
 * |---|---|---|
 * | API, stage, a plan | added | changed where it differs |
 * | API, stage, no plan, plans not asked for (`acceptApiWithoutUsagePlan`) | added | the same |
 * | API, stage, no plan | nothing | stays while a plan of it was ever sent, else removed |
 * | API, and GetStages lacks the stage | nothing | missing: hidden; removed by the second such read, a schedule apart |
 * | API is gone | nothing | the same |
 * | API, GetStages failed | added, not verified | last good stage kept, degraded; its plans are those of this read |
 * | API, GetStages was not asked for (DISCOVER) | added, not verified | the same without degraded |
 * | the filters no longer let it pass | nothing | removed |
 *
 * And of one plan of it:
 *
 * | the read shows | plan unknown | plan known |
 * |---|---|---|
 * | listed for the stage | added | as listed; no longer detached |
 * | not listed | nothing | never sent: dropped. Sent: detached, and stays, unless `removeDetachedPlans` and two reads, a schedule apart |
 *
 * A read that is not complete never comes here.
 */
import type { RestApi, Target } from '@federation-agent/aws-control-plane';
import { apiUniqueId, type ApiEvent, type CatalogEntry, type CatalogPlan } from '@federation-agent/contracts';
import { apiVersion } from '../mapping/document.ts';
import { invokeUrl } from '../mapping/invoke-url.ts';
import type { IntegrationSettings } from '../settings.ts';
import type { StagesSeen } from './read.ts';
import { passes, type SeenPlan } from './scope.ts';

/** Everything that the read says about one stage. */
export interface Seen {
  readonly restApiId: string;
  readonly stage: string;
  readonly api: RestApi | undefined;
  readonly plans: readonly SeenPlan[];
  /** Undefined: not asked for. */
  readonly stages: StagesSeen | undefined;
}

export interface DiffContext {
  readonly target: Pick<Target, 'account' | 'region' | 'dnsSuffix'>;
  readonly settings: IntegrationSettings;
  /** When the read began, epoch ms. */
  readonly readAt: number;
}

export interface Decision {
  /** Undefined: there is none, or no longer. */
  readonly entry: CatalogEntry | undefined;
  readonly event?: { readonly what: ApiEvent['what']; readonly detail?: string };
}

/** Complete reads, a schedule apart, that must agree before something is believed to be gone. */
const readsToBelieve = 2;

export function nextEntry(current: CatalogEntry | undefined, seen: Seen, context: DiffContext): Decision {
  const { api, stage } = seen;
  if (api === undefined || isGone(seen)) return current ? missing(current, context) : { entry: undefined };
  const { settings, readAt } = context;
  const plans = nextPlans(current?.plans ?? [], seen.plans, context);
  const plansSent = current?.plansSent ?? false;
  const wanted = plans.length > 0 || plansSent || settings.acceptApiWithoutUsagePlan;
  if (!wanted || !passes(settings, api, stage)) {
    return { entry: undefined, ...(current && { event: { what: 'removed', detail: 'no longer in scope' } }) };
  }
  const entry: CatalogEntry = {
    ...described(api, seen, context),
    ...stageFacts(current, seen, readAt),
    plans,
    plansSent,
    document: current?.document ?? { state: 'pending' },
    ...(current?.exportFailed && { exportFailed: current.exportFailed }),
    firstSeenAt: current?.firstSeenAt ?? readAt,
    changedAt: current?.changedAt ?? readAt,
  };
  if (!current) return { entry, event: { what: 'added' } };
  if (JSON.stringify(sorted(entry)) === JSON.stringify(sorted(current))) return { entry: current };
  return { entry: { ...entry, changedAt: readAt }, event: whatChanged(current, entry) };
}

function isGone({ stage, stages }: Seen): boolean {
  return stages?.kind === 'gone' || (stages?.kind === 'read' && !stages.stages.has(stage));
}

function missing(current: CatalogEntry, { settings, readAt }: DiffContext): Decision {
  const before = current.missing;
  if (before && !settings.schedule.apart(before.since, readAt)) return { entry: current };
  const reads = (before?.reads ?? 0) + 1;
  const event = {
    what: 'removed',
    detail: reads === 1 ? 'not found in AWS: hidden' : 'gone from AWS',
  } as const;
  if (reads >= readsToBelieve) return { entry: undefined, event };
  return { entry: { ...current, missing: { since: readAt, reads } }, event };
}

function nextPlans(
  current: readonly CatalogPlan[],
  seen: readonly SeenPlan[],
  { settings, readAt }: DiffContext,
): CatalogPlan[] {
  const listed = new Set(seen.map((plan) => plan.usagePlanId));
  const sent = new Set(current.filter((plan) => plan.sent).map((plan) => plan.usagePlanId));
  return [
    ...seen.map((plan) => ({ ...plan, sent: sent.has(plan.usagePlanId) })),
    ...current.flatMap((plan) => {
      if (listed.has(plan.usagePlanId) || !plan.sent) return [];
      const detached = nextDetached(plan.detached, settings, readAt);
      return settings.removeDetachedPlans && detached.reads >= readsToBelieve ? [] : [{ ...plan, detached }];
    }),
  ];
}

/** Counts reads a schedule apart, and no further than it matters: an entry that stays as it is is not written again. */
function nextDetached(
  before: CatalogPlan['detached'],
  { schedule }: IntegrationSettings,
  readAt: number,
): NonNullable<CatalogPlan['detached']> {
  if (!before) return { since: readAt, reads: 1, lastReadAt: readAt };
  if (before.reads >= readsToBelieve || !schedule.apart(before.lastReadAt, readAt)) return before;
  return { ...before, reads: before.reads + 1, lastReadAt: readAt };
}

type Described = Pick<
  CatalogEntry,
  | 'uniqueId'
  | 'integrationId'
  | 'account'
  | 'region'
  | 'restApiId'
  | 'stage'
  | 'name'
  | 'version'
  | 'description'
  | 'tags'
  | 'apiKeySource'
  | 'endpointTypes'
  | 'disableExecuteApiEndpoint'
  | 'vpcEndpointIds'
  | 'apiCreatedAt'
  | 'invokeUrl'
>;

function described(api: RestApi, { restApiId, stage }: Seen, { target, settings }: DiffContext): Described {
  const { account, region, dnsSuffix } = target;
  return {
    uniqueId: apiUniqueId({ account, region, restApiId, stage }),
    integrationId: settings.integrationId,
    account,
    region,
    restApiId,
    stage,
    name: api.name,
    version: apiVersion(api),
    description: api.description ?? '',
    tags: { ...api.tags },
    ...(api.apiKeySource !== undefined && { apiKeySource: api.apiKeySource }),
    endpointTypes: [...api.endpointTypes],
    disableExecuteApiEndpoint: api.disableExecuteApiEndpoint,
    vpcEndpointIds: [...api.vpcEndpointIds],
    ...(api.createdAt !== undefined && { apiCreatedAt: api.createdAt }),
    invokeUrl: invokeUrl({ ...api, restApiId, stage, region, dnsSuffix }),
  };
}

type StageFacts = Pick<
  CatalogEntry,
  'stageCreatedAt' | 'stageUpdatedAt' | 'deploymentId' | 'documentationVersion' | 'verified' | 'degraded'
>;

function stageFacts(current: CatalogEntry | undefined, { stage, stages }: Seen, readAt: number): StageFacts {
  const read = stages?.kind === 'read' ? stages.stages.get(stage) : undefined;
  if (read) {
    return {
      ...(read.createdAt !== undefined && { stageCreatedAt: read.createdAt }),
      ...(read.updatedAt !== undefined && { stageUpdatedAt: read.updatedAt }),
      ...(read.deploymentId !== undefined && { deploymentId: read.deploymentId }),
      ...(read.documentationVersion !== undefined && { documentationVersion: read.documentationVersion }),
      verified: true,
    };
  }
  const { stageCreatedAt, stageUpdatedAt, deploymentId, documentationVersion, degraded } = current ?? {};
  const failed =
    stages?.kind === 'failed' ? { reason: stages.reason, since: degraded?.since ?? readAt } : degraded;
  return {
    ...(stageCreatedAt !== undefined && { stageCreatedAt }),
    ...(stageUpdatedAt !== undefined && { stageUpdatedAt }),
    ...(deploymentId !== undefined && { deploymentId }),
    ...(documentationVersion !== undefined && { documentationVersion }),
    verified: current?.verified ?? false,
    ...(failed && { degraded: failed }),
  };
}

function whatChanged(before: CatalogEntry, after: CatalogEntry): NonNullable<Decision['event']> {
  if (before.missing) return { what: 'restored', detail: 'found in AWS again' };
  if (!before.degraded && after.degraded) return { what: 'degraded', detail: after.degraded.reason };
  if (before.degraded && !after.degraded) return { what: 'restored' };
  const plans = ({ plans }: CatalogEntry): string => JSON.stringify(sorted(plans));
  return { what: 'changed', ...(plans(before) !== plans(after) && { detail: 'its plans changed' }) };
}

/** Keys in order, so that two equal values have one JSON. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, child]) => [key, sorted(child)]),
  );
}
