import type { BrokerConfig, Limits } from '@federation-agent/contracts';
import type { Clock } from '../clock.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Broker } from './broker.ts';

export interface ConnectOptions {
  readonly config: BrokerConfig;
  /** The instance; shown by the broker. */
  readonly name: string;
  readonly limits: Limits;
  readonly telemetry: Telemetry;
  readonly clock?: Clock;
  /** Gives up waiting for the first connection. */
  readonly signal?: AbortSignal;
}

export function connectBroker(options: ConnectOptions): Promise<Broker> {
  throw new Error(`not here yet: ${options.name}`);
}
