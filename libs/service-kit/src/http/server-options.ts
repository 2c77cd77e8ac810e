/** What the HTTP server needs to know about the process. */
import type { AgentConfig } from '@federation-agent/contracts';
import type { Clock, Telemetry } from '@federation-agent/base';
import type { EffectiveValue } from '@federation-agent/configuration';
import type { Health } from './health.ts';
import type { NodeRoutes } from './node-routes.ts';

/** What `/_node` tells about this process. */
export interface NodeIdentity {
  readonly name: string;
  readonly instance: string;
  readonly version: string;
  readonly services: readonly string[];
}

export interface HttpServerOptions {
  readonly config: AgentConfig;
  /** The configuration with secrets masked. */
  readonly values: readonly EffectiveValue[];
  readonly identity: NodeIdentity;
  readonly health: Health;
  /** Routes that services add to `/_node`. */
  readonly nodeRoutes: NodeRoutes;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
}
