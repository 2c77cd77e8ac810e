/** What aws-discovery knows about AWS: catalog entries, scan records, ingest jobs. All are in KV. */
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

/** A usage plan from the view of one API at one stage. */
export const CatalogPlan = z.object({
  usagePlanId: z.string(),
  name: z.string(),
  description: z.string(),
  limits: PlanLimits,
  /** Limits of single methods, `GET /pets` -> limits; they differ between the stages of a plan. */
  methodLimits: z.record(z.string(), PlanLimits),
  /**
   * Since when complete reads show that the plan no longer lists this stage, and how many reads at least a schedule
   * interval apart showed it.
   */
  detached: z
    .object({ since: epochMs, reads: z.number().int().positive(), lastReadAt: epochMs })
    .exactOptional(),
  /**
   * Whether this plan was ever sent to APIM. Only such a plan stays listed when it is detached. Set before the batch
   * leaves.
   */
  sent: z.boolean(),
});
export type CatalogPlan = z.output<typeof CatalogPlan>;

/** What a document says that no list of AWS does. Absent fields: it does not say. */
export const DocumentFacts = z.object({
  /** `info.version` as AWS wrote it. */
  version: z.string().exactOptional(),
  /** Whether some method or route requires an API key. */
  keyRequired: z.boolean().exactOptional(),
  /** In words, such as `JWT of https://login.example.com for the audience orders`. */
  authorizers: z.array(z.string()).exactOptional(),
  /** Route keys of a WebSocket API. */
  routes: z.array(z.string()).exactOptional(),
});
export type DocumentFacts = z.output<typeof DocumentFacts>;

/** The document of a stage (OpenAPI, or AsyncAPI for a WebSocket API): stored, or why there is none. */
export const DocumentState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('pending') }),
  /** `ref` is its place in the bucket `documents`; `cacheKey` describes what it was exported from. */
  z.object({
    state: z.literal('stored'),
    cacheKey: z.string(),
    ref: PayloadRef,
    exportedAt: epochMs,
    facts: DocumentFacts.exactOptional(),
  }),
  /** AWS refuses the export permanently (models that are not JSON). */
  z.object({
    state: z.literal('unavailable'),
    cacheKey: z.string(),
    reason: z.string(),
    exportedAt: epochMs,
  }),
]);
export type DocumentState = z.output<typeof DocumentState>;

/** An address of a stage under a custom domain. */
export const StageAddress = z.object({
  /** As AWS lists it; private domains of one name are told apart by `<name> <id>`. */
  domain: z.string(),
  url: z.string(),
  /** Only inside a VPC. */
  private: z.boolean().exactOptional(),
});
export type StageAddress = z.output<typeof StageAddress>;

/** Requests per second, and how many at once. */
const Throttle = PlanLimits.pick({ rateLimit: true, burstLimit: true });

/** An API at a stage. Its plans always come from one complete read of the usage plans. */
export const CatalogEntry = z.object({
  uniqueId: z.string(),
  integrationId: z.string(),
  account: z.string(),
  region: z.string(),
  /** Id of the API, whatever its type: REST APIs came first. */
  restApiId: z.string(),
  /** Absent: a REST API. */
  apiType: z.enum(['HTTP', 'WEBSOCKET']).exactOptional(),
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
  /** Epoch seconds from AWS; some emulators have none. */
  apiCreatedAt: z.number().exactOptional(),
  stageCreatedAt: z.number().exactOptional(),
  stageUpdatedAt: z.number().exactOptional(),
  deploymentId: z.string().exactOptional(),
  documentationVersion: z.string().exactOptional(),
  invokeUrl: z.string(),
  /** Under custom domains, the best first. Absent: none is known; empty: a read of all domains has shown none. */
  addresses: z.array(StageAddress).exactOptional(),
  /** Of an HTTP API: who may call it from a browser, in words. */
  cors: z.string().exactOptional(),
  /** The stage's own default throttle, and the account's. Absent: none, or nobody asked. */
  stageThrottle: Throttle.exactOptional(),
  accountThrottle: Throttle.exactOptional(),
  plans: z.array(CatalogPlan),
  document: DocumentState,
  /** The last exports for `cacheKey` failed, and `document` is the last good one. Tried again less and less often. */
  exportFailed: z
    .object({
      cacheKey: z.string(),
      reason: z.string(),
      attempts: z.number().int().positive(),
      lastAt: epochMs,
    })
    .exactOptional(),
  /**
   * Whether GetStages has shown the stage. Until then only a usage plan names it, and a plan may name a deleted stage.
   */
  verified: z.boolean(),
  /**
   * A plan of this stage was once sent to APIM: the stage stays listed when its last plan has left, so that APIM learns
   * of it.
   */
  plansSent: z.boolean(),
  /** The last read of this API or stage failed: the entry has the last good state. */
  degraded: z.object({ reason: z.string(), since: epochMs }).exactOptional(),
  /**
   * A complete read did not find it. It is hidden at once, and removed after a second such read at least a schedule
   * interval later.
   */
  missing: z.object({ since: epochMs, reads: z.number().int().positive() }).exactOptional(),
  firstSeenAt: epochMs,
  changedAt: epochMs,
});
export type CatalogEntry = z.output<typeof CatalogEntry>;

/** A target of an integration: its schedule, its claim, and what the last complete read of the plans showed. */
export const ScanRecord = z.object({
  integrationId: z.string(),
  account: z.string(),
  region: z.string(),
  /** Last time that REST APIs, usage plans and the stages of every due API were all read. */
  lastCompleteAt: epochMs.exactOptional(),
  lastAttemptAt: epochMs.exactOptional(),
  /** Why the last attempt was not complete. */
  lastFailure: z.string().exactOptional(),
  /** Last time the lists (REST APIs, usage plans) were read in full. */
  listsReadAt: epochMs.exactOptional(),
  /**
   * Digest of the lists from which the whole catalog of the target was written: while AWS answers the same, there is
   * nothing to write.
   */
  listsDigest: z.string().exactOptional(),
  /** Last time a scan skipped no API for being unchanged. Entries show where AWS failed. */
  stagesReadAt: epochMs.exactOptional(),
  /**
   * REST APIs whose stages the last scan read, or skipped as unchanged for long; and how many GetStages the scans of a
   * day make, with the APIs as they are now.
   */
  stages: z
    .object({
      read: z.number().int().nonnegative(),
      quiet: z.number().int().nonnegative(),
      perDay: z.number().int().nonnegative(),
    })
    .exactOptional(),
  /**
   * A message about this account and region came from the queue of changes, at this time or up to an hour later; so AWS
   * does send its changes there.
   */
  changeHeardAt: epochMs.exactOptional(),
  /** After the last scan something waits for another read: a stage that was not found, or an export that failed. */
  unsettled: z.boolean().exactOptional(),
  /** A command could not read the lists, and no read of them has succeeded since. */
  listsTrouble: z.object({ since: epochMs, reason: z.string() }).exactOptional(),
  /** Somebody, or DISCOVER, asked for a scan: it is due at once. The claim removes this. */
  requestedAt: epochMs.exactOptional(),
  /** The next scan reads the stages of all APIs, also of those that have not changed for long. */
  requestedAll: z.boolean().exactOptional(),
  dueAt: epochMs,
  /** `all`: this scan must read the stages of all APIs, also when another replica takes it over. */
  claim: z
    .object({
      instance: z.string(),
      until: epochMs,
      all: z.boolean().exactOptional(),
      /** REST APIs whose stages this scan has read, and will have; as of the last renewal. */
      progress: z.object({ done: z.number().int(), total: z.number().int() }).exactOptional(),
    })
    .exactOptional(),
  /** Hash of the settings of the last scan; a process that starts with other settings asks for a scan. */
  settings: z.string().exactOptional(),
  /** Our identity there: the caller's ARN, or the configured identity. */
  identity: z.string().exactOptional(),
  /**
   * Every usage plan of the last complete read of the plans, by id. The stages that each opens are in the catalog's
   * entries.
   */
  usagePlans: z.record(z.string(), z.object({ name: z.string() })),
  usagePlansReadAt: epochMs.exactOptional(),
  /**
   * Usage plans that complete reads no longer find. Two `reads`, at least a schedule interval apart, mean that the plan
   * is gone; the saga ends keys by this.
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
   * - `announced`: written; it is not yet known whether APIM has the START_INGEST reply;
   * - `running`: batches are sent;
   * - `done`: the last batch was published;
   * - `refused`: APIM never got the reply.
   */
  state: z.enum(['announced', 'running', 'done', 'refused']),
  total: z.number().int().nonnegative(),
  /** The fixed list of unique ids (`string[]`); a long one is in the bucket `payloads`. */
  items: z.union([z.strictObject({ inline: z.array(z.string()) }), z.strictObject({ ref: PayloadRef })]),
  /**
   * Where the next batch starts in `items`, and its number. Whoever takes the job over skips a number: the previous
   * driver may have published that number with other APIs, and the broker would drop ours as a duplicate.
   */
  nextItem: z.number().int().nonnegative(),
  nextBatch: z.number().int().nonnegative(),
  /** No batch is sent before this: APIM drops one that overtakes its own bookkeeping. */
  startAt: epochMs,
  lastBatchAt: epochMs.exactOptional(),
  claim: z.object({ instance: z.string(), until: epochMs }).exactOptional(),
  /** W3C headers of the START_INGEST: the job's trace links to it. */
  trace: z.record(z.string(), z.string()),
  createdAt: epochMs,
});
export type IngestJob = z.output<typeof IngestJob>;

/**
 * Keys of the buckets. A key must not have a `:`, so the parts of a unique id are joined by dots; no part has a dot.
 * Nor may it have the `$` of the stage `$default`, which no other stage can have either.
 */
export const catalogKeys = {
  entry: (integrationId: string, { account, region, restApiId, stage }: ApiCoordinates): string =>
    `${idToken(integrationId)}.${account}.${region}.${restApiId}.${stage.replace('$', '=')}`,
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
