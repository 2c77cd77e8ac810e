/** What APIM stores about federated APIs, in memory: the data and the rules of an upsert. */
import { createHash, randomUUID } from 'node:crypto';
import type { ReadApi, ReadMetadata, ReadPage, ReadPlan } from './reader.ts';
import type { Store } from './store.ts';

type JobStatus = 'PENDING' | 'SUCCESS' | 'TIMEOUT' | 'ERROR';

export interface Job {
  readonly id: string;
  readonly total: number;
  status: JobStatus;
  /** APIM creates the job after it has the START_INGEST reply. A batch before that is answered and dropped. */
  created: boolean;
  deadline: number;
  batches: number;
  apis: number;
  largestBatchBytes: number;
  dropped: number;
  readonly errors: string[];
}

export interface FederatedApi {
  readonly id: string;
  readonly key: string;
  source: ReadApi;
  readonly plans: Map<string, ReadPlan>;
  readonly pages: Map<string, ReadPage>;
  /** By the form in which the database compares the key. */
  readonly metadata: Map<string, ReadMetadata>;
  updates: number;
}

export interface ApiSubscription {
  readonly id: string;
  readonly apiKeyOfModel: string;
  readonly planId: string;
  readonly applicationId: string | undefined;
  readonly applicationName: string | undefined;
  status: 'PENDING' | 'ACCEPTED' | 'REJECTED' | 'CLOSED';
  apiKey?: string | undefined;
  metadata?: Readonly<Record<string, string>> | undefined;
  errorDetails?: string | undefined;
  elapsedMs?: number;
}

export interface IntegrationState {
  readonly id: string;
  readonly provider: string;
  readonly jobs: Map<string, Job>;
  readonly apis: Map<string, FederatedApi>;
  readonly subscriptions: Map<string, ApiSubscription>;
  readonly deletedPlans: { uniqueId: string; planId: string; subscriptions: string[] }[];
  /** Faults that a test sets for the ingest. */
  trouble: IngestTrouble;
}

interface IngestTrouble {
  /** The database is away: every INGEST gets ERROR. */
  readonly away: boolean;
  /** Unique ids of APIs that the database refuses: the INGEST gets ERROR at such an API. */
  readonly refused: readonly string[];
}

const noTrouble: IngestTrouble = { away: false, refused: [] };

export function newIntegration(id: string, provider: string): IntegrationState {
  return {
    id,
    provider,
    jobs: new Map(),
    apis: new Map(),
    subscriptions: new Map(),
    deletedPlans: [],
    trouble: noTrouble,
  };
}

export function newJob(id: string, total: number): Job {
  return {
    id,
    total,
    status: 'PENDING',
    created: false,
    deadline: 0,
    batches: 0,
    apis: 0,
    largestBatchBytes: 0,
    dropped: 0,
    errors: [],
  };
}

export function newSubscription(
  api: FederatedApi,
  planId: string,
  application: { id?: string; name?: string },
): ApiSubscription {
  return {
    id: randomUUID(),
    apiKeyOfModel: api.key,
    planId,
    applicationId: application.id,
    applicationName: application.name,
    status: 'PENDING',
  };
}

/** Finds an API by APIM's id, by its unique id or by the provider's id. */
export function findApi(integration: IntegrationState, anyId: string): FederatedApi | undefined {
  return [...integration.apis.values()].find((api) => [api.id, api.key, api.source.id].includes(anyId));
}

/** Open subscriptions of a plan; APIM closes them before it deletes the plan. */
export function openSubscriptions(
  integration: IntegrationState,
  api: FederatedApi,
  planId: string,
): ApiSubscription[] {
  return [...integration.subscriptions.values()].filter(
    (one) => one.apiKeyOfModel === api.key && one.planId === planId && one.status === 'ACCEPTED',
  );
}

/**
 * Stores an API without its metadata. A plan that is no longer listed is deleted with its subscriptions; `closePlan`
 * ends them first. When the database refuses something, the upsert stops there: the API may exist without its plans, or
 * with plans and without a page.
 *
 * @param key of the API, see `keyOf`
 * @throws Error when `pages` or `plans` of a known API are null, as in APIM, or when a plan cannot be closed;
 * StoreRefusal
 */
export async function upsert(
  integration: IntegrationState,
  key: string,
  api: ReadApi,
  store: Store,
  closePlan: (known: FederatedApi, planId: string) => Promise<void>,
): Promise<void> {
  const known = integration.apis.get(key);
  store.api(api);
  if (known) {
    const { pages, plans } = api;
    if (!pages || !plans) throw new Error(`NullPointerException: ${pages ? 'plans' : 'pages'}`);
    const kept = plans.map((plan) => plan.id);
    for (const planId of [...known.plans.keys()].filter((id) => !kept.includes(id)))
      await closePlan(known, planId);
    known.updates += 1;
  }
  const stored: FederatedApi = known ?? {
    id: derivedId(integration.id, key),
    key,
    source: api,
    plans: new Map(),
    pages: new Map(),
    metadata: new Map(),
    updates: 0,
  };
  stored.source = api;
  integration.apis.set(key, stored);
  for (const plan of api.plans ?? []) {
    store.plan(plan);
    stored.plans.set(plan.id ?? '', plan);
  }
  for (const page of api.pages ?? []) {
    // APIM imports only these two types.
    if (page.pageType !== 'SWAGGER' && page.pageType !== 'ASYNCAPI') continue;
    store.page(page);
    stored.pages.set(page.filename ?? '', page);
  }
}

/**
 * Metadata are created or updated by name, and never removed. When the database takes two names for the same one, the
 * second overwrites the first.
 *
 * @throws StoreRefusal: APIM does not catch it, so the whole INGEST ends
 */
export function saveMetadata(integration: IntegrationState, key: string, api: ReadApi, store: Store): void {
  for (const metadata of api.metadata ?? []) {
    store.metadata(metadata);
    integration.apis.get(key)?.metadata.set(store.key(metadata.name ?? ''), metadata);
  }
}

/** An API without a unique id becomes a new API at every ingest. */
export function keyOf({ uniqueId }: ReadApi): string {
  return uniqueId ?? `duplicate-${randomUUID()}`;
}

/** Derived from environment, integration and unique id, so it always stays the same. */
function derivedId(integrationId: string, key: string): string {
  const hex = createHash('md5').update(`DEFAULT${integrationId}${key}`).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, '$1-$2-$3-$4-$5');
}
