import type { Limits, ServiceName } from '@federation-agent/contracts';
import type { Broker } from '../broker/broker.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

export interface TestBroker {
  readonly url: string;
  readonly port: number;
  /** SIGTERM, and the store goes too. */
  stop(): Promise<void>;
  /** SIGKILL; the store stays. */
  kill(): Promise<void>;
  /** The same port and store. */
  restart(): Promise<void>;
}

export function startTestBroker(): Promise<TestBroker> {
  throw new Error('not here yet');
}

/** A connection with the topology of the service made. */
export function connectTestBroker(
  testBroker: TestBroker,
  service: ServiceName,
  limits: Limits,
  telemetry?: Telemetry,
): Promise<Broker> {
  throw new Error(`not here yet: ${testBroker.url} ${service} ${limits.ackWait} ${typeof telemetry}`);
}
