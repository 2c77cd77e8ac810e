/** What a service is given and what it gives back. */
import type { AgentConfig, Limits, ServiceName } from '@federation-agent/contracts';
import type { Clock, Randomness, Telemetry } from '@federation-agent/base';
import type { Broker } from '@federation-agent/broker';
import type { LiveConfig } from '@federation-agent/configuration';
import type { Health } from './http/health.ts';
import type { NodeRoutes } from './http/node-routes.ts';

export interface ServiceContext {
  readonly service: ServiceName;
  /** New per process; names claims and marks. */
  readonly instance: string;
  readonly version: string;
  /** As loaded. */
  readonly config: AgentConfig;
  /** What of it changes while the process runs; absent: nothing. */
  readonly live?: LiveConfig;
  readonly limits: Limits;
  readonly broker: Broker;
  readonly telemetry: Telemetry;
  readonly health: Health;
  /** For routes of its own below `/_node`, which it removes when it stops; absent: none are served. */
  readonly nodeRoutes?: NodeRoutes;
  readonly clock: Clock;
  readonly random: Randomness;
}

export interface RunningService {
  /** Stops intake, finishes or hands back, drains; within `limits.shutdown`. */
  stop(): Promise<void>;
}

export type StartService = (context: ServiceContext) => Promise<RunningService>;
