import type { Definition } from './definition.ts';
import type { Domain } from './domains/store.ts';
import type { V2Api } from './v2/store.ts';

/** Times are epoch seconds, as on the wire of API Gateway. */
export type Seconds = number;
/** Tags of a resource; empty when there are none. */
export type Tags = Record<string, string>;

/** An immutable snapshot of an API, made by CreateDeployment. */
export interface Deployment {
  readonly id: string;
  readonly description: string | undefined;
  readonly createdDate: Seconds;
  readonly definition: Definition;
}

/** A stage: a name under which one deployment is served. */
export interface Stage {
  readonly stageName: string;
  deploymentId: string;
  description: string | undefined;
  documentationVersion: string | undefined;
  variables: Record<string, string>;
  /** The default of all methods; empty: none of its own. */
  throttle: ThrottleLimit;
  tracingEnabled: boolean;
  tags: Tags;
  readonly createdDate: Seconds;
  lastUpdatedDate: Seconds;
}

/** A REST API with its live definition, its deployments and stages. */
export interface RestApi {
  readonly id: string;
  readonly rootResourceId: string;
  readonly createdDate: Seconds;
  name: string;
  description: string | undefined;
  version: string | undefined;
  apiKeySource: 'HEADER' | 'AUTHORIZER';
  disableExecuteApiEndpoint: boolean;
  endpointTypes: readonly string[];
  binaryMediaTypes: readonly string[];
  tags: Tags;
  definition: Definition;
  readonly deployments: Map<string, Deployment>;
  readonly stages: Map<string, Stage>;
}

/** Rate in requests per second (may be a fraction), burst in requests. */
export interface ThrottleLimit {
  rateLimit?: number | undefined;
  burstLimit?: number | undefined;
}

/** `limit` requests in each `period`, the first one reduced by `offset`. */
export interface QuotaLimit {
  limit: number;
  offset: number;
  period: 'DAY' | 'WEEK' | 'MONTH';
}

/** A stage that a plan offers; `throttle` by "/path/METHOD". */
export interface ApiStage {
  readonly apiId: string;
  readonly stage: string;
  throttle?: Record<string, ThrottleLimit> | undefined;
}

/** A usage plan. `keyIds` are the keys attached to it, oldest first. */
export interface UsagePlan {
  readonly id: string;
  name: string;
  description: string | undefined;
  apiStages: ApiStage[];
  throttle: ThrottleLimit | undefined;
  quota: QuotaLimit | undefined;
  tags: Tags;
  keyIds: string[];
}

/** An API key with its secret value. */
export interface ApiKey {
  readonly id: string;
  readonly value: string;
  readonly createdDate: Seconds;
  lastUpdatedDate: Seconds;
  name: string | undefined;
  description: string | undefined;
  customerId: string | undefined;
  enabled: boolean;
  tags: Tags;
}

/** The contents of one account in one region. Maps keep the order of creation. */
export interface Region {
  readonly account: string;
  readonly region: string;
  readonly apis: Map<string, RestApi>;
  readonly v2Apis: Map<string, V2Api>;
  /** By name; a private domain by `<name> <id>`. */
  readonly domains: Map<string, Domain>;
  /** Of the whole account in the region. */
  throttle: { rateLimit: number; burstLimit: number };
  readonly plans: Map<string, UsagePlan>;
  readonly keys: Map<string, ApiKey>;
  /** Id of the key with a value: values are unique in an account and region. */
  readonly keyIdByValue: Map<string, string>;
}

/** Accounts and regions are separate; each is created when it is first used. */
export interface Store {
  region(account: string, region: string): Region;
  all(): Region[];
  clear(): void;
}

/** An empty store. */
export function createStore(): Store {
  const regions = new Map<string, Region>();
  return {
    region(account, region) {
      const key = `${account}/${region}`;
      const known = regions.get(key);
      if (known !== undefined) return known;
      const fresh: Region = {
        account,
        region,
        apis: new Map(),
        v2Apis: new Map(),
        domains: new Map(),
        throttle: { rateLimit: 10_000, burstLimit: 5_000 },
        plans: new Map(),
        keys: new Map(),
        keyIdByValue: new Map(),
      };
      regions.set(key, fresh);
      return fresh;
    },
    all: () => [...regions.values()],
    clear: () => regions.clear(),
  };
}
