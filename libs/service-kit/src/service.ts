/** What a service gets, and what it returns. */
import type { AgentConfig, Limits, ServiceName } from '@federation-agent/contracts';
import type { Clock, Randomness, Telemetry } from '@federation-agent/base';
import type { Broker } from '@federation-agent/broker';
import type { LiveConfig } from '@federation-agent/configuration';
import type { Health } from './http/health.ts';
import type { NodeRoutes } from './http/node-routes.ts';

export interface ServiceContext {
  readonly service: ServiceName;
  /** New for each process; used in the names of claims and marks. */
  readonly instance: string;
  readonly version: string;
  /** The configuration as loaded. */
  readonly config: AgentConfig;
  /** Configuration that changes while the process runs; absent: none does. */
  readonly live?: LiveConfig;
  readonly limits: Limits;
  readonly broker: Broker;
  readonly telemetry: Telemetry;
  readonly health: Health;
  /** For the service's own routes below `/_node`, which it removes when it stops; absent: none are served. */
  readonly nodeRoutes?: NodeRoutes;
  readonly clock: Clock;
  readonly random: Randomness;
}

export interface RunningService {
  /** Takes no more work, finishes or hands back what it has, and drains; within `limits.shutdown`. */
  stop(): Promise<void>;
}

export type StartService = (context: ServiceContext) => Promise<RunningService>;
