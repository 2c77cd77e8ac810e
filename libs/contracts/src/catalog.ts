/** What aws-discovery knows of AWS: catalog entries, scan records, ingest jobs. All in KV. */
import { z } from 'zod';
import { PayloadRef } from './broker/messages.ts';
import { idToken, type ApiCoordinates } from './ids.ts';

const epochMs = z.number().int().nonnegative();

/** A usage plan's limits; absent means unlimited. Best effort, per key, over all stages of the plan (AWS). */
export const PlanLimits = z.object({
  rateLimit: z.number().exactOptional(),
  burstLimit: z.number().exactOptional(),
  quota: z
    .object({ limit: z.number(), offset: z.number().exactOptional(), period: z.string() })
    .exactOptional(),
});
export type PlanLimits = z.output<typeof PlanLimits>;

/** A usage plan as one API at one stage shows it. */
export const CatalogPlan = z.object({
  usagePlanId: z.string(),
  name: z.string(),
  description: z.string(),
  limits: PlanLimits,
  /** Limits of single methods, `GET /pets` -> limits; they differ per stage of a plan. */
  methodLimits: z.record(z.string(), PlanLimits),
  /** Since when complete reads say that the plan no longer lists this stage, and how many said so a schedule apart. */
  detached: z
    .object({ since: epochMs, reads: z.number().int().positive(), lastReadAt: epochMs })
    .exactOptional(),
  /**
   * Whether APIM was ever sent this plan. Only such a plan stays listed once it is detached. Set before the batch
   * leaves.
   */
  sent: z.boolean(),
});
export type CatalogPlan = z.output<typeof CatalogPlan>;

/** The OpenAPI document of a stage: in the store, or why not. */
export const DocumentState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('pending') }),
  /** `ref` names it in the bucket `documents`; `cacheKey` says what it was exported from. */
  z.object({ state: z.literal('stored'), cacheKey: z.string(), ref: PayloadRef, exportedAt: epochMs }),
  /** An export that AWS refuses for good (models that are not JSON). */
  z.object({
    state: z.literal('unavailable'),
    cacheKey: z.string(),
    reason: z.string(),
    exportedAt: epochMs,
  }),
]);
export type DocumentState = z.output<typeof DocumentState>;

/** A REST API at a stage. Its plan list always comes from one complete read of the usage plans. */
export const CatalogEntry = z.object({
  uniqueId: z.string(),
  integrationId: z.string(),
  account: z.string(),
  region: z.string(),
  restApiId: z.string(),
  stage: z.string(),
  name: z.string(),
  version: z.string(),
  description: z.string(),
  tags: z.record(z.string(), z.string()),
  /** `HEADER` or `AUTHORIZER`: an API whose key source is an authorizer does not read `x-api-key`. */
  apiKeySource: z.string().exactOptional(),
  endpointTypes: z.array(z.string()),
  disableExecuteApiEndpoint: z.boolean(),
  vpcEndpointIds: z.array(z.string()),
  /** Epoch seconds as AWS gives them; some emulators have none. */
  apiCreatedAt: z.number().exactOptional(),
  stageCreatedAt: z.number().exactOptional(),
  stageUpdatedAt: z.number().exactOptional(),
  deploymentId: z.string().exactOptional(),
  documentationVersion: z.string().exactOptional(),
  invokeUrl: z.string(),
  plans: z.array(CatalogPlan),
  document: DocumentState,
  /** The last exports of what `cacheKey` names failed and `document` is the last good one; tried ever more seldom. */
  exportFailed: z
    .object({
      cacheKey: z.string(),
      reason: z.string(),
      attempts: z.number().int().positive(),
      lastAt: epochMs,
    })
    .exactOptional(),
  /** Whether GetStages has shown the stage; until then only a usage plan names it, which may name what is gone. */
  verified: z.boolean(),
  /** APIM was once sent a plan of it: it stays listed when its last plan has left, so that APIM hears of that. */
  plansSent: z.boolean(),
  /** The last read of this API or stage failed: what is here is the last good state. */
  degraded: z.object({ reason: z.string(), since: epochMs }).exactOptional(),
  /** A complete read did not find it; hidden at once, removed after a second one a schedule apart. */
  missing: z.object({ since: epochMs, reads: z.number().int().positive() }).exactOptional(),
  firstSeenAt: epochMs,
  changedAt: epochMs,
});
export type CatalogEntry = z.output<typeof CatalogEntry>;

/** A target of an integration: its schedule, its claim, what the last complete read of the plans saw. */
export const ScanRecord = z.object({
  integrationId: z.string(),
  account: z.string(),
  region: z.string(),
  /** Last time that REST APIs, usage plans and the stages of every API that was due were all read. */
  lastCompleteAt: epochMs.exactOptional(),
  lastAttemptAt: epochMs.exactOptional(),
  /** Why the last attempt was not complete. */
  lastFailure: z.string().exactOptional(),
  /** Last time the lists (REST APIs, usage plans) were read in full. */
  listsReadAt: epochMs.exactOptional(),
  /**
   * Of the lists that the whole catalog of the target was written from: while AWS says the same there is nothing to
   * write.
   */
  listsDigest: z.string().exactOptional(),
  /** Last time a scan left no API out because it had not changed for long. Where AWS failed, the entries say so. */
  stagesReadAt: epochMs.exactOptional(),
  /**
   * REST APIs whose stages the last scan read, or left alone as they had not changed for long; and how many GetStages
   * the scans of a day make, as the APIs are now.
   */
  stages: z
    .object({
      read: z.number().int().nonnegative(),
      quiet: z.number().int().nonnegative(),
      perDay: z.number().int().nonnegative(),
    })
    .exactOptional(),
  /** A command could not read them, and no read of them succeeded after that. */
  listsTrouble: z.object({ since: epochMs, reason: z.string() }).exactOptional(),
  /** Asked for by hand or by DISCOVER: due at once. The claim takes it out. */
  requestedAt: epochMs.exactOptional(),
  /** The next scan reads the stages of all APIs, also of those that have not changed for long. */
  requestedAll: z.boolean().exactOptional(),
  dueAt: epochMs,
  /** `all`: this scan was asked to read the stages of all APIs; whoever takes it over does so too. */
  claim: z.object({ instance: z.string(), until: epochMs, all: z.boolean().exactOptional() }).exactOptional(),
  /** Hash of the settings it was last scanned with; a process that starts with others asks for a scan. */
  settings: z.string().exactOptional(),
  /** Who we are there: the caller's ARN, or how the identity is configured. */
  identity: z.string().exactOptional(),
  /**
   * Every usage plan of the last complete read of the plans, by id. Which stages each opens is in the catalog's
   * entries.
   */
  usagePlans: z.record(z.string(), z.object({ name: z.string() })),
  usagePlansReadAt: epochMs.exactOptional(),
  /**
   * Usage plans that complete reads no longer find: two `reads`, a schedule apart, mean gone. The saga ends keys by it.
   */
  gonePlans: z.record(
    z.string(),
    z.object({ since: epochMs, reads: z.number().int().positive(), lastReadAt: epochMs }),
  ),
});
export type ScanRecord = z.output<typeof ScanRecord>;

/** An ingest job; any replica drives it to `done`. */
export const IngestJob = z.object({
  ingestJobId: z.string(),
  integrationId: z.string(),
  commandId: z.string(),
  deadline: epochMs,
  /**
   * - `announced`: written, its START_INGEST reply not yet known to be out;
   * - `running`: batches flow; - `done`: the last batch was published; - `refused`: APIM never had the reply.
   */
  state: z.enum(['announced', 'running', 'done', 'refused']),
  total: z.number().int().nonnegative(),
  /** The fixed list of unique ids (`string[]`), in the bucket `payloads` when it is long. */
  items: z.union([z.strictObject({ inline: z.array(z.string()) }), z.strictObject({ ref: PayloadRef })]),
  /**
   * Where the next batch starts in `items`, and its number. Whoever takes the job over skips a number: the one before
   * may have published it with other APIs, and the broker would drop ours as a duplicate.
   */
  nextItem: z.number().int().nonnegative(),
  nextBatch: z.number().int().nonnegative(),
  /** No batch before this: APIM drops one that overtakes its own bookkeeping. */
  startAt: epochMs,
  lastBatchAt: epochMs.exactOptional(),
  claim: z.object({ instance: z.string(), until: epochMs }).exactOptional(),
  /** W3C headers of the START_INGEST: the job's trace links to it. */
  trace: z.record(z.string(), z.string()),
  createdAt: epochMs,
});
export type IngestJob = z.output<typeof IngestJob>;

/** Keys of the buckets. A key holds no `:`, so the parts of a unique id are joined by dots; none of them holds one. */
export const catalogKeys = {
  entry: (integrationId: string, { account, region, restApiId, stage }: ApiCoordinates): string =>
    `${idToken(integrationId)}.${account}.${region}.${restApiId}.${stage}`,
  ofIntegration: (integrationId: string): string => `${idToken(integrationId)}.>`,
  ofTarget: (integrationId: string, account: string, region: string): string =>
    `${idToken(integrationId)}.${account}.${region}.>`,
  /** Every stage of one REST API. */
  ofApi: (integrationId: string, { account, region, restApiId }: Omit<ApiCoordinates, 'stage'>): string =>
    `${idToken(integrationId)}.${account}.${region}.${restApiId}.*`,
  scan: (integrationId: string, account: string, region: string): string =>
    `${idToken(integrationId)}.${account}.${region}`,
  ingest: (ingestJobId: string): string => idToken(ingestJobId),
} as const;
