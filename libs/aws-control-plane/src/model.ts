/**
 * What API Gateway has, in the form that the rest of the agent sees: null counts as absent, dates are epoch seconds.
 */
import type { PlanLimits } from '@federation-agent/contracts';
import type { GatewayApi, Priority, Stage, Throttle } from './model-apis.ts';
import type { DomainReads } from './model-domains.ts';
import type { ChangeQueue } from './model-queue.ts';
import type { V2Reads } from './model-v2.ts';

export type * from './model-apis.ts';

/** A stage that a usage plan opens. The API or stage may be gone. */
export interface PlanStage {
  readonly restApiId: string;
  readonly stage: string;
  /** `GET /pets` -> its limits. */
  readonly methodLimits: Readonly<Record<string, PlanLimits>>;
}

/** A usage plan. It has no dates. An absent limit means no limit. */
export interface UsagePlan {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly limits: PlanLimits;
  readonly stages: readonly PlanStage[];
}

/** An API key as a list shows it: never with its value. */
export interface ListedApiKey {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  /** Epoch seconds. */
  readonly createdAt?: number;
}

/** One page of API keys. */
export interface ApiKeyPage {
  readonly keys: readonly ListedApiKey[];
  /** Where the next page begins; absent: this is the last one. */
  readonly position?: string;
}

export interface ApiKeyQuery {
  /** Only keys whose names begin with this. */
  readonly namePrefix?: string;
  /** From the page before. */
  readonly position?: string;
}

/**
 * Reads of one account and region. A list is complete, or the read throws: when one page fails, the read fails. An
 * answer in another form throws AwsUnreadableAnswer; it never becomes an empty list. Retryable errors have already been
 * retried when a read throws.
 */
export interface TargetReads {
  restApis(priority: Priority, signal?: AbortSignal): Promise<GatewayApi[]>;
  /** @throws AwsNotFound when the API is gone */
  stages(restApiId: string, priority: Priority, signal?: AbortSignal): Promise<Stage[]>;
  usagePlans(priority: Priority, signal?: AbortSignal): Promise<UsagePlan[]>;
  /** The plans that a key is in; also empty when there is no such key. */
  usagePlansOfKey(keyId: string, priority: Priority, signal?: AbortSignal): Promise<UsagePlan[]>;
  /**
   * GetApiKeys, one page, without values. The minimum policy does not allow it. Pages are no snapshot: a key may come
   * twice.
   *
   * @throws AwsDenied where the policy lacks GET on /apikeys
   */
  apiKeys(query: ApiKeyQuery, priority: Priority, signal?: AbortSignal): Promise<ApiKeyPage>;
  /**
   * The OpenAPI document of what is deployed, as bytes of JSON: an object with `openapi` or `swagger`. Some emulators
   * return Swagger 2.0.
   *
   * @throws AwsBadRequest for a stage that AWS cannot export; AwsNotFound when API or stage is gone
   */
  exportDocument(restApiId: string, stage: string, priority: Priority, signal?: AbortSignal): Promise<Buffer>;
  /**
   * GetAccount: the throttle of all APIs of the account in the region. The minimum policy does not allow it.
   *
   * @throws AwsDenied where the policy lacks GET on /account
   */
  accountThrottle(priority: Priority, signal?: AbortSignal): Promise<Throttle>;
}

export interface CallOptions {
  /**
   * Deadline, epoch ms of this host. It is checked after the wait for the budget and right before the call. After it
   * nothing is sent: DeadlinePassed.
   */
  readonly deadline?: number;
  readonly signal?: AbortSignal;
}

/** An API key to make. `value` has 20 to 128 characters and is never in a log, span or error. */
export interface NewKey {
  readonly name: string;
  readonly description: string;
  readonly value: string;
}

/**
 * Changes of one account and region. Each is sent once; `isDefiniteFailure(error)` tells whether a failed one can still
 * execute. In name and description, both creating calls replace control characters with blanks.
 */
export interface TargetKeys {
  /** CreateApiKey, enabled. @throws AwsConflict when another key has this value */
  create(key: NewKey, options?: CallOptions): Promise<{ readonly keyId: string }>;
  /**
   * ImportApiKeys: a key that has this value is overwritten and keeps its id and its plans; otherwise a new key is
   * made.
   */
  import(
    key: NewKey & { readonly enabled: boolean },
    options?: CallOptions,
  ): Promise<{ readonly keyId: string }>;
  /** CreateUsagePlanKey. @throws AwsConflict: the key is in this plan already, or in another one of the same stage */
  attach(usagePlanId: string, keyId: string, options?: CallOptions): Promise<void>;
  /** DeleteApiKey, which also removes the key from its plans. */
  delete(keyId: string, options?: CallOptions): Promise<'deleted' | 'gone'>;
}

/** One account and region, and our identity there. */
export interface Target {
  readonly account: string;
  readonly region: string;
  /** `aws`, `aws-cn`, ... */
  readonly partition: string;
  /** Part of invoke URLs: `amazonaws.com`, `amazonaws.com.cn`, ... */
  readonly dnsSuffix: string;
  /**
   * The caller's ARN. When STS cannot be asked and `accountId` is set: the configured identity. For the health report.
   */
  readonly identity: string;
  /** The `url` of the queue that tells its changes; absent: none does. */
  readonly changeQueueUrl?: string;
  readonly reads: TargetReads;
  readonly v2: V2Reads;
  readonly domains: DomainReads;
  readonly keys: TargetKeys;
}

/** A target whose identity is not known yet. */
export interface WaitingTarget {
  /** For people: `eu-west-1 as arn:aws:iam::123456789012:role/agent`. */
  readonly label: string;
  readonly region: string;
  /** As configured. */
  readonly account: string | undefined;
  /** Why it waits, and what to do; in one line without secrets. */
  readonly reason: string;
}

/** The targets of one integration. */
export interface ControlPlane {
  /**
   * Returns every target whose account is known, in the order of the configuration. It also returns the targets that
   * wait for credentials or for an answer of STS, or whose `accountId` is another account, each with the reason and
   * what to do. Each call asks again for those, and waits at most as long as a creating call may take.
   */
  targets(signal?: AbortSignal): Promise<{
    readonly ready: readonly Target[];
    readonly waiting: readonly WaitingTarget[];
  }>;
  /**
   * Undefined: not a configured target. Only targets that could be this one are waited for.
   *
   * @throws AwsCredentials (retryable) when a target of this region waits for STS, so that it may still be this one
   */
  target(account: string, region: string): Promise<Target | undefined>;
  /** Each configured queue once. Several targets may share one. */
  changeQueues(): readonly ChangeQueue[];
  /** The configured targets, for people. */
  labels(): readonly string[];
  /** Closes the connections. Calls under way fail. */
  close(): void;
}
