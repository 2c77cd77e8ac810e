/** subscription-manager on a real broker and the sandbox AWS, with a link for tests. */
import { randomBytes, randomUUID } from 'node:crypto';
import {
  AgentConfig,
  buckets,
  catalogKeys,
  limitsAt,
  routingKeys,
  subscriptionKeys,
  CatalogEntry,
  type Limits,
  type ReplyRequest,
  ScanRecord,
  SubscriptionRecord,
} from '@federation-agent/contracts';
import {
  startAws,
  DEFAULT_ACCOUNT,
  DEFAULT_REGION,
  SANDBOX_AGENT,
  type SandboxAws,
} from '@federation-agent/sandbox';
import { systemClock, systemRandomness } from '@federation-agent/base';
import { eventually, testTelemetry, type TestTelemetry } from '@federation-agent/base/test';
import { type Broker, openBucket } from '@federation-agent/broker';
import { connectTestBroker, startTestBroker } from '@federation-agent/broker/test';
import {
  createHealth,
  createNodeRoutes,
  type Health,
  type RunningService,
  type ServiceContext,
  startHttpServer,
} from '@federation-agent/service-kit';
import { openSaga, startSubscriptionManager, type Saga } from '../src/index.ts';
import { startTestLink, type Fate, type SentCommand, type TestLink } from './test-link.ts';

export const integrationId = randomUUID();

/** W takes seconds; limits that only protect against a busy machine stay long. */
export const workbenchLimits: Limits = {
  ...limitsAt(200),
  readCall: 10_000,
  creatingCall: 2_000,
  ackWait: 2_000,
  // A command's 50 s last 2.5 s here.
  sagaPause: limitsAt(20).sagaPause,
};

export interface Replica {
  readonly service: RunningService;
  readonly broker: Broker;
  readonly telemetry: TestTelemetry;
  readonly health: Health;
  /** Of its node API, such as `http://127.0.0.1:18084/_node`. */
  readonly nodeUrl: string;
  /** The saga as an operator's tool would open it. */
  openSaga(): Promise<Saga>;
}

/** Who may use the node API of a replica, as `name:password`. */
export const operator = 'ada:all-the-keys';

/** What a SUBSCRIBE reply holds. */
export interface GivenKey {
  readonly apiKey: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Workbench {
  readonly aws: SandboxAws;
  readonly link: TestLink;
  readonly broker: Broker;
  /** Ids of what the sandbox has: an API at a stage, its plan, and another plan. */
  readonly place: { readonly restApiId: string; readonly stage: string; readonly plan: string };
  /** @param changes to the configuration: of the integration's AWS side, and of `federation` */
  startReplica(changes?: ReplicaChanges): Promise<Replica>;
  subscribe(graviteeSubscriptionId: string, options?: SubscribeOptions): Promise<SentCommand>;
  unsubscribe(
    graviteeSubscriptionId: string,
    metadata: Readonly<Record<string, string>>,
  ): Promise<SentCommand>;
  record(graviteeSubscriptionId: string): Promise<SubscriptionRecord | undefined>;
  /** Waits until the record is in this state. */
  reaches(graviteeSubscriptionId: string, state: SubscriptionRecord['state']): Promise<SubscriptionRecord>;
  /** Writes what a scan would write: usage plans that two complete reads lack. */
  planGone(gonePlans: ScanRecord['gonePlans']): Promise<void>;
  /** Writes what a scan would write: the plan no longer lists the stage. */
  planDetached(): Promise<void>;
  /** Keys in AWS whose name belongs to this subscription. */
  keysOf(graviteeSubscriptionId: string): ReturnType<SandboxAws['control']['keys']>;
  stop(): Promise<void>;
}

interface ReplicaChanges {
  /** An integration other than the bench's. */
  readonly integrationId?: string;
  readonly aws?: object;
  readonly federation?: object;
}

interface SubscribeOptions {
  readonly planId?: string;
  readonly deadlineIn?: number;
  readonly fate?: Fate;
  readonly commandId?: string;
  readonly type?: string;
  readonly apiId?: string;
  readonly applicationName?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The key in a SUCCEEDED reply to a SUBSCRIBE. */
export function givenKey({ payload, errorDetails }: ReplyRequest): GivenKey {
  if (!payload || !('inline' in payload)) throw new Error(`no key: ${errorDetails ?? ''}`);
  return (payload.inline as { subscription: GivenKey }).subscription;
}

export async function startWorkbench(limits: Limits = workbenchLimits): Promise<Workbench> {
  const [testBroker, aws] = await Promise.all([startTestBroker(), startAws()]);
  aws.control.setThrottle({ enabled: false });
  const { apis, plans } = aws.control.seed({ apis: 1, unplanned: 0, plans: 1, descriptionsNasty: false });
  const place = { restApiId: apis[0]?.id ?? '', stage: apis[0]?.stages[0] ?? '', plan: plans[0]?.id ?? '' };
  const broker = await connectTestBroker(testBroker, 'subscription-manager', limits);
  const records = await openBucket(broker, buckets.subscriptions, SubscriptionRecord);
  const sealingKey = randomBytes(32).toString('base64');
  const { accessKeyId, secretAccessKey } = SANDBOX_AGENT;
  const configuration = {
    region: DEFAULT_REGION,
    accessKeyId,
    secretAccessKey,
    endpointUrl: aws.url,
    requestsPerSecond: 8,
    burst: 10,
  };
  const [user = '', password = ''] = operator.split(':');
  const users = { [user]: password };
  const configOf = ({ integrationId: id = integrationId, aws: more, federation }: ReplicaChanges) =>
    AgentConfig.parse({
      integration: {
        providers: [
          { type: 'aws-api-gateway', integrationId: id, configuration: { ...configuration, ...more } },
        ],
      },
      services: { core: { http: { host: '127.0.0.1', port: 0, authentication: { users } } } },
      federation: { sealingKey, ...federation },
    });
  const connectionDetails = {
    [routingKeys.account]: DEFAULT_ACCOUNT,
    [routingKeys.region]: DEFAULT_REGION,
    [routingKeys.restApiId]: place.restApiId,
    [routingKeys.stage]: place.stage,
  };
  const apiId = `${DEFAULT_ACCOUNT}:${DEFAULT_REGION}:${place.restApiId}:${place.stage}`;
  const link = await startTestLink(broker);
  const ends: (() => Promise<void>)[] = [];
  const find = async (graviteeSubscriptionId: string) =>
    (await records.get(subscriptionKeys.record(integrationId, graviteeSubscriptionId)))?.value;

  return {
    aws,
    link,
    broker,
    place,
    startReplica: async (changes = {}) => {
      const telemetry = testTelemetry('subscription-manager');
      const own = await connectTestBroker(testBroker, 'subscription-manager', limits, telemetry);
      const health = createHealth();
      const nodeRoutes = createNodeRoutes();
      const config = configOf(changes);
      const context: ServiceContext = {
        service: 'subscription-manager',
        instance: randomUUID(),
        version: '0.0.0',
        config,
        limits,
        broker: own,
        telemetry,
        health,
        nodeRoutes,
        clock: systemClock,
        random: systemRandomness,
      };
      const { service: name, instance, version, clock } = context;
      const identity = { name, instance, version, services: [name] };
      const served = { config, values: [], identity, health, nodeRoutes, telemetry, clock };
      const http = await startHttpServer(served);
      if (!http) throw new Error('no HTTP server');
      ends.push(() => http.stop());
      const service = await startSubscriptionManager(context);
      ends.push(async () => {
        try {
          await service.stop();
        } finally {
          await own.close();
        }
      });
      return {
        service,
        broker: own,
        telemetry,
        health,
        nodeUrl: `${http.url}/_node`,
        openSaga: () => openSaga(context),
      };
    },
    subscribe: (graviteeSubscriptionId, options = {}) => {
      const { planId = place.plan, type = 'API_KEY', metadata = connectionDetails } = options;
      const subscription = {
        graviteeSubscriptionId,
        graviteeApplicationId: 'app-1',
        graviteeApplicationName: options.applicationName ?? 'My "app", really',
        type,
        metadata: { ...metadata, planId },
      };
      return link.send('SUBSCRIBE', integrationId, { apiId: options.apiId ?? apiId, subscription }, options);
    },
    unsubscribe: (graviteeSubscriptionId, metadata) =>
      link.send('UNSUBSCRIBE', integrationId, {
        apiId,
        subscription: { graviteeSubscriptionId, metadata: { ...connectionDetails, ...metadata } },
      }),
    record: find,
    reaches: async (graviteeSubscriptionId, state) => {
      await eventually(async () => (await find(graviteeSubscriptionId))?.state === state, 25_000);
      const record = await find(graviteeSubscriptionId);
      if (!record) throw new Error('no record');
      return record;
    },
    planGone: async (gonePlans) => {
      const scans = await openBucket(broker, buckets.scans, ScanRecord);
      const target = { integrationId, account: DEFAULT_ACCOUNT, region: DEFAULT_REGION };
      await scans.put(catalogKeys.scan(integrationId, target.account, target.region), {
        ...target,
        dueAt: 0,
        usagePlans: {},
        gonePlans,
      });
    },
    planDetached: async () => {
      const catalog = await openBucket(broker, buckets.catalog, CatalogEntry);
      const entry = catalogEntry(place);
      await catalog.put(catalogKeys.entry(integrationId, entry), entry);
    },
    keysOf: (graviteeSubscriptionId) =>
      aws.control.keys().filter(({ name }) => name?.startsWith(`gravitee-${graviteeSubscriptionId}-`)),
    stop: async () => {
      await Promise.all(ends.map((end) => end().catch(() => undefined)));
      await broker.close();
      await Promise.all([aws.stop(), testBroker.stop()]);
    },
  };
}

/** An API at a stage whose plan is detached. */
function catalogEntry({ restApiId, stage, plan }: Workbench['place']): CatalogEntry {
  return {
    uniqueId: `${DEFAULT_ACCOUNT}:${DEFAULT_REGION}:${restApiId}:${stage}`,
    integrationId,
    account: DEFAULT_ACCOUNT,
    region: DEFAULT_REGION,
    restApiId,
    stage,
    name: 'orders',
    version: '1',
    description: '',
    tags: {},
    endpointTypes: ['REGIONAL'],
    disableExecuteApiEndpoint: false,
    vpcEndpointIds: [],
    invokeUrl: 'https://example.com',
    plans: [
      {
        usagePlanId: plan,
        name: 'Gold',
        description: '',
        limits: {},
        methodLimits: {},
        detached: { since: 1, reads: 1, lastReadAt: 1 },
        sent: true,
      },
    ],
    document: { state: 'pending' },
    verified: true,
    plansSent: true,
    firstSeenAt: 1,
    changedAt: 1,
  };
}
