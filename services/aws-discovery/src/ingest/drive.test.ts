import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { catalogKeys, type CatalogEntry, type IngestJob } from '@federation-agent/contracts';
import {
  type Clock,
  createSemaphore,
  defineMetrics,
  systemClock,
  systemRandomness,
} from '@federation-agent/base';
import { testTelemetry, type TestTelemetry } from '@federation-agent/base/test';
import type { Bucket } from '@federation-agent/broker';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { createHealth } from '@federation-agent/service-kit';
import type { Discovery, Integration } from '../deps.ts';
import { discoveryMetricSpecs } from '../metrics.ts';
import { createOptIns } from '../scan/opt-ins.ts';
import { startWorkbench, type Workbench } from '../../test/workbench.ts';
import { entry, settingsOf } from '../../test/samples.ts';
import { driveJob } from './drive.ts';
import { claimedJob } from './job.ts';

let server: TestBroker;
let bench: Workbench;
beforeAll(async () => {
  server = await startTestBroker();
});
afterAll(() => server.stop());
beforeEach(async () => {
  bench = await startWorkbench(server);
});
afterEach(() => bench.stop());

/** A replica without a service around it; it does not call AWS. */
function replica(
  ingests: Bucket<IngestJob>,
  clock: Clock = systemClock,
): {
  telemetry: TestTelemetry;
  discovery: Discovery;
  integration: Integration;
} {
  const telemetry = testTelemetry('one');
  const { catalog, scans, documents, payloads, broker, limits, integrationId } = bench;
  const discovery: Discovery = {
    catalog,
    scans,
    ingests,
    documents,
    payloads,
    broker,
    telemetry,
    metrics: defineMetrics(telemetry.registry, discoveryMetricSpecs),
    health: createHealth(),
    limits,
    clock,
    random: systemRandomness,
    instance: 'one',
    ingest: { batchApis: 1, batchBytes: 1_000_000, startDelayMs: 0, utf8mb3: false },
    applying: { command: createSemaphore(), scan: createSemaphore() },
    scanning: new Set(),
    readingLists: new Map(),
    exporting: new Map(),
    optIns: createOptIns(testTelemetry()),
    saidChanged: new Map(),
    maxMessageBytes: 1_000_000,
  };
  const plane = {
    targets: () => Promise.resolve({ ready: [], waiting: [] }),
    target: () => Promise.resolve(undefined),
    labels: () => [],
    changeQueues: () => [],
    close: () => undefined,
  };
  return { telemetry, discovery, integration: { settings: { ...settingsOf(), integrationId }, plane } };
}

/** A job of three APIs, claimed by `one`. */
async function jobOfThree(): Promise<{ job: IngestJob; key: string }> {
  const { integrationId, catalog, ingests, limits } = bench;
  const uniqueIds = await Promise.all(
    ['api1', 'api2', 'api3'].map(async (restApiId) => {
      const uniqueId = `123456789012:eu-west-1:${restApiId}:prod`;
      const known = entry({ integrationId, restApiId, uniqueId, document: { state: 'pending' } });
      await catalog.put(catalogKeys.entry(integrationId, known), known);
      return uniqueId;
    }),
  );
  const ingestJobId = randomUUID();
  const now = Date.now();
  const job: IngestJob = {
    ingestJobId,
    integrationId,
    commandId: randomUUID(),
    deadline: now,
    state: 'running',
    total: 3,
    items: { inline: uniqueIds },
    nextItem: 0,
    nextBatch: 0,
    startAt: now,
    claim: { instance: 'one', until: now + limits.claim },
    trace: {},
    createdAt: now,
  };
  const key = catalogKeys.ingest(ingestJobId);
  await ingests.put(key, job);
  return { job, key };
}

test('a driver whose job was taken over while a batch was on its way sends no further one', async () => {
  const { ingests, limits } = bench;
  const { job, key } = await jobOfThree();
  // The first batch is sent. Before its record is written, another replica takes the claim, because this one was held
  // up for so long.
  let lost = false;
  const batches = async (): Promise<number> =>
    (await bench.broker.jsm.streams.info('federation-agent_INGEST')).state.last_seq;
  const { discovery, integration } = replica({
    ...ingests,
    get: async (asked) => {
      if (asked === key && !lost && (await batches()) === 1) {
        lost = true;
        const over = claimedJob(job, 'another', (job.claim?.until ?? 0) + 1, limits);
        if (over) await ingests.put(key, over);
      }
      return ingests.get(asked);
    },
  });
  const finished = await driveJob(discovery, integration, job, new AbortController().signal);
  expect(lost).toBe(true);
  expect(finished).toBeUndefined();
  // Another batch would have the number of the new driver's first batch, and the broker would drop that one.
  expect(await batches()).toBe(1);
  expect((await ingests.get(key))?.value).toMatchObject({ claim: { instance: 'another' }, nextItem: 0 });
});

test('a long job says from time to time where it is', async () => {
  const { job } = await jobOfThree();
  let ahead = 0;
  const clock = { ...systemClock, now: () => Date.now() + ahead };
  const slowly: Bucket<IngestJob> = {
    ...bench.ingests,
    get: (asked) => {
      ahead += 31_000;
      return bench.ingests.get(asked);
    },
  };
  const { discovery, integration, telemetry } = replica(slowly, clock);
  expect(await driveJob(discovery, integration, job, new AbortController().signal)).toEqual({
    sent: 3,
    leftOut: 0,
  });
  expect(telemetry.lines()).toContainEqual(
    expect.objectContaining({
      ingestJobId: job.ingestJobId,
      msg: 'ingest: 1 of 3 APIs are on their way to APIM',
    }),
  );
});

test('a job that takes longer than its list is kept stores the list again', async () => {
  const { job } = await jobOfThree();
  const { payloads, ingests, limits } = bench;
  const list = Buffer.from(JSON.stringify('inline' in job.items ? job.items.inline : []));
  const long: IngestJob = { ...job, items: { ref: await payloads.put(list) } };
  let ahead = 0;
  const clock = { ...systemClock, now: () => Date.now() + ahead };
  const slowly: Bucket<IngestJob> = {
    ...ingests,
    get: (asked) => {
      ahead += limits.payloadAge / 4 + 1;
      return ingests.get(asked);
    },
  };
  const { discovery, integration } = replica(slowly, clock);
  const stored: Uint8Array[] = [];
  const put = (bytes: Uint8Array) => {
    stored.push(bytes);
    return payloads.put(bytes);
  };
  await driveJob(
    { ...discovery, payloads: { ...payloads, put } },
    integration,
    long,
    new AbortController().signal,
  );
  expect(stored.length).toBeGreaterThanOrEqual(3);
  for (const bytes of stored) expect(list.equals(bytes)).toBe(true);
});

test('an API costs one read of its entry, and one write the first time', async () => {
  const { job } = await jobOfThree();
  const calls: string[] = [];
  const { discovery, integration } = replica(bench.ingests);
  const { catalog } = discovery;
  const counted: Bucket<CatalogEntry> = {
    ...catalog,
    get: (key) => {
      calls.push('get');
      return catalog.get(key);
    },
    update: (...args) => {
      calls.push('update');
      return catalog.update(...args);
    },
  };
  const drive = () =>
    driveJob({ ...discovery, catalog: counted }, integration, job, new AbortController().signal);
  expect(await drive()).toMatchObject({ sent: 3 });
  // In batches of one; of each, all is read before something is written.
  expect(calls).toEqual(['get', 'update', 'get', 'update', 'get', 'update']);
});

test('the next batch is prepared while the one before it is on its way', async () => {
  const { job, key } = await jobOfThree();
  const reached: string[] = [];
  const { ingests } = bench;
  // After each batch the record moves on. That waits here until the next API has been read.
  let nextWasRead = Promise.withResolvers<undefined>();
  const waiting: Bucket<IngestJob> = {
    ...ingests,
    update: async (...args) => {
      if (reached.length < 3) await nextWasRead.promise;
      nextWasRead = Promise.withResolvers();
      return ingests.update(...args);
    },
  };
  const { discovery, integration } = replica(waiting);
  const { catalog } = discovery;
  const counted: Bucket<CatalogEntry> = {
    ...catalog,
    get: async (asked) => {
      reached.push(asked);
      if (reached.length > 1) nextWasRead.resolve(undefined);
      return catalog.get(asked);
    },
  };
  const signal = AbortSignal.timeout(10_000);
  expect(await driveJob({ ...discovery, catalog: counted }, integration, job, signal)).toMatchObject({
    sent: 3,
  });
  expect((await ingests.get(key))?.value).toMatchObject({ state: 'done', nextItem: 3 });
});

test('an entry that was written meanwhile is marked all the same', async () => {
  const { job } = await jobOfThree();
  const { discovery, integration } = replica(bench.ingests);
  const { catalog } = discovery;
  const changing: Bucket<CatalogEntry> = {
    ...catalog,
    get: async (key) => {
      const read = await catalog.get(key);
      if (read && !read.value.plansSent && read.value.name !== 'another')
        await catalog.put(key, { ...read.value, name: 'another' });
      return read;
    },
  };
  const { signal } = new AbortController();
  await driveJob({ ...discovery, catalog: changing }, integration, job, signal);
  const entries = await catalog.entries(`${bench.integrationId}.>`);
  expect(entries.map(({ value }) => [value.name, value.plansSent])).toEqual(
    entries.map(() => ['another', true]),
  );
  expect(entries).toHaveLength(3);
});
