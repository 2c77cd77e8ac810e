/** Records as the services write them. */
import { ScanRecord, type CatalogEntry, type NodeStatus } from '@federation-agent/contracts';
import { ShownRecord } from '../src/model/subscriptions.ts';

export const integrationId = 'i-1';

/** A stage that is listed: it has a plan that was sent, and its document. */
export function entryOf(changes: Partial<CatalogEntry> = {}): CatalogEntry {
  const { account = '111111111111', region = 'eu-west-1', restApiId = 'abc', stage = 'prod' } = changes;
  return {
    uniqueId: `${account}:${region}:${restApiId}:${stage}`,
    integrationId,
    account,
    region,
    restApiId,
    stage,
    name: 'orders',
    version: '1',
    description: '',
    tags: {},
    endpointTypes: ['REGIONAL'],
    disableExecuteApiEndpoint: false,
    vpcEndpointIds: [],
    invokeUrl: 'https://abc.example/prod',
    plans: [{ usagePlanId: 'p1', name: 'gold', description: '', limits: {}, methodLimits: {}, sent: true }],
    document: { state: 'pending' },
    verified: true,
    plansSent: true,
    firstSeenAt: 1,
    changedAt: 2,
    ...changes,
  };
}

export function scanOf(changes: Partial<ScanRecord> = {}): ScanRecord {
  const fresh = { lastCompleteAt: 10, lastAttemptAt: 10, listsReadAt: 10, dueAt: 20 };
  return ScanRecord.parse({
    integrationId,
    account: '111111111111',
    region: 'eu-west-1',
    usagePlans: {},
    gonePlans: {},
    ...fresh,
    ...changes,
  });
}

export function subscriptionOf(changes: Readonly<Record<string, unknown>> = {}): ShownRecord {
  return ShownRecord.parse({
    integrationId,
    graviteeSubscriptionId: 's-1',
    state: 'held',
    life: 1,
    value: { key: 'k', iv: 'iv', tag: 'tag', text: 'sealed-secret' },
    strandedValues: [],
    keyId: 'key-1',
    account: '111111111111',
    region: 'eu-west-1',
    restApiId: 'abc',
    stage: 'prod',
    usagePlanId: 'p1',
    keyName: 'gravitee-s-1-1 app',
    keyDescription: '',
    attempts: [],
    pastAttempts: [],
    openCalls: 0,
    lastCreatingCallAt: 0,
    createdAt: 1,
    changedAt: 2,
    ...changes,
  });
}

export function statusOf(changes: Partial<NodeStatus> = {}): NodeStatus {
  return {
    instance: 'agent-1',
    service: 'gateway-link',
    version: '1.0.0',
    startedAt: 1,
    ready: true,
    components: {},
    ...changes,
  };
}
