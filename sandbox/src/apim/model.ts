/** What APIM keeps about federated APIs, in memory: the state and the rules of an upsert. */
import { createHash, randomUUID } from 'node:crypto';
import type { ReadApi, ReadPage, ReadPlan } from './reader.ts';

export type JobStatus = 'PENDING' | 'SUCCESS' | 'TIMEOUT' | 'ERROR';

export interface Job {
  readonly id: string;
  readonly total: number;
  status: JobStatus;
  /** APIM creates the job after it has the START_INGEST reply; a batch before that is answered and dropped. */
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
}

export function newIntegration(id: string, provider: string): IntegrationState {
  return { id, provider, jobs: new Map(), apis: new Map(), subscriptions: new Map(), deletedPlans: [] };
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

/** Finds an API by the id APIM gave it, by its unique id or by the provider's id. */
export function findApi(integration: IntegrationState, anyId: string): FederatedApi | undefined {
  return [...integration.apis.values()].find((api) => [api.id, api.key, api.source.id].includes(anyId));
}

/** Open subscriptions of a plan: what APIM closes before it deletes the plan. */
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
 * Takes an API in. A plan that is no longer listed is deleted with its subscriptions; `closePlan` ends them first.
 *
 * @throws Error when `pages` or `plans` of a known API are null, as in APIM, or when a plan cannot be closed
 */
export async function upsert(
  integration: IntegrationState,
  api: ReadApi,
  closePlan: (known: FederatedApi, planId: string) => Promise<void>,
): Promise<void> {
  const key = api.uniqueId ?? `duplicate-${randomUUID()}`;
  const known = integration.apis.get(key);
  if (known) {
    const { pages, plans } = api;
    if (!pages || !plans) throw new Error(`NullPointerException: ${pages ? 'plans' : 'pages'}`);
    const kept = plans.map((plan) => plan.id);
    for (const planId of [...known.plans.keys()].filter((id) => !kept.includes(id)))
      await closePlan(known, planId);
    known.updates += 1;
  }
  const stored = known ?? {
    id: derivedId(integration.id, key),
    key,
    source: api,
    plans: new Map<string, ReadPlan>(),
    pages: new Map<string, ReadPage>(),
    updates: 0,
  };
  stored.source = api;
  for (const plan of api.plans ?? []) stored.plans.set(plan.id ?? '', plan);
  for (const page of api.pages ?? []) {
    // Only these two are imported.
    if (page.pageType === 'SWAGGER' || page.pageType === 'ASYNCAPI')
      stored.pages.set(page.filename ?? '', page);
  }
  integration.apis.set(key, stored);
}

/** Derived from environment, integration and unique id, so that it is the same for ever. */
function derivedId(integrationId: string, key: string): string {
  const hex = createHash('md5').update(`DEFAULT${integrationId}${key}`).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, '$1-$2-$3-$4-$5');
}
