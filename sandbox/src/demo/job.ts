/** The whole job, step by step. Each step says what it saw, or throws with what went wrong. */
import { setTimeout as wait } from 'node:timers/promises';
import { demoClient } from './apim-client.ts';
import type { SandboxApim } from '../apim/index.ts';
import type { Landscape, SandboxAws } from '../aws/index.ts';

/** A step that failed. */
class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

interface Step {
  readonly title: string;
  /** @returns what it saw, in a sentence */
  readonly run: () => Promise<string>;
}

const connectMs = 60_000;
const ingestMs = 60_000;

/** APIM and AWS, and the integration of the agent between them. */
export interface JobEnvironment {
  readonly apim: SandboxApim;
  readonly aws: SandboxAws;
  readonly landscape: Landscape;
  readonly integrationId: string;
}

/** @returns whether every step succeeded; if not, what went wrong */
export async function runJob(
  environment: JobEnvironment,
  say: (line: string) => void,
): Promise<{ ok: boolean; what: string }> {
  for (const { title, run } of jobSteps(environment)) {
    try {
      say(`  ${title.padEnd(13)} ${await run()}`);
    } catch (error) {
      return { ok: false, what: `${title}: ${(error as Error).message}` };
    }
  }
  return { ok: true, what: '' };
}

function jobSteps({ apim, aws, landscape, integrationId }: JobEnvironment): readonly Step[] {
  const client = demoClient(apim.controlUrl, integrationId);
  let subscriptionId = '';
  let keyId = '';

  return [
    {
      title: 'connected',
      run: async () => {
        await until(connectMs, 'no channel of the integration became active', async () => {
          const { channels } = await client.channels();
          return channels.some((channel) => channel.active && channel.primary);
        });
        return 'gateway-link holds a channel; APIM shows the integration as connected';
      },
    },
    {
      title: 'discovered',
      run: async () => {
        const { commandStatus, payload, errorDetails, elapsedMs } = await client.discover();
        const found = payload?.apis.length ?? 0;
        const expected = landscape.apis.filter((api) => api.planned).length;
        if (commandStatus !== 'SUCCEEDED' || found !== expected) {
          throw new StepFailed(`${found} of ${expected} APIs, ${errorDetails ?? commandStatus}`);
        }
        return `${found} REST APIs in usage plans, in ${Math.round(elapsedMs)} ms`;
      },
    },
    {
      title: 'ingested',
      run: async () => {
        const { jobId, total, errorDetails } = await client.startIngest();
        if (jobId === undefined) throw new StepFailed(errorDetails ?? 'START_INGEST was not answered');
        await until(
          ingestMs,
          'the ingest job did not end',
          async () => (await client.job(jobId)).status !== 'PENDING',
        );
        const { status, batches, errors } = await client.job(jobId);
        const { apis } = await client.apis();
        const documented = apis.filter((api) => api.pages.length > 0).length;
        if (status !== 'SUCCESS' || errors.length > 0 || apis.length !== total || documented !== total) {
          throw new StepFailed(
            `${status}, ${apis.length} of ${total ?? 0} APIs, ${documented} with a document`,
          );
        }
        return `${apis.length} APIs with plans and OpenAPI documents, in ${batches} batches`;
      },
    },
    {
      title: 'subscribed',
      run: async () => {
        const { apis } = await client.apis();
        const [api] = apis.filter((one) => one.plans.length > 0);
        const [plan] = api?.plans ?? [];
        if (!api || !plan) throw new StepFailed('no API with a plan to subscribe to');
        const { id, status, apiKey, errorDetails, elapsedMs } = await client.subscribe(api.id, plan.id);
        if (status !== 'ACCEPTED' || apiKey === undefined) throw new StepFailed(errorDetails ?? status);
        const key = aws.control.keys().find(({ value }) => value === apiKey);
        if (!key?.enabled || !key.planIds.includes(plan.id))
          throw new StepFailed('AWS does not have this key in the plan');
        subscriptionId = id;
        keyId = key.id;
        return `"${api.name}", plan "${plan.name}": key ${mask(apiKey)} in ${Math.round(elapsedMs)} ms; AWS has it as ${keyId}, enabled, in the plan`;
      },
    },
    {
      title: 'unsubscribed',
      run: async () => {
        const { status, errorDetails, elapsedMs } = await client.unsubscribe(subscriptionId);
        if (status !== 'CLOSED') throw new StepFailed(errorDetails ?? status);
        if (aws.control.keys().some(({ id }) => id === keyId))
          throw new StepFailed(`AWS still has the key ${keyId}`);
        return `key ${keyId} is gone from AWS, in ${Math.round(elapsedMs)} ms`;
      },
    },
  ];
}

/** `a1b2…y9z0 (40 characters)` */
function mask(value: string): string {
  return `${value.slice(0, 4)}…${value.slice(-4)} (${value.length} characters)`;
}

async function until(ms: number, otherwise: string, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > end) throw new StepFailed(`${otherwise} within ${ms / 1000} s`);
    await wait(50);
  }
}
