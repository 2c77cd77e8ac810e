import { afterEach, describe, expect, it } from '@jest/globals';
import type { Controller } from './controller.ts';
import { createEventLog } from './event-log.ts';
import { createManagement, type Management } from './management.ts';
import type { FederatedApi, IntegrationState, Job } from './model.ts';
import { defaultApimOptions } from './options.ts';
import type { ReadApi, ReadPlan } from './reader.ts';
import type { StoreKind } from './store.ts';

const plan = (id: string, change: Partial<ReadPlan> = {}): ReadPlan => ({
  id,
  name: id,
  description: '',
  planSecurityType: 'API_KEY',
  characteristics: ['burst 1'],
  ...change,
});
const api = (uniqueId: string, change: Partial<ReadApi> = {}): ReadApi => ({
  uniqueId,
  id: uniqueId,
  name: uniqueId,
  version: '1',
  description: '',
  connectionDetails: {},
  type: 'PROXY',
  pages: [{ pageType: 'SWAGGER', content: '{}', filename: 'openapi.json' }],
  plans: [plan('p')],
  metadata: [{ name: 'Stage', value: 'prod', format: 'STRING' }],
  ...change,
});

/** An APIM whose controller accepts everything, with a running job. */
async function apim(store: StoreKind = 'jdbc'): Promise<{
  management: Management;
  integration: IntegrationState;
  job: Job;
  ingest: (...apis: ReadApi[]) => Promise<void>;
  of: (uniqueId: string) => FederatedApi | undefined;
}> {
  const send = () =>
    Promise.resolve({
      commandId: 'c',
      type: 'START_INGEST',
      commandStatus: 'SUCCEEDED',
      payload: { total: 9 },
    });
  const options = { ...defaultApimOptions, store, jobDelayMs: 0 };
  const management = createManagement(options, createEventLog(), () => ({ send }) as unknown as Controller);
  started.push(management);
  const integration = management.integrations.get('integration-1');
  if (!integration) throw new Error('no integration');
  const job = await management.startIngest(integration, []);
  while (!job.created) await new Promise((resolve) => setTimeout(resolve, 1));
  return {
    management,
    integration,
    job,
    ingest: (...apis) => management.ingest({ ingestJobId: job.id, apis, done: false }, 1),
    of: (uniqueId) => integration.apis.get(uniqueId),
  };
}
const started: Management[] = [];
afterEach(() => {
  for (const management of started.splice(0)) management.stop();
});

describe('an ingest into a JDBC database', () => {
  it('takes texts of the full width', async () => {
    const { ingest, job, of } = await apim();
    const full = api('a', {
      name: 'n'.repeat(512),
      version: 'v'.repeat(64),
      description: 'd'.repeat(4_000),
      plans: [
        plan('p', {
          name: 'p'.repeat(64),
          characteristics: ['c'.repeat(64)],
          description: 'x'.repeat(9_000),
        }),
      ],
      metadata: [{ name: 'm'.repeat(64), value: 'v'.repeat(1_024), format: 'STRING' }],
    });
    await ingest(full);
    expect(job).toMatchObject({ errors: [], apis: 1 });
    expect(of('a')?.plans.size).toBe(1);
    expect(of('a')?.metadata.size).toBe(1);
  });

  it.each([
    ['a name', { name: 'n'.repeat(513) }, undefined],
    ['a version', { version: 'v'.repeat(65) }, undefined],
    ['a description', { description: 'd'.repeat(4_001) }, undefined],
    ['the name of a plan', { plans: [plan('p'), plan('q', { name: 'p'.repeat(65) })] }, [1, 0]],
    ['a characteristic', { plans: [plan('p', { characteristics: ['c'.repeat(65)] })] }, [0, 0]],
    [
      'a characteristic that is there in other letters',
      { plans: [plan('p', { characteristics: ['É', 'e '] })] },
      [0, 0],
    ],
    [
      'the name of a page',
      { pages: [{ pageType: 'SWAGGER' as const, content: '{}', filename: 'f'.repeat(65) }] },
      [1, 0],
    ],
  ])('leaves an API half made, and answers SUCCEEDED, where %s does not fit', async (_what, change, left) => {
    const { ingest, job, of } = await apim();
    await ingest(api('a', change), api('b'));
    expect(job.errors).toEqual([expect.stringMatching(/^a: (value too long|duplicate key)/u)]);
    expect(of('a') && [of('a')?.plans.size, of('a')?.pages.size]).toEqual(left);
    expect(of('b')?.pages.size).toBe(1);
  });

  it('ends the batch where metadata does not fit: what is before it is in, what is behind it is not', async () => {
    const { ingest, of } = await apim();
    const long = api('b', { metadata: [{ name: 'm'.repeat(65), value: 'v', format: 'STRING' }] });
    await expect(ingest(api('a'), long, api('c'))).rejects.toThrow('metadata.key of 65');
    expect([of('a'), of('b'), of('c')].map((one) => one !== undefined)).toEqual([true, true, false]);
  });

  it('writes the second of two keys that it takes for one over the first', async () => {
    const { ingest, of } = await apim();
    const metadata = ['Tag Env', 'tag env', 'Tag 🚀', 'Tag 🧪'].map((name) => ({
      name,
      value: name,
      format: 'STRING' as const,
    }));
    await ingest(api('a', { metadata }));
    expect([...(of('a')?.metadata.values() ?? [])].map(({ value }) => value)).toEqual(['tag env', 'Tag 🧪']);
  });

  it('takes nothing while it is away, and nothing of an API that it refuses', async () => {
    const { ingest, integration, of } = await apim();
    integration.trouble = { away: true, refused: [] };
    await expect(ingest()).rejects.toThrow('JDBC');
    integration.trouble = { away: false, refused: ['b'] };
    await expect(ingest(api('a'), api('b'), api('c'))).rejects.toThrow('refused');
    expect(of('c')).toBeUndefined();
    await ingest(api('c'));
    expect(of('c')).toBeDefined();
  });
});

it('MongoDB takes texts of any length, and tells keys apart by their bytes', async () => {
  const { ingest, job, of } = await apim('mongodb');
  const metadata = ['Env', 'env', 'm'.repeat(65)].map((name) => ({
    name,
    value: 'v',
    format: 'STRING' as const,
  }));
  await ingest(api('a', { version: 'v'.repeat(65), metadata }));
  expect(job.errors).toEqual([]);
  expect(of('a')?.metadata.size).toBe(3);
});
