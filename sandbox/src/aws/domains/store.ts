/** Leads a part of a domain to a stage. `path` is empty for the root of the domain. */
export interface Mapping {
  readonly id: string;
  readonly path: string;
  readonly apiId: string;
  /** Undefined: the stage is the next part of the path (only base path mappings). */
  readonly stage: string | undefined;
}

/** A header that a rule wants; `*` in the value is any text. */
export interface HeaderCondition {
  readonly header: string;
  readonly valueGlob: string;
}

/** A routing rule; the lowest priority is asked first. */
export interface RoutingRule {
  readonly id: string;
  readonly priority: number;
  readonly basePaths: readonly string[];
  readonly headers: readonly HeaderCondition[];
  readonly apiId: string;
  readonly stage: string;
  readonly stripBasePath: boolean;
}

/** How a domain finds the API of a request, in the words of the first version. */
export type RoutingMode =
  'BASE_PATH_MAPPING_ONLY' | 'ROUTING_RULE_ONLY' | 'ROUTING_RULE_THEN_BASE_PATH_MAPPING';

/** A custom domain name. */
export interface Domain {
  readonly name: string;
  /** Only of a private domain. */
  readonly id: string | undefined;
  readonly type: 'EDGE' | 'REGIONAL' | 'PRIVATE';
  routingMode: RoutingMode;
  status: string;
  readonly mappings: Map<string, Mapping>;
  readonly rules: Map<string, RoutingRule>;
}
