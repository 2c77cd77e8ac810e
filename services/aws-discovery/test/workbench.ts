/**
 * aws-discovery as a service on a real broker, against the sandbox AWS, with a link that answers as a test says. A
 * workbench is one integration with its own AWS; several workbenches share a broker.
 */
import { randomUUID } from 'node:crypto';
import {
  AgentConfig,
  CatalogEntry,
  IngestJob,
  ScanRecord,
  catalogKeys,
  limitsAt,
  type Limits,
} from '@federation-agent/contracts';
import { SANDBOX_AGENT, startAws, type SandboxAws } from '@federation-agent/sandbox';
import { type Clock, systemClock, systemRandomness } from '@federation-agent/base';
import { eventually, testTelemetry, type TestTelemetry } from '@federation-agent/base/test';
import {
  type Broker,
  type Bucket,
  changeRecord,
  type ChunkStore,
  openBucket,
  openChunkStore,
} from '@federation-agent/broker';
import { connectTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { createHealth, type Health, type RunningService } from '@federation-agent/service-kit';
import { startAwsDiscovery } from '../src/index.ts';
import { startFakeLink, type FakeLink } from './fake-link.ts';

export interface Replica {
  readonly instance: string;
  readonly telemetry: TestTelemetry;
  readonly health: Health;
  stop(): Promise<void>;
}

interface ReplicaOptions {
  /** Of the provider; undefined takes a key away. */
  readonly configuration?: object;
  readonly federation?: object;
  readonly ws?: object;
  readonly limits?: Partial<Limits>;
  readonly clock?: Clock;
}

export interface Workbench {
  readonly integrationId: string;
  readonly aws: SandboxAws;
  readonly broker: Broker;
  readonly link: FakeLink;
  readonly limits: Limits;
  readonly catalog: Bucket<CatalogEntry>;
  readonly scans: Bucket<ScanRecord>;
  readonly ingests: Bucket<IngestJob>;
  readonly payloads: ChunkStore;
  readonly documents: ChunkStore;
  start(options?: ReplicaOptions): Promise<Replica>;
  /** So many APIs with plans. @returns their unique ids, sorted */
  seedPlanned(apis: number): string[];
  job(ingestJobId: string): Promise<IngestJob | undefined>;
  /** An API at the stage `prod`, in a separate plan. */
  addApi(title?: string, region?: string): { apiId: string; planId: string; uniqueId: string };
  /** Calls of AWS so far, by operation. */
  counted(): Record<string, number>;
  /** The one entry. */
  only(): Promise<CatalogEntry>;
  /** Marks every plan as sent, as an ingest does. */
  markAsSent(): Promise<void>;
  /** Everything of the integration in the catalog, by unique id. */
  entries(): Promise<Map<string, CatalogEntry>>;
  /** The scan record of a region, with or without a claim. */
  record(region?: string): Promise<ScanRecord | undefined>;
  /** Waits for the first scan to end, or asks for another one and waits for its end. */
  scanned(region?: string): Promise<ScanRecord>;
  scanAgain(region?: string): Promise<ScanRecord>;
  /** The same with the stages of all APIs, also of those that have not changed for long. */
  scanAll(): Promise<ScanRecord>;
  /** Makes something in AWS as of 30 days ago. */
  asOld<T>(make: () => T): T;
  /** Moves the time of the target's last read into the past by this many ms. */
  age(ms: number): Promise<void>;
  stop(): Promise<void>;
}

/** Short where a test waits for it; long where it only protects against a busy machine. */
const workbenchLimits: Limits = {
  ...limitsAt(20),
  discoverDeadline: 12_000,
  commandDeadline: 15_000,
  replyDeadline: 16_000,
  commandTimeout: 18_000,
  brokerCall: 3_000,
  claim: 6_000,
  claimRenewal: 500,
  readCall: 8_000,
  exportCall: 8_000,
  publishRetry: 20,
  scanInterval: 60_000,
};

const account = SANDBOX_AGENT.account;
const defaultRegion = 'eu-west-1';

export async function startWorkbench(
  server: TestBroker,
  change_: Partial<Limits> = {},
  integrationId: string = randomUUID(),
): Promise<Workbench> {
  const limits = { ...workbenchLimits, ...change_ };
  const aws = await startAws({ throttle: { enabled: false } });
  const broker = await connectTestBroker(server, 'aws-discovery', limits);
  const linkBroker = await connectTestBroker(server, 'gateway-link', limits);
  const [catalog, scans, ingests, payloads, documents] = await Promise.all([
    openBucket(broker, 'catalog', CatalogEntry),
    openBucket(broker, 'scans', ScanRecord),
    openBucket(broker, 'ingests', IngestJob),
    openChunkStore(broker, 'payloads'),
    openChunkStore(broker, 'documents'),
  ]);
  const link = await startFakeLink({ broker: linkBroker, integrationId, payloads, limits });
  const replicas = new Set<Replica>();

  const record = async (region = defaultRegion): Promise<ScanRecord | undefined> =>
    (await scans.get(catalogKeys.scan(integrationId, account, region)))?.value;

  const ended = async (since: number, region: string): Promise<ScanRecord> => {
    let found: ScanRecord | undefined;
    await eventually(async () => {
      found = await record(region);
      return found !== undefined && !found.claim && (found.lastAttemptAt ?? 0) >= since;
    });
    if (!found) throw new Error('no scan');
    return found;
  };

  const askForScan = async (region: string, more: Partial<ScanRecord> = {}): Promise<ScanRecord> => {
    let since = 0;
    await changeRecord(scans, catalogKeys.scan(integrationId, account, region), (current) => {
      since = Math.max(Date.now(), (current?.lastAttemptAt ?? 0) + 1);
      return current && { ...current, ...more, requestedAt: since };
    });
    return ended(since, region);
  };

  const entries = async (): Promise<Map<string, CatalogEntry>> => {
    const found = await catalog.entries(catalogKeys.ofIntegration(integrationId));
    return new Map(found.map(({ value }) => [value.uniqueId, value]));
  };

  const start = async (options: ReplicaOptions = {}): Promise<Replica> => {
    const instance = `r-${randomUUID().slice(0, 8)}`;
    const telemetry = testTelemetry(instance);
    const own = await connectTestBroker(server, 'aws-discovery', limits, telemetry);
    const health = createHealth();
    const running: RunningService = await startAwsDiscovery({
      service: 'aws-discovery',
      instance,
      version: '0.0.0',
      config: configOf(integrationId, aws, options),
      limits: { ...limits, ...options.limits },
      broker: own,
      telemetry,
      health,
      clock: options.clock ?? systemClock,
      random: systemRandomness,
    });
    const replica: Replica = {
      instance,
      telemetry,
      health,
      stop: async () => {
        if (!replicas.delete(replica)) return;
        await running.stop();
        await own.close();
      },
    };
    replicas.add(replica);
    return replica;
  };

  return {
    integrationId,
    aws,
    broker,
    link,
    limits,
    catalog,
    scans,
    ingests,
    payloads,
    documents,
    start,
    entries,
    seedPlanned: (apis) =>
      aws.control
        .seed({ apis, unplanned: 0, plans: 2 })
        .apis.map(({ id }) => `${account}:${defaultRegion}:${id}:prod`)
        .sort(),
    job: async (ingestJobId) => (await ingests.get(catalogKeys.ingest(ingestJobId)))?.value,
    addApi: (title = 'pets', region = defaultRegion) => {
      const { control } = aws;
      const paths = { '/pets': { get: { responses: { 200: { description: 'ok' } } } } };
      const document = { openapi: '3.0.1', info: { title, version: '1.0' }, paths };
      const { apiId } = control.addApi({ document, region });
      const { planId } = control.addPlan({ name: `plan of ${title}`, region });
      control.attach({ planId, apiId, stage: 'prod', region });
      return { apiId, planId, uniqueId: `${account}:${region}:${apiId}:prod` };
    },
    counted: () => aws.control.counters().byOperation,
    only: async () => {
      const [entry, ...more] = (await entries()).values();
      if (!entry || more.length > 0) throw new Error(`${more.length + (entry ? 1 : 0)} entries`);
      return entry;
    },
    markAsSent: async () => {
      for (const { key, value, revision } of await catalog.entries(
        catalogKeys.ofIntegration(integrationId),
      )) {
        const plans = value.plans.map((plan) => ({ ...plan, sent: true }));
        await catalog.update(key, { ...value, plans, plansSent: true }, revision);
      }
    },
    record,
    scanned: (region = defaultRegion) => ended(1, region),
    scanAgain: (region = defaultRegion) => askForScan(region),
    scanAll: () => askForScan(defaultRegion, { requestedAll: true }),
    asOld: (make) => {
      aws.control.setClockOffset({ ms: -30 * 24 * 60 * 60_000 });
      const made = make();
      aws.control.setClockOffset({ ms: 0 });
      return made;
    },
    age: async (ms) => {
      await changeRecord(scans, catalogKeys.scan(integrationId, account, defaultRegion), (current) => {
        const { lastCompleteAt = 0, stagesReadAt = 0, listsReadAt = 0 } = current ?? {};
        return (
          current && {
            ...current,
            lastCompleteAt: lastCompleteAt - ms,
            stagesReadAt: stagesReadAt - ms,
            listsReadAt: listsReadAt - ms,
          }
        );
      });
    },
    stop: async () => {
      await Promise.all([...replicas].map((replica) => replica.stop()));
      await link.stop();
      await Promise.all([broker.close(), linkBroker.close(), aws.stop()]);
    },
  };
}

function configOf(
  integrationId: string,
  aws: SandboxAws,
  { configuration = {}, federation = {}, ws = {} }: ReplicaOptions,
): AgentConfig {
  const { accessKeyId, secretAccessKey } = SANDBOX_AGENT;
  const own = { region: defaultRegion, accessKeyId, secretAccessKey, endpointUrl: aws.url, schedule: 'off' };
  const given = Object.entries<unknown>({ ...own, ...configuration }).filter(
    ([, value]) => value !== undefined,
  );
  const config = AgentConfig.parse({
    integration: {
      connector: { ws },
      providers: [{ type: 'aws-api-gateway', integrationId, configuration: Object.fromEntries(given) }],
    },
    federation: { ingest: { startDelayMs: 0 }, ...federation },
  });
  // Above what a user may configure: no test here is about the budget.
  for (const provider of config.integration.providers) {
    Object.assign(provider.configuration, { requestsPerSecond: 1_000, burst: 1_000 });
  }
  return config;
}
