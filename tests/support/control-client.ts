import { z } from 'zod';

const strings = z.record(z.string(), z.string().nullable());

export const Health = z.object({
  status: z.string(),
  exchangeVersion: z.string(),
  droppedIngests: z.number(),
});
export type Health = z.infer<typeof Health>;

const Integrations = z.object({
  integrations: z.array(z.object({ id: z.string(), provider: z.string(), channels: z.number() })),
});

export const Channel = z.object({
  id: z.string(),
  active: z.boolean(),
  primary: z.boolean().nullish(),
  pendingCommands: z.boolean(),
  /** From the last answered HEALTH_CHECK; absent before the first one. */
  healthy: z.boolean().nullish(),
  healthDetail: z.string().nullish(),
});
export type Channel = z.infer<typeof Channel>;

const Channels = z.object({ channels: z.array(Channel), registered: z.number() });

/** The reply to a command, or `error` when there was none (no channel, timeout, channel closed). */
export const CommandAnswer = z.object({
  commandStatus: z.string().nullish(),
  type: z.string().nullish(),
  errorDetails: z.string().nullish(),
  payload: z.unknown().optional(),
  error: z.string().nullish(),
  elapsedMs: z.number(),
});
export type CommandAnswer = z.infer<typeof CommandAnswer>;

export const JobStatus = z.enum(['PENDING', 'SUCCESS', 'TIMEOUT', 'ERROR']);
export type JobStatus = z.infer<typeof JobStatus>;

/** The answer to START_INGEST; without `jobId` when no reply came. */
export const StartedIngest = z.object({
  jobId: z.string().nullish(),
  total: z.number().nullish(),
  status: JobStatus,
  errorDetails: z.string().nullish(),
  elapsedMs: z.number(),
});
export type StartedIngest = z.infer<typeof StartedIngest>;

export const Job = z.object({
  jobId: z.string(),
  status: JobStatus,
  created: z.boolean(),
  total: z.number(),
  batches: z.number(),
  apis: z.number(),
  largestBatchBytes: z.number(),
  /** Batches that came before the job existed, and were lost. */
  dropped: z.number(),
  errors: z.array(z.string()),
});
export type Job = z.infer<typeof Job>;

/** A federated API as stored in APIM: `id` is APIM's own, `apiId` is the agent's `Api.id`. */
export const FederatedApi = z.object({
  id: z.string(),
  uniqueId: z.string().nullish(),
  apiId: z.string().nullish(),
  name: z.string().nullish(),
  version: z.string().nullish(),
  description: z.string().nullish(),
  type: z.string().nullish(),
  connectionDetails: strings.nullish(),
  plans: z.array(
    z.looseObject({ id: z.string(), name: z.string().nullish(), description: z.string().nullish() }),
  ),
  pages: z.array(
    z.looseObject({
      pageType: z.string().nullish(),
      content: z.string().nullish(),
      filename: z.string().nullish(),
    }),
  ),
  metadata: z.array(z.looseObject({ name: z.string().nullish(), value: z.string().nullish() })).nullish(),
  /** How many ingests have updated it since the first one. */
  updates: z.number(),
});
export type FederatedApi = z.infer<typeof FederatedApi>;

export const FederatedApis = z.object({
  apis: z.array(FederatedApi),
  deletedPlans: z.array(
    z.object({ uniqueId: z.string(), planId: z.string(), subscriptions: z.array(z.string()) }),
  ),
});
export type FederatedApis = z.infer<typeof FederatedApis>;

export const ApiSubscription = z.object({
  id: z.string(),
  status: z.enum(['PENDING', 'ACCEPTED', 'REJECTED', 'CLOSED']),
  /** The `uniqueId` of the API. */
  apiId: z.string(),
  planId: z.string(),
  applicationId: z.string().nullish(),
  apiKey: z.string().nullish(),
  metadata: strings.nullish(),
  errorDetails: z.string().nullish(),
  elapsedMs: z.number(),
});
export type ApiSubscription = z.infer<typeof ApiSubscription>;

/** One event that the controller saw; its further fields depend on `kind`. */
export const ControlEvent = z.looseObject({
  seq: z.number(),
  atMs: z.number(),
  kind: z.string(),
  target: z.string().optional(),
  channel: z.string().optional(),
  type: z.string().optional(),
  status: z.string().optional(),
  error: z.string().optional(),
  job: z.string().optional(),
});
export type ControlEvent = z.infer<typeof ControlEvent>;

/** What to subscribe to: `apiId` may be the federated id, the `uniqueId` or the `Api.id`. */
export interface SubscribeRequest {
  apiId: string;
  planId: string;
  applicationId?: string;
  applicationName?: string;
}

/** The control API answered with an error, such as 404 for an unknown integration. */
export class ControlApiError extends Error {
  override name = 'ControlApiError';
  readonly status: number;
  constructor(request: string, status: number, body: string) {
    super(`${request}: ${status} ${body}`);
    this.status = status;
  }
}

/** What was waited for did not come in time; the message has the last events. */
export class ControlTimeout extends Error {
  override name = 'ControlTimeout';
}

export type ControlClient = ReturnType<typeof controlClient>;

const POLL_MS = 25;
/** Long, because the machine may be busy. */
const WAIT_MS = 30_000;
/** The status of the answer about a command without a reply; its body is like any other. */
const NO_REPLY = 502;

/**
 * Client for the HTTP control API of an APIM controller: the real one (`tests/interop/apim-controller`) or the sandbox.
 * Each call throws ControlApiError for an error status, and ZodError for an answer of another form.
 */
export function controlClient(httpUrl: string) {
  async function call<T>(method: string, path: string, schema: z.ZodType<T>, body?: object): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
    const response = await fetch(new URL(path, httpUrl), init);
    const text = await response.text();
    const answered = response.ok || (response.status === NO_REPLY && text.includes('"elapsedMs"'));
    if (!answered) throw new ControlApiError(`${method} ${path}`, response.status, text);
    return schema.parse(JSON.parse(text));
  }
  const at = (integration: string, rest: string): string =>
    `/integrations/${encodeURIComponent(integration)}/${rest}`;
  const subscriptionAt = (integration: string, id: string): string =>
    at(integration, `subscriptions/${encodeURIComponent(id)}`);

  /** All events after the one with that number, in order. */
  async function events(since = 0): Promise<ControlEvent[]> {
    const schema = z.object({ events: z.array(ControlEvent) });
    return (await call('GET', `/events?since=${since}`, schema)).events;
  }
  const job = (integration: string, jobId: string): Promise<Job> =>
    call('GET', at(integration, `ingest/${encodeURIComponent(jobId)}`), Job);

  return {
    health: () => call('GET', '/health', Health),
    integrations: async () => (await call('GET', '/integrations', Integrations)).integrations,
    channels: async (integration: string) =>
      (await call('GET', at(integration, 'channels'), Channels)).channels,
    discover: (integration: string) => call('POST', at(integration, 'discover'), CommandAnswer, {}),
    /** START_INGEST of those APIs, or of all. */
    ingest: (integration: string, apiIds?: readonly string[]) =>
      call('POST', at(integration, 'ingest'), StartedIngest, apiIds ? { apiIds } : {}),
    job,
    /**
     * Sets faults of APIM's database for ingests. Only the sandbox supports this; the real controller's model has no
     * database.
     */
    ingestTrouble: (integration: string, trouble: { away?: boolean; refused?: readonly string[] }) =>
      call('PUT', at(integration, 'ingest-trouble'), z.object({ away: z.boolean() }), trouble),
    apis: (integration: string) => call('GET', at(integration, 'apis'), FederatedApis),
    subscribe: (integration: string, request: SubscribeRequest) =>
      call('POST', at(integration, 'subscriptions'), ApiSubscription, request),
    /** SUBSCRIBE again, with the same subscription id. */
    retry: (integration: string, id: string) =>
      call('POST', `${subscriptionAt(integration, id)}/retry`, ApiSubscription, {}),
    unsubscribe: (integration: string, id: string) =>
      call('DELETE', subscriptionAt(integration, id), ApiSubscription),
    subscription: (integration: string, id: string) =>
      call('GET', subscriptionAt(integration, id), ApiSubscription),
    subscriptions: async (integration: string) => {
      const schema = z.object({ subscriptions: z.array(ApiSubscription) });
      return (await call('GET', at(integration, 'subscriptions'), schema)).subscriptions;
    },
    /** Sends GOOD_BYE on every channel of the integration; returns how many. */
    goodbye: async (integration: string, options: { reconnect: boolean }) =>
      (await call('POST', at(integration, 'goodbye'), z.object({ channels: z.number() }), options)).channels,
    /** Cuts the TCP connections without a close frame, with FIN or RST; returns how many. */
    drop: async (integration: string, options: { reset: boolean }) =>
      (await call('POST', at(integration, 'drop'), z.object({ channels: z.number() }), options)).channels,
    /** Sends any command, also of an unknown type. */
    command: (integration: string, command: { type: string; payload: object }) =>
      call('POST', at(integration, 'command'), CommandAnswer, command),
    events,
    /** Waits for the first event after `since` that matches. */
    untilEvent: async (
      matches: (event: ControlEvent) => boolean,
      { since = 0, timeoutMs = WAIT_MS }: { since?: number; timeoutMs?: number } = {},
    ): Promise<ControlEvent> =>
      poll(
        timeoutMs,
        async () => (await events(since)).find(matches),
        () => events(since),
      ),
    /** Waits until an ingest job is no longer PENDING. */
    untilJobEnds: async (integration: string, jobId: string, timeoutMs = WAIT_MS): Promise<Job> => {
      const ended = async (): Promise<Job | undefined> => {
        const now = await job(integration, jobId);
        return now.status === 'PENDING' ? undefined : now;
      };
      return poll(timeoutMs, ended, () => job(integration, jobId));
    },
    /** Forgets events and model but keeps the channels. */
    reset: async (): Promise<void> => {
      await call('POST', '/reset', z.object({ reset: z.literal(true) }), {});
    },
  };
}

async function poll<T>(
  timeoutMs: number,
  look: () => Promise<T | undefined>,
  lastSeen: () => Promise<unknown>,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) {
      throw new ControlTimeout(
        `not seen within ${timeoutMs} ms; last: ${JSON.stringify(await lastSeen()).slice(-2_000)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
