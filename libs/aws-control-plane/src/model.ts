/** What API Gateway has, as the rest of the agent sees it: absent and null read alike, dates are epoch seconds. */
import type { PlanLimits } from '@federation-agent/contracts';

/** A REST API. Names are not unique; there is no date of the last change. */
export interface RestApi {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly version?: string;
  /** Epoch seconds. */
  readonly createdAt?: number;
  /** `HEADER` or `AUTHORIZER`; with an authorizer the API does not read `x-api-key`. */
  readonly apiKeySource?: string;
  /** `EDGE`, `REGIONAL`, `PRIVATE`. */
  readonly endpointTypes: readonly string[];
  readonly vpcEndpointIds: readonly string[];
  readonly disableExecuteApiEndpoint: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

/** A stage. Some emulators give no dates. */
export interface Stage {
  readonly name: string;
  readonly description?: string;
  readonly deploymentId?: string;
  readonly documentationVersion?: string;
  /** Epoch seconds. */
  readonly createdAt?: number;
  /** Epoch seconds; moved by canary, logging and throttle settings too. */
  readonly updatedAt?: number;
}

/** A stage that a usage plan opens. It may name an API or stage that is gone. */
export interface PlanStage {
  readonly restApiId: string;
  readonly stage: string;
  /** `GET /pets` -> its limits. */
  readonly methodLimits: Readonly<Record<string, PlanLimits>>;
}

/** A usage plan. It has no dates. Absent limits are none. */
export interface UsagePlan {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly limits: PlanLimits;
  readonly stages: readonly PlanStage[];
}

/**
 * A `scan` takes only a slot of the budget that is due; a `command` reserves one a few seconds ahead, and so goes
 * first.
 */
export type Priority = 'scan' | 'command';

/**
 * Reads of one account and region. Every list is complete or the read throws: a page that fails fails the read, an
 * answer of another shape is AwsUnreadableAnswer and never an empty list. Retryable errors were retried inside by then.
 */
export interface TargetReads {
  restApis(priority: Priority, signal?: AbortSignal): Promise<RestApi[]>;
  /** @throws AwsNotFound when the API is gone */
  stages(restApiId: string, priority: Priority, signal?: AbortSignal): Promise<Stage[]>;
  usagePlans(priority: Priority, signal?: AbortSignal): Promise<UsagePlan[]>;
  /** The plans a key is in; empty also when there is no such key. */
  usagePlansOfKey(keyId: string, priority: Priority, signal?: AbortSignal): Promise<UsagePlan[]>;
  /**
   * The OpenAPI document of what is deployed, as bytes of JSON: an object with `openapi` or `swagger`. Some emulators
   * give Swagger 2.0.
   *
   * @throws AwsBadRequest for a stage that AWS cannot export; AwsNotFound when API or stage is gone
   */
  exportDocument(restApiId: string, stage: string, priority: Priority, signal?: AbortSignal): Promise<Buffer>;
}

export interface CallOptions {
  /**
   * Deadline, epoch ms of this host: looked at after the wait for the budget and right before the call. Past it nothing
   * is sent: DeadlinePassed.
   */
  readonly before?: number;
  readonly signal?: AbortSignal;
}

/** An API key as it is made. `value` has 20 to 128 characters and never shows up in a log, span or error. */
export interface NewKey {
  readonly name: string;
  readonly description: string;
  readonly value: string;
}

/**
 * Changes of one account and region. Each is sent once; `definite(error)` says whether one that failed can still
 * execute. Name and description have their control characters replaced by blanks, in both creating calls alike.
 */
export interface TargetKeys {
  /** CreateApiKey, enabled. @throws AwsConflict when a key has this value already */
  create(key: NewKey, options?: CallOptions): Promise<{ readonly id: string }>;
  /** ImportApiKeys: a key that has this value is overwritten and keeps its id and its plans; else it is made. */
  import(
    key: NewKey & { readonly enabled: boolean },
    options?: CallOptions,
  ): Promise<{ readonly id: string }>;
  /** CreateUsagePlanKey. @throws AwsConflict: in this plan already, or in another one of the same stage */
  attach(usagePlanId: string, keyId: string, options?: CallOptions): Promise<void>;
  /** DeleteApiKey, which takes the key out of its plans too. */
  delete(keyId: string, options?: CallOptions): Promise<'deleted' | 'gone'>;
}

/** One account and region, with who we are there. */
export interface Target {
  readonly account: string;
  readonly region: string;
  /** `aws`, `aws-cn`, ... */
  readonly partition: string;
  /** Of invoke URLs: `amazonaws.com`, `amazonaws.com.cn`, ... */
  readonly dnsSuffix: string;
  /** The caller's ARN; how the identity is configured where STS cannot be asked and `accountId` is set. For health. */
  readonly identity: string;
  readonly reads: TargetReads;
  readonly keys: TargetKeys;
}

/** A target of which it is not known yet who we are there. */
export interface WaitingTarget {
  /** For people: `eu-west-1 as arn:aws:iam::123456789012:role/agent`. */
  readonly label: string;
  readonly region: string;
  /** As configured. */
  readonly account: string | undefined;
  /** Why, and what to do; in one line without secrets. */
  readonly reason: string;
}

/** The targets of one integration. */
export interface ControlPlane {
  /**
   * Every target whose account is known, in the order of the configuration, and those that wait: for credentials, for
   * an answer of STS, or because `accountId` is another account; with the reason and what to do. Each call asks again
   * for those, and waits for an answer for as long as a creating call may take at most.
   */
  targets(signal?: AbortSignal): Promise<{
    readonly ready: readonly Target[];
    readonly waiting: readonly WaitingTarget[];
  }>;
  /**
   * Undefined: no configured target. Only targets that it may be are waited for.
   *
   * @throws AwsCredentials (retryable) when a target of this region waits for STS, so that it may yet be this one
   */
  target(account: string, region: string): Promise<Target | undefined>;
  /** The configured targets, for people. */
  labels(): readonly string[];
  /** Closes the connections. Calls under way fail. */
  close(): void;
}
