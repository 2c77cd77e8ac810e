/**
 * What APIM does with an integration: discover, ingest, subscribe and unsubscribe, based on the model and the
 * controller.
 */
import { randomUUID } from 'node:crypto';
import type { Controller } from './controller.ts';
import type { EventLog } from './event-log.ts';
import {
  type ApiSubscription,
  type FederatedApi,
  findApi,
  type IntegrationState,
  type Job,
  keyOf,
  newIntegration,
  newJob,
  openSubscriptions,
  saveMetadata,
  upsert,
} from './model.ts';
import type { ApimOptions } from './options.ts';
import type { ReadApi, ReadCommand } from './reader.ts';
import { createStore, StoreRefusal } from './store.ts';

export interface Management {
  readonly integrations: ReadonlyMap<string, IntegrationState>;
  droppedIngests(): number;
  startIngest(integration: IntegrationState, apiIds: readonly string[]): Promise<Job>;
  /** Rejects when APIM would answer ERROR; the APIs before the failing one are stored. */
  ingest(payload: Extract<ReadCommand, { type: 'INGEST' }>['payload'], bytes: number): Promise<void>;
  subscribe(integration: IntegrationState, subscription: ApiSubscription): Promise<void>;
  /** Undefined when the subscription is now closed, or else why it stays open. */
  unsubscribe(integration: IntegrationState, subscription: ApiSubscription): Promise<string | undefined>;
  reset(): void;
  stop(): void;
}

export function createManagement(
  options: ApimOptions,
  events: EventLog,
  controller: () => Controller,
): Management {
  const integrations = new Map<string, IntegrationState>();
  const timers = new Set<NodeJS.Timeout>();
  const store = createStore(options.store);
  let dropped = 0;

  function reset(): void {
    integrations.clear();
    for (const [id, provider] of Object.entries(options.integrations))
      integrations.set(id, newIntegration(id, provider));
    dropped = 0;
  }
  reset();

  const expiry = setInterval(() => {
    for (const job of [...integrations.values()].flatMap((one) => [...one.jobs.values()])) {
      if (job.created && job.status === 'PENDING' && performance.now() > job.deadline) {
        job.status = 'TIMEOUT';
        events.add('job', { job: job.id, status: 'TIMEOUT' });
      }
    }
  }, 100);

  function create(job: Job): void {
    job.deadline = performance.now() + options.jobTimeoutMs;
    job.created = true;
    events.add('job', { job: job.id, status: 'PENDING', total: job.total });
  }

  async function closePlan(integration: IntegrationState, api: FederatedApi, planId: string): Promise<void> {
    const open = openSubscriptions(integration, api, planId);
    for (const subscription of open) {
      const error = await unsubscribe(integration, subscription);
      if (error !== undefined) throw new Error(`plan ${planId} cannot be deleted: ${error}`);
    }
    api.plans.delete(planId);
    for (const one of [...integration.subscriptions.values()]) {
      if (one.apiKeyOfModel === api.key && one.planId === planId) integration.subscriptions.delete(one.id);
    }
    integration.deletedPlans.push({ uniqueId: api.key, planId, subscriptions: open.map((one) => one.id) });
    events.add('plan-deleted', { api: api.key, plan: planId, subscriptions: open.length });
  }

  async function unsubscribe(
    integration: IntegrationState,
    subscription: ApiSubscription,
  ): Promise<string | undefined> {
    const api = findApi(integration, subscription.apiKeyOfModel);
    const metadata = { ...api?.source.connectionDetails, ...subscription.metadata };
    const startedAt = performance.now();
    const error = await controller()
      .send(integration.id, 'UNSUBSCRIBE', {
        apiId: api?.source.id,
        subscription: { graviteeSubscriptionId: subscription.id, metadata },
      })
      .then(
        (reply) => (reply.commandStatus === 'SUCCEEDED' ? undefined : (reply.errorDetails ?? 'null')),
        (failure: unknown) => (failure as Error).message,
      );
    subscription.elapsedMs = performance.now() - startedAt;
    subscription.errorDetails = error;
    if (error === undefined) subscription.status = 'CLOSED';
    return error;
  }

  /** As in APIM: a failure of the API itself is a line in its log, a failure of its metadata ends the batch. */
  async function take(integration: IntegrationState, job: Job, api: ReadApi): Promise<void> {
    const key = keyOf(api);
    try {
      await upsert(integration, key, api, store, (known, planId) => closePlan(integration, known, planId));
    } catch (error) {
      job.errors.push(`${api.uniqueId ?? 'null'}: ${(error as Error).message}`);
      events.add('ingest-error', { job: job.id, api: api.uniqueId, error: (error as Error).message });
    }
    try {
      if (integration.trouble.refused.includes(key)) throw new StoreRefusal('a trigger refused this row');
      saveMetadata(integration, key, api, store);
    } catch (error) {
      events.add('ingest-refused', { job: job.id, api: api.uniqueId, error: (error as Error).message });
      throw error;
    }
  }

  return {
    integrations,
    droppedIngests: () => dropped,
    unsubscribe,
    reset,
    async startIngest(integration, apiIds) {
      const ingestJobId = randomUUID();
      const reply = await controller().send(integration.id, 'START_INGEST', { ingestJobId, apiIds });
      const job = newJob(ingestJobId, Number(reply.payload?.['total'] ?? 0));
      integration.jobs.set(ingestJobId, job);
      if (reply.commandStatus !== 'SUCCEEDED') {
        job.status = 'ERROR';
        job.errors.push(reply.errorDetails ?? 'null');
      } else if (job.total === 0) {
        job.created = true;
        job.status = 'SUCCESS';
        events.add('job', { job: job.id, status: 'SUCCESS', total: 0 });
      } else {
        const timer = setTimeout(() => create(job), options.jobDelayMs);
        timers.add(timer);
      }
      return job;
    },
    async ingest(payload, bytes) {
      const known = [...integrations.values()].flatMap((integration) => {
        const job = integration.jobs.get(payload.ingestJobId ?? '');
        return job ? [{ integration, job }] : [];
      })[0];
      if (!known?.job.created) {
        dropped += 1;
        if (known) known.job.dropped += 1;
        const reason = known ? 'job not created yet' : 'unknown job';
        events.add('ingest-dropped', { job: payload.ingestJobId, reason, bytes });
        return;
      }
      const { integration, job } = known;
      const startedAt = performance.now();
      job.deadline = startedAt + options.jobTimeoutMs;
      const apis = payload.apis ?? [];
      job.batches += 1;
      job.largestBatchBytes = Math.max(job.largestBatchBytes, bytes);
      if (integration.trouble.away) {
        events.add('ingest-refused', { job: job.id, apis: apis.length, error: 'the database is away' });
        throw new StoreRefusal('Unable to acquire JDBC Connection');
      }
      for (const api of apis) await take(integration, job, api);
      job.apis += apis.length;
      if (payload.done === true && job.status === 'PENDING') job.status = 'SUCCESS';
      const handledMs = Math.round(performance.now() - startedAt);
      events.add('ingest', { job: job.id, apis: apis.length, done: payload.done ?? false, bytes, handledMs });
    },
    async subscribe(integration, subscription) {
      const api = findApi(integration, subscription.apiKeyOfModel);
      const merged = new Map<string, string | null | undefined>();
      for (const { name, value } of api?.metadata.values() ?? []) {
        if (name?.includes(integration.provider)) merged.set(name, value);
      }
      const metadata = {
        planId: subscription.planId,
        ...api?.source.connectionDetails,
        ...Object.fromEntries(merged),
      };
      const startedAt = performance.now();
      try {
        const reply = await controller().send(integration.id, 'SUBSCRIBE', {
          apiId: api?.source.id,
          subscription: {
            graviteeSubscriptionId: subscription.id,
            graviteeApplicationId: subscription.applicationId,
            graviteeApplicationName: subscription.applicationName,
            type: 'API_KEY',
            metadata,
          },
        });
        const result = reply.payload?.['subscription'] as
          { metadata?: Record<string, string>; apiKey?: string } | undefined;
        if (reply.commandStatus === 'SUCCEEDED' && result) {
          subscription.metadata = result.metadata;
          subscription.apiKey = result.apiKey;
          subscription.errorDetails = undefined;
          subscription.status = 'ACCEPTED';
        } else {
          subscription.errorDetails = reply.errorDetails;
          subscription.status = 'REJECTED';
        }
      } catch (failure) {
        subscription.errorDetails = (failure as Error).message;
        subscription.status = 'REJECTED';
      }
      subscription.elapsedMs = performance.now() - startedAt;
    },
    stop() {
      clearInterval(expiry);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
