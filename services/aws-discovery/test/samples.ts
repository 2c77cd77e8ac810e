/** Values for the tests of the pure parts: what AWS shows, and what the catalog has of it. */
import type { GatewayApi, Stage, Target, UsagePlan } from '@federation-agent/aws-control-plane';
import {
  AgentConfig,
  limitsAt,
  type CatalogEntry,
  type CatalogPlan,
  type Limits,
} from '@federation-agent/contracts';
import { allSettings, type IntegrationSettings } from '../src/settings.ts';

export const account = '123456789012';
export const region = 'eu-west-1';
export const target = { account, region, dnsSuffix: 'amazonaws.com' } as const;

/** A target that nobody may ask. */
export function targetUnasked(identity: string): Target {
  const unused = (): never => {
    throw new Error('AWS is not asked here');
  };
  const reads = {
    restApis: unused,
    stages: unused,
    usagePlans: unused,
    usagePlansOfKey: unused,
    apiKeys: unused,
    exportDocument: unused,
    accountThrottle: unused,
  };
  const v2 = { apis: unused, stages: unused, exportDocument: unused, routes: unused, models: unused };
  const domains = { operationsOf: unused, names: unused, mappings: unused, routingRules: unused };
  const keys = { create: unused, import: unused, attach: unused, delete: unused };
  return { ...target, partition: 'aws', identity, reads, v2, domains, keys };
}

/** Not scaled: an interval of 15 minutes is 15 minutes. */
export const limits: Limits = limitsAt(1);
export const minute = 60_000;
/** A time long ago, so that `0` and "now" differ. */
export const start = Date.UTC(2026, 0, 5, 12);

/** What a configuration of the provider says to discovery. */
export function settingsOf(configuration: object = {}): IntegrationSettings {
  const provider = {
    type: 'aws-api-gateway',
    integrationId: 'integration',
    configuration: { region, ...configuration },
  };
  const [settings] = allSettings(AgentConfig.parse({ integration: { providers: [provider] } }), limits);
  if (!settings) throw new Error('no settings');
  return settings;
}

export function restApi(change: Partial<GatewayApi> = {}): GatewayApi {
  return {
    id: 'api1',
    name: 'Pets',
    description: 'All about pets',
    version: '1.2',
    createdAt: 1_700_000_000,
    apiKeySource: 'HEADER',
    endpointTypes: ['REGIONAL'],
    vpcEndpointIds: [],
    disableExecuteApiEndpoint: false,
    tags: { team: 'red' },
    ...change,
  };
}

export function stage(change: Partial<Stage> = {}): Stage {
  return {
    name: 'prod',
    deploymentId: 'd1',
    createdAt: 1_700_000_100,
    updatedAt: 1_700_000_200,
    ...change,
  };
}

export function usagePlan(change: Partial<UsagePlan> = {}): UsagePlan {
  return {
    id: 'p1',
    name: 'Gold',
    description: 'The good one',
    limits: { rateLimit: 10, burstLimit: 20, quota: { limit: 1_000, period: 'DAY' } },
    stages: [{ restApiId: 'api1', stage: 'prod', methodLimits: {} }],
    ...change,
  };
}

export function plan(change: Partial<CatalogPlan> = {}): CatalogPlan {
  return {
    usagePlanId: 'p1',
    name: 'Gold',
    description: 'The good one',
    limits: { rateLimit: 10, burstLimit: 20, quota: { limit: 1_000, period: 'DAY' } },
    methodLimits: {},
    sent: false,
    ...change,
  };
}

/** The entry that a scan makes of `restApi()`, `stage()` and `usagePlan()`. */
export function entry(change: Partial<CatalogEntry> = {}): CatalogEntry {
  return {
    uniqueId: `${account}:${region}:api1:prod`,
    integrationId: 'integration',
    account,
    region,
    restApiId: 'api1',
    stage: 'prod',
    name: 'Pets',
    version: '1.2',
    description: 'All about pets',
    tags: { team: 'red' },
    apiKeySource: 'HEADER',
    endpointTypes: ['REGIONAL'],
    disableExecuteApiEndpoint: false,
    vpcEndpointIds: [],
    apiCreatedAt: 1_700_000_000,
    stageCreatedAt: 1_700_000_100,
    stageUpdatedAt: 1_700_000_200,
    deploymentId: 'd1',
    invokeUrl: 'https://api1.execute-api.eu-west-1.amazonaws.com/prod',
    plans: [plan()],
    document: { state: 'pending' },
    verified: true,
    plansSent: false,
    firstSeenAt: start,
    changedAt: start,
    ...change,
  };
}
