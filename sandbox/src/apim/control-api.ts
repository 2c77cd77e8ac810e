/**
 * The HTTP interface through which a test or the demo controls the sandbox APIM. Its routes and answers are those of
 * the real controller's control API.
 */
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Controller } from './controller.ts';
import type { EventLog } from './event-log.ts';
import type { Management } from './management.ts';
import {
  type ApiSubscription,
  findApi,
  type FederatedApi,
  type IntegrationState,
  newSubscription,
} from './model.ts';
import type { ApimOptions } from './options.ts';
import type { ReadReply } from './reader.ts';

/** An answer with another status than 200. */
class Refused extends Error {
  readonly statusCode: number;
  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

const ingestBody = z.object({ apiIds: z.array(z.string()).optional() }).nullish();
const subscribeBody = z.object({
  apiId: z.string(),
  planId: z.string(),
  applicationId: z.string().optional(),
  applicationName: z.string().optional(),
});
const flagsBody = z.object({ reconnect: z.boolean().optional(), reset: z.boolean().optional() }).nullish();
const troubleBody = z.object({
  away: z.boolean().default(false),
  refused: z.array(z.string()).default([]),
});
const commandBody = z.object({ type: z.string(), payload: z.record(z.string(), z.unknown()).optional() });

export async function startControlApi(
  options: ApimOptions,
  events: EventLog,
  management: Management,
  controller: Controller,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const app = Fastify({ logger: false, forceCloseConnections: true });
  // As in the real one, a body is JSON, whatever its content type says.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body === '' ? {} : (JSON.parse(body as string) as unknown));
  });
  app.setErrorHandler((error, _request, response) => {
    const status = error instanceof Refused ? error.statusCode : error instanceof z.ZodError ? 400 : 500;
    return response.status(status).send({ error: error instanceof Error ? error.message : String(error) });
  });

  const integrationOf = (params: unknown): IntegrationState => {
    const { id } = z.object({ id: z.string() }).parse(params);
    const integration = management.integrations.get(id);
    if (!integration) throw new Refused(404, `no integration ${id}`);
    return integration;
  };

  app.get('/health', () => ({
    status: 'UP',
    exchangeVersion: options.exchangeVersion,
    droppedIngests: management.droppedIngests(),
  }));
  app.get('/integrations', () => ({
    integrations: [...management.integrations.values()].map(({ id, provider }) => ({
      id,
      provider,
      channels: controller.channelsOf(id).length,
    })),
  }));
  app.get('/events', (request) => {
    const { since } = z.object({ since: z.coerce.number().default(0) }).parse(request.query);
    return { events: events.since(since) };
  });
  app.post('/reset', () => {
    management.reset();
    events.clear();
    return { reset: true };
  });

  app.get('/integrations/:id/channels', (request) => {
    const channels = controller.channelsOf(integrationOf(request.params).id);
    return {
      channels: channels.map((channel) => ({
        id: channel.id,
        active: channel.active,
        primary: channel.primary,
        pendingCommands: channel.pending,
        healthy: channel.healthy,
        healthDetail: channel.healthDetail,
      })),
      registered: channels.length,
    };
  });
  app.post('/integrations/:id/goodbye', (request) => {
    const reconnect = flagsBody.parse(request.body)?.reconnect ?? true;
    return { channels: controller.goodBye(integrationOf(request.params).id, reconnect), reconnect };
  });
  app.post('/integrations/:id/drop', (request) => {
    const reset = flagsBody.parse(request.body)?.reset ?? false;
    return { channels: controller.drop(integrationOf(request.params).id, reset) };
  });
  app.post('/integrations/:id/discover', async (request, response) => {
    const { id } = integrationOf(request.params);
    const { status, body } = await timed(() => controller.send(id, 'DISCOVER', {}));
    return response.status(status).send(body);
  });
  app.post('/integrations/:id/command', async (request, response) => {
    const { id } = integrationOf(request.params);
    const { type, payload } = commandBody.parse(request.body);
    const { status, body } = await timed(() => controller.send(id, type, payload ?? {}));
    return response.status(status).send(body);
  });
  app.get('/integrations/:id/apis', (request) => {
    const integration = integrationOf(request.params);
    return { apis: [...integration.apis.values()].map(viewApi), deletedPlans: integration.deletedPlans };
  });
  ingestRoutes(app, integrationOf, management);
  subscriptionRoutes(app, integrationOf, management);

  await app.listen({ port: options.httpPort, host: options.host });
  return { port: (app.server.address() as AddressInfo).port, stop: () => app.close() };
}

type IntegrationOf = (params: unknown) => IntegrationState;

function ingestRoutes(app: FastifyInstance, integrationOf: IntegrationOf, management: Management): void {
  app.post('/integrations/:id/ingest', async (request, response) => {
    const startedAt = performance.now();
    const elapsedMs = (): number => Math.round(performance.now() - startedAt);
    const apiIds = ingestBody.parse(request.body)?.apiIds ?? [];
    try {
      const job = await management.startIngest(integrationOf(request.params), apiIds);
      const { id, total, status, errors } = job;
      return { jobId: id, total, status, errorDetails: errors[0], elapsedMs: elapsedMs() };
    } catch (error) {
      if (error instanceof Refused) throw error;
      const errorDetails = (error as Error).message;
      return response.status(502).send({ status: 'ERROR', errorDetails, elapsedMs: elapsedMs() });
    }
  });
  /** The real one does not have this route: its model has no database that could refuse anything. */
  app.put('/integrations/:id/ingest-trouble', (request) => {
    const integration = integrationOf(request.params);
    integration.trouble = troubleBody.parse(request.body);
    return integration.trouble;
  });
  app.get('/integrations/:id/ingest/:jobId', (request) => {
    const { jobId } = z.object({ jobId: z.string() }).parse(request.params);
    const job = integrationOf(request.params).jobs.get(jobId);
    if (!job) throw new Refused(404, `no job ${jobId}`);
    const { status, created, total, batches, apis, largestBatchBytes, dropped, errors } = job;
    return { jobId, status, created, total, batches, apis, largestBatchBytes, dropped, errors };
  });
}

function subscriptionRoutes(
  app: FastifyInstance,
  integrationOf: IntegrationOf,
  management: Management,
): void {
  const base = '/integrations/:id/subscriptions';
  const subscriptionOf = (params: unknown): ApiSubscription => {
    const { sid } = z.object({ sid: z.string() }).parse(params);
    const subscription = integrationOf(params).subscriptions.get(sid);
    if (!subscription) throw new Refused(404, `no subscription ${sid}`);
    return subscription;
  };
  app.post(base, async (request) => {
    const integration = integrationOf(request.params);
    const { apiId, planId, applicationId, applicationName } = subscribeBody.parse(request.body);
    const api = findApi(integration, apiId);
    if (!api) throw new Refused(404, `no api ${apiId}`);
    if (!api.plans.has(planId)) throw new Refused(404, `no plan ${planId} in api ${apiId}`);
    const application = {
      ...(applicationId !== undefined && { id: applicationId }),
      ...(applicationName !== undefined && { name: applicationName }),
    };
    const subscription = newSubscription(api, planId, application);
    integration.subscriptions.set(subscription.id, subscription);
    await management.subscribe(integration, subscription);
    return view(subscription);
  });
  app.post(`${base}/:sid/retry`, async (request) => {
    const subscription = subscriptionOf(request.params);
    await management.subscribe(integrationOf(request.params), subscription);
    return view(subscription);
  });
  app.delete(`${base}/:sid`, async (request) => {
    const subscription = subscriptionOf(request.params);
    await management.unsubscribe(integrationOf(request.params), subscription);
    return view(subscription);
  });
  app.get(`${base}/:sid`, (request) => view(subscriptionOf(request.params)));
  app.get(base, (request) => ({
    subscriptions: [...integrationOf(request.params).subscriptions.values()].map(view),
  }));
}

async function timed(call: () => Promise<ReadReply>): Promise<{ status: number; body: object }> {
  const startedAt = performance.now();
  const elapsedMs = (): number => Math.round((performance.now() - startedAt) * 10) / 10;
  try {
    const { commandStatus, type, errorDetails, payload } = await call();
    return { status: 200, body: { commandStatus, type, errorDetails, payload, elapsedMs: elapsedMs() } };
  } catch (error) {
    return { status: 502, body: { error: (error as Error).message, elapsedMs: elapsedMs() } };
  }
}

function viewApi(api: FederatedApi): object {
  const { uniqueId, id: apiId, name, version, description, type, connectionDetails } = api.source;
  return {
    id: api.id,
    uniqueId,
    apiId,
    name,
    version,
    description,
    type,
    connectionDetails,
    plans: [...api.plans.values()],
    pages: [...api.pages.values()],
    metadata: [...api.metadata.values()],
    updates: api.updates,
  };
}

function view(subscription: ApiSubscription): object {
  const { id, status, apiKeyOfModel, planId, applicationId, apiKey, metadata, errorDetails, elapsedMs } =
    subscription;
  return {
    id,
    status,
    apiId: apiKeyOfModel,
    planId,
    applicationId,
    apiKey,
    metadata,
    errorDetails,
    elapsedMs,
  };
}
