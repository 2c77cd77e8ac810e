/**
 * What a complete read makes of one catalog entry. Pure; every compare-and-set runs it again. An incomplete read never
 * comes here: the entries stay as they are.
 *
 * `afterLists` takes REST APIs and usage plans, both read in full. For each stage:
 *
 * | the lists show | entry unknown | entry known |
 * |---|---|---|
 * | API, and plans of the stage | added, not verified | its API and plans as listed |
 * | API, no plan of the stage | nothing (1) | as listed; removed when plans are required and none was ever sent |
 * | API, but the filters refuse the stage | nothing | kept but not listed when plans were sent; else removed |
 * | no such API | nothing | missing: hidden; removed by the second such read (2) |
 *
 * While HTTP and WebSocket APIs are unread, their entries stay as they are; when their type is no longer wanted, they
 * are removed.
 *
 * `afterStages` takes GetStages of one API:
 *
 * | GetStages says | entry unknown | entry known |
 * |---|---|---|
 * | the stage | added when plans are not required | verified, its facts as read; not missing or degraded any more |
 * | not the stage | nothing | missing: hidden; removed by the second such read (2) once no plan names it |
 * | it failed | nothing | degraded: the last good state, with the reason |
 * | no such API | nothing | the same: the next lists say so |
 *
 * `afterLists` also decides on each plan of an entry:
 *
 * | the lists show | plan unknown | plan known |
 * |---|---|---|
 * | it names the stage | added | as listed; not detached any more |
 * | it does not | nothing | dropped when it was never sent; else detached, and it stays (3) |
 *
 * (1) Only GetStages names such a stage. (2) At least a schedule interval after the first. (3) Unless
 * `removeDetachedPlans` is set and two reads, at least a schedule interval apart, agree.
 */
import { isDeepStrictEqual } from 'node:util';
import type { GatewayApi, Stage, Target } from '@federation-agent/aws-control-plane';
import {
  apiUniqueId,
  needsPlan,
  type ApiEvent,
  type CatalogEntry,
  type CatalogPlan,
  type StageOfApi,
} from '@federation-agent/contracts';
import { corsInWords } from '../mapping/cors.ts';
import { apiVersion } from '../mapping/document.ts';
import { invokeUrl } from '../mapping/invoke-url.ts';
import type { IntegrationSettings } from '../settings.ts';
import type { SeenPlan, StagesSeen } from './seen.ts';

/** What the lists say about one stage. */
export interface SeenInLists {
  readonly restApiId: string;
  readonly stage: string;
  readonly api: GatewayApi | undefined;
  readonly plans: readonly SeenPlan[];
  /** HTTP and WebSocket APIs could not be read. */
  readonly v2Unread?: boolean;
}

export interface DiffContext {
  readonly target: Pick<Target, 'account' | 'region' | 'dnsSuffix'>;
  readonly settings: Pick<
    IntegrationSettings,
    'integrationId' | 'acceptApiWithoutUsagePlan' | 'v2Types' | 'removeDetachedPlans' | 'schedule' | 'filter'
  >;
  /** Epoch ms: when the read began. */
  readonly readAt: number;
}

export interface Decision {
  /** The same object that was given: leave the entry unchanged. Undefined: no entry, or remove it. */
  readonly entry: CatalogEntry | undefined;
  readonly event?: { readonly what: ApiEvent['what']; readonly detail?: string };
}

/** How many complete reads, at least a schedule interval apart, must agree before something counts as gone. */
const readsToBelieve = 2;

export function afterLists(
  current: CatalogEntry | undefined,
  seen: SeenInLists,
  context: DiffContext,
): Decision {
  const { api } = seen;
  const { settings, readAt } = context;
  // A DISCOVER or another replica wrote a newer read meanwhile.
  if (current && current.changedAt > readAt) return { entry: current };
  if (!api) return current ? unlisted(current, seen, context) : { entry: undefined };
  const plans = nextPlans(current?.plans ?? [], seen.plans, context);
  const passes = settings.filter(candidateOf(api, seen.stage, context));
  if (!current) {
    if (!passes || plans.length === 0) return { entry: undefined };
    return { entry: newEntry(api, seen, plans, context), event: { what: 'added' } };
  }
  const wanted = passes && (plans.length > 0 || !needsPlan(api, settings));
  // An entry whose plans were sent stays in the catalog even while it is out of scope, so that no plan is forgotten.
  if (!wanted && !current.plansSent) {
    return outOfScope;
  }
  const { apiKeySource: _source, apiCreatedAt: _created, cors: _cors, ...rest } = current;
  return settle(current, { ...rest, ...described(api, seen, context), plans }, readAt);
}

const outOfScope: Decision = {
  entry: undefined,
  event: { what: 'removed', detail: 'no longer in scope' },
};

function unlisted(
  current: CatalogEntry,
  { v2Unread }: Pick<SeenInLists, 'v2Unread'>,
  context: DiffContext,
): Decision {
  const { apiType } = current;
  if (apiType !== undefined && !context.settings.v2Types.includes(apiType)) return outOfScope;
  if (apiType !== undefined && v2Unread) return { entry: current };
  return missing(current, context, true);
}

export function afterStages(
  current: CatalogEntry | undefined,
  seen: SeenInLists & { readonly stages: StagesSeen },
  context: DiffContext,
): Decision {
  const { api, stage, stages } = seen;
  const { settings, readAt } = context;
  if (stages.kind === 'gone') return { entry: current };
  if (stages.kind === 'failed') {
    if (!current || current.missing) return { entry: current };
    const degraded = { reason: stages.reason, since: current.degraded?.since ?? readAt };
    return settle(current, { ...current, degraded }, readAt);
  }
  const read = stages.stages.get(stage);
  if (!read) {
    const named = current?.plans.some((plan) => !plan.detached) ?? false;
    return current ? missing(current, context, !named) : { entry: undefined };
  }
  if (current) return settle(current, { ...withoutStageFacts(current), ...stageFacts(read) }, readAt);
  const passes = api && settings.filter(candidateOf(api, stage, context));
  if (!passes || needsPlan(api, settings)) return { entry: undefined };
  const entry = newEntry(api, seen, nextPlans([], seen.plans, context), context);
  return { entry: { ...entry, ...stageFacts(read) }, event: { what: 'added' } };
}

/** The stage as the filters look at it. */
function candidateOf(
  api: GatewayApi,
  stage: string,
  { target: { account, region } }: DiffContext,
): StageOfApi {
  const { name, tags, endpointTypes, apiType } = api;
  return { name, tags, stage, endpointTypes, apiType, account, region };
}

/** Returns the old entry when nothing differs, so that nothing is written. */
export function settle(before: CatalogEntry, after: CatalogEntry, readAt: number): Decision {
  if (isDeepStrictEqual(before, after)) return { entry: before };
  const changedAt = Math.max(before.changedAt, readAt);
  return { entry: { ...after, changedAt }, ...whatChanged(before, after) };
}

function missing(current: CatalogEntry, { settings, readAt }: DiffContext, mayRemove: boolean): Decision {
  if (!current.missing) {
    const changedAt = Math.max(current.changedAt, readAt);
    const hidden = { ...current, missing: { since: readAt, reads: 1 }, changedAt };
    return { entry: hidden, event: { what: 'removed', detail: 'not found in AWS: hidden' } };
  }
  if (!mayRemove || !settings.schedule.apart(current.missing.since, readAt)) return { entry: current };
  return { entry: undefined, event: { what: 'removed', detail: 'gone from AWS' } };
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

/** Counts reads at least a schedule interval apart. It stops when the count is enough, to avoid further writes. */
function nextDetached(
  before: CatalogPlan['detached'],
  { schedule }: DiffContext['settings'],
  readAt: number,
): NonNullable<CatalogPlan['detached']> {
  if (!before) return { since: readAt, reads: 1, lastReadAt: readAt };
  if (before.reads >= readsToBelieve || !schedule.apart(before.lastReadAt, readAt)) return before;
  return { ...before, reads: before.reads + 1, lastReadAt: readAt };
}

function newEntry(
  api: GatewayApi,
  seen: SeenInLists,
  plans: CatalogPlan[],
  context: DiffContext,
): CatalogEntry {
  return {
    ...described(api, seen, context),
    plans,
    document: { state: 'pending' },
    verified: false,
    plansSent: false,
    firstSeenAt: context.readAt,
    changedAt: context.readAt,
  };
}

/** What the lists say about the API. The rest of an entry is about the stage, or is our own bookkeeping. */
function described(api: GatewayApi, { restApiId, stage }: SeenInLists, { target, settings }: DiffContext) {
  const { account, region, dnsSuffix } = target;
  return {
    uniqueId: apiUniqueId({ account, region, restApiId, stage }),
    integrationId: settings.integrationId,
    account,
    region,
    restApiId,
    stage,
    ...(api.apiType !== undefined && { apiType: api.apiType }),
    name: api.name,
    version: apiVersion(api),
    description: api.description ?? '',
    tags: { ...api.tags },
    ...(api.apiKeySource !== undefined && { apiKeySource: api.apiKeySource }),
    endpointTypes: [...api.endpointTypes],
    disableExecuteApiEndpoint: api.disableExecuteApiEndpoint,
    vpcEndpointIds: [...api.vpcEndpointIds],
    ...(api.createdAt !== undefined && { apiCreatedAt: api.createdAt }),
    ...(api.cors && { cors: corsInWords(api.cors) }),
    invokeUrl: invokeUrl({ ...api, restApiId, stage, region, dnsSuffix }),
  };
}

function stageFacts({ createdAt, updatedAt, deploymentId, documentationVersion, throttle }: Stage) {
  return {
    ...(createdAt !== undefined && { stageCreatedAt: createdAt }),
    ...(updatedAt !== undefined && { stageUpdatedAt: updatedAt }),
    ...(deploymentId !== undefined && { deploymentId }),
    ...(documentationVersion !== undefined && { documentationVersion }),
    ...(throttle && { stageThrottle: throttle }),
    verified: true,
  };
}

function withoutStageFacts(entry: CatalogEntry): CatalogEntry {
  const {
    stageCreatedAt: _c,
    stageUpdatedAt: _u,
    deploymentId: _d,
    documentationVersion: _v,
    stageThrottle: _t,
    ...rest
  } = entry;
  const { degraded: _degraded, missing: _missing, ...kept } = rest;
  return kept;
}

function whatChanged(before: CatalogEntry, after: CatalogEntry): Pick<Decision, 'event'> {
  if (before.missing && !after.missing) return { event: { what: 'restored', detail: 'found in AWS again' } };
  if (!before.degraded && after.degraded)
    return { event: { what: 'degraded', detail: after.degraded.reason } };
  if (before.degraded && !after.degraded) return { event: { what: 'restored' } };
  // The first read of a stage only completes the entry, which has had its event.
  if (!before.verified && after.verified) return {};
  const plans = !isDeepStrictEqual(before.plans, after.plans);
  return { event: { what: 'changed', ...(plans && { detail: 'its plans changed' }) } };
}
