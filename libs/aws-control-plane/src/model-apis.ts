/** APIs and their stages, of all types, and how urgent a read of them is. */
import type { PlanLimits } from '@federation-agent/contracts';

/** An API. Names are not unique, and there is no date of the last change. */
export interface GatewayApi {
  readonly id: string;
  /** Absent: a REST API. */
  readonly apiType?: 'HTTP' | 'WEBSOCKET';
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
  /** Only HTTP APIs have these rules here; those of a REST API are methods of its own. */
  readonly cors?: CorsRules;
}

/** What a browser may do from another origin. An empty list: nothing. */
export interface CorsRules {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly credentials: boolean;
}

/** A stage. Some emulators give no dates. */
export interface Stage {
  readonly name: string;
  readonly description?: string;
  readonly deploymentId?: string;
  readonly documentationVersion?: string;
  /** Epoch seconds. */
  readonly createdAt?: number;
  /** Epoch seconds; changes of canary, logging and throttle settings change it too. */
  readonly updatedAt?: number;
  /** The default for every method or route. Absent: none of its own, so the account's counts. */
  readonly throttle?: Throttle;
}

/** Requests per second, and how many at once. */
export type Throttle = Pick<PlanLimits, 'rateLimit' | 'burstLimit'>;

/**
 * A `scan` takes only a slot of the budget that is due. A `command` reserves one a few seconds ahead, and so goes
 * first.
 */
export type Priority = 'scan' | 'command';
