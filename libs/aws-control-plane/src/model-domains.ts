/** Custom domain names and what they lead to. The minimum policy allows none of it. */
import type { Priority } from './model-apis.ts';
import type { Operation } from './permissions.ts';

export interface DomainName {
  readonly name: string;
  /** Of a private domain: its name alone does not identify it. */
  readonly id?: string;
  /** `EDGE`, `REGIONAL`, `PRIVATE`. */
  readonly endpointTypes: readonly string[];
  /**
   * `BASE_PATH_MAPPING_ONLY` (also when AWS says nothing), `ROUTING_RULE_ONLY`, `ROUTING_RULE_THEN_BASE_PATH_MAPPING`:
   * the second version calls them by other names.
   */
  readonly routingMode: string;
  /** `AVAILABLE`, `UPDATING`, `PENDING`, ...; undefined counts as available. */
  readonly status?: string;
}

/** Below which path of a domain a stage is. */
export interface DomainMapping {
  /** Such as `orders/v1`; empty: the root of the domain. */
  readonly path: string;
  readonly apiId: string;
  /** Absent: the caller names the stage as the first part of the path (REST APIs mapped without a stage). */
  readonly stage?: string;
}

/** A routing rule. The lowest priority is asked first. */
export interface RoutingRule {
  readonly priority: number;
  /** Any of these; empty: the rule does not look at the path. */
  readonly basePaths: readonly string[];
  /** The rule wants certain headers too, so an address alone does not lead to it. */
  readonly needsHeaders: boolean;
  readonly apiId: string;
  readonly stage: string;
  /** The base path is not part of what the API sees. */
  readonly stripBasePath: boolean;
}

/** Each read throws AwsDenied without GET on /domainnames*, that of rules without ListRoutingRules. */
export interface DomainReads {
  /** GetDomainNames, of all types. */
  names(priority: Priority, signal?: AbortSignal): Promise<DomainName[]>;
  /** GetApiMappings for a regional domain, else GetBasePathMappings. @throws AwsNotFound when the domain is gone */
  mappings(domain: DomainName, priority: Priority, signal?: AbortSignal): Promise<DomainMapping[]>;
  /** What reads of this domain call; each has a right of its own. */
  operationsOf(domain: DomainName): readonly Operation[];
  /** ListRoutingRules; empty where the mode of the domain uses none, and then no call is made. */
  routingRules(domain: DomainName, priority: Priority, signal?: AbortSignal): Promise<RoutingRule[]>;
}
