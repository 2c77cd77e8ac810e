/** What the agent found in AWS: account > region > API > stage > plans. */
import { z } from 'zod';
import { count, paging, time } from './common.ts';

/** `listed`: APIM is told of it; `stale`: too, but from its last good state; `hidden`: APIM is not told of it. */
export const ListingState = z.enum(['listed', 'stale', 'hidden']);
export type ListingState = z.output<typeof ListingState>;

/** Why a stage is hidden or stale. */
export const ListingReason = z.object({
  code: z.enum(['missing', 'filtered', 'no-plan', 'degraded', 'export-failed', 'target-stale']),
  text: z.string(),
  /** What to do, when it should be otherwise. */
  fix: z.string(),
  since: time.exactOptional(),
});
export type ListingReason = z.output<typeof ListingReason>;

export const StagePlan = z.object({
  usagePlanId: z.string(),
  name: z.string(),
  /** AWS no longer has this stage in the plan; APIM still lists the plan. */
  detached: z.boolean(),
  /** APIM has been told of it. */
  sent: z.boolean(),
});
export type StagePlan = z.output<typeof StagePlan>;

/** An API at a stage. Names, tags and descriptions come from AWS: show them as text only. */
export const StageRow = z.object({
  uniqueId: z.string(),
  integrationId: z.string(),
  account: z.string(),
  region: z.string(),
  restApiId: z.string(),
  stage: z.string(),
  name: z.string(),
  version: z.string(),
  /** Absent: a REST API. */
  apiType: z.enum(['HTTP', 'WEBSOCKET']).exactOptional(),
  /** The addresses under custom domains, the best first; absent: none is known. */
  addresses: z.array(z.string()).exactOptional(),
  plans: z.array(StagePlan),
  document: z.enum(['pending', 'stored', 'unavailable']),
  state: ListingState,
  /** The first one decides the state. */
  reasons: z.array(ListingReason),
  changedAt: time,
});
export type StageRow = z.output<typeof StageRow>;

export const EstateQuery = z.object({
  /** Words; each must be in name, id, stage, account, region, address, plan name or plan id. Case does not matter. */
  search: z.string().max(200).default(''),
  integration: z.string().exactOptional(),
  account: z.string().exactOptional(),
  region: z.string().exactOptional(),
  restApiId: z.string().exactOptional(),
  state: ListingState.exactOptional(),
  sort: z.enum(['name', 'changedAt', 'state']).default('name'),
  order: z.enum(['asc', 'desc']).default('asc'),
  ...paging,
});
export type EstateQuery = z.output<typeof EstateQuery>;

export const EstatePage = z.object({
  /** Stages that match the query, over all pages. */
  total: count,
  rows: z.array(StageRow),
});
export type EstatePage = z.output<typeof EstatePage>;

/** The upper part of the tree; APIs and stages of a region are a query with `account` and `region`. */
export const EstateTree = z.object({
  accounts: z.array(
    z.object({
      account: z.string(),
      stages: count,
      regions: z.array(
        z.object({
          region: z.string(),
          apis: count,
          stages: count,
          listed: count,
          hidden: count,
          stale: count,
        }),
      ),
    }),
  ),
});
export type EstateTree = z.output<typeof EstateTree>;

/** Limits as AWS has them; absent: unlimited. */
export const PlanDetail = StagePlan.extend({
  description: z.string(),
  /** In words, such as `10 requests per second`. */
  limits: z.array(z.string()),
  detachedSince: time.exactOptional(),
});
export type PlanDetail = z.output<typeof PlanDetail>;

export const StageDetail = StageRow.omit({ plans: true }).extend({
  plans: z.array(PlanDetail),
  description: z.string(),
  tags: z.record(z.string(), z.string()),
  endpointTypes: z.array(z.string()),
  invokeUrl: z.string(),
  apiKeySource: z.string().exactOptional(),
  deploymentId: z.string().exactOptional(),
  firstSeenAt: time,
  documentDetail: z.object({
    state: z.enum(['pending', 'stored', 'unavailable']),
    exportedAt: time.exactOptional(),
    bytes: count.exactOptional(),
    /** Why there is none, or why the last export failed. */
    reason: z.string().exactOptional(),
  }),
  /** The last ingest that had this stage; absent: none that is still known. */
  told: z
    .object({
      ingestJobId: z.string(),
      at: time,
      /** `waiting`: the job has not come to it yet. */
      state: z.enum(['sent', 'waiting', 'refused']),
    })
    .exactOptional(),
  /** Numbers of subscriptions by state. */
  subscriptions: z.record(z.string(), count),
});
export type StageDetail = z.output<typeof StageDetail>;

/** What an integration's keys say of a stage. */
export const Explanation = z.object({
  uniqueId: z.string(),
  name: z.string(),
  state: ListingState,
  /** Each key that is set: what it is set to, and whether it lets the stage pass. */
  keys: z.array(z.object({ key: z.string(), value: z.string(), passes: z.boolean() })),
  /** Each comparison of the filter, with what it saw. */
  comparisons: z.array(z.object({ text: z.string(), seen: z.array(z.string()), passes: z.boolean() })),
  /** What another filter would do to the catalog of the integration. */
  trial: z.object({ passesNow: count, passesThen: count, gained: count, lost: count }).exactOptional(),
});
export type Explanation = z.output<typeof Explanation>;

export const ExplainQuery = z.object({
  /** Tried in place of the configured filter. */
  filter: z.string().max(4_000).exactOptional(),
});
export type ExplainQuery = z.output<typeof ExplainQuery>;

/** Why an API is or is not in APIM. */
export const Why = z.object({
  query: z.string(),
  /** One sentence. */
  answer: z.string(),
  matches: z.array(
    z.object({
      uniqueId: z.string(),
      name: z.string(),
      state: ListingState,
      answer: z.string(),
      reasons: z.array(ListingReason),
      told: StageDetail.shape.told,
    }),
  ),
  /** What else keeps APIs out: targets that cannot be read, a channel that is down, an ingest that runs. */
  also: z.array(z.string()),
});
export type Why = z.output<typeof Why>;
