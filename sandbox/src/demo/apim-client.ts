/** The part of the control API that the demo needs. */
import { z } from 'zod';

const plan = z.object({ id: z.string(), name: z.string(), characteristics: z.array(z.string()) });
const api = z.object({
  id: z.string(),
  uniqueId: z.string(),
  name: z.string(),
  plans: z.array(plan),
  pages: z.array(z.object({ content: z.string() })),
});

const answers = {
  channels: z.object({ channels: z.array(z.object({ active: z.boolean(), primary: z.boolean() })) }),
  discover: z.object({
    commandStatus: z.string(),
    errorDetails: z.string().optional(),
    elapsedMs: z.number(),
    payload: z
      .object({ apis: z.array(z.object({ name: z.string() })), isPartialDiscovery: z.boolean().nullish() })
      .optional(),
  }),
  started: z.object({
    jobId: z.string().optional(),
    total: z.number().optional(),
    errorDetails: z.string().optional(),
  }),
  job: z.object({ status: z.string(), apis: z.number(), batches: z.number(), errors: z.array(z.string()) }),
  apis: z.object({ apis: z.array(api) }),
  subscription: z.object({
    id: z.string(),
    status: z.string(),
    apiKey: z.string().optional(),
    errorDetails: z.string().optional(),
    elapsedMs: z.number(),
  }),
};

export function demoClient(controlUrl: string, integrationId: string) {
  const call = async <T>(method: string, path: string, schema: z.ZodType<T>, body?: object): Promise<T> => {
    const response = await fetch(`${controlUrl}/integrations/${integrationId}/${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    const read = schema.safeParse(answer);
    if (read.success) return read.data;
    throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  };
  return {
    channels: () => call('GET', 'channels', answers.channels),
    discover: () => call('POST', 'discover', answers.discover, {}),
    startIngest: () => call('POST', 'ingest', answers.started, {}),
    job: (jobId: string) => call('GET', `ingest/${jobId}`, answers.job),
    apis: () => call('GET', 'apis', answers.apis),
    subscribe: (apiId: string, planId: string) =>
      call('POST', 'subscriptions', answers.subscription, {
        apiId,
        planId,
        applicationId: 'demo-application',
        applicationName: 'Demo application',
      }),
    unsubscribe: (id: string) => call('DELETE', `subscriptions/${id}`, answers.subscription),
  };
}
