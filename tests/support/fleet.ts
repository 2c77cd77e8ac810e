/** How many processes the agent under test has, and which broker. */
import type { ServiceName } from '@federation-agent/contracts';
import { singleBroker, type AgentBroker } from './agent-broker.ts';

export interface Fleet {
  /** Used in the name of a suite. */
  readonly name: string;
  readonly replicas: Readonly<Record<ServiceName, number>>;
  startBroker(): Promise<AgentBroker>;
}

/** Each service once, on one nats-server. */
export const oneOfEach: Fleet = {
  name: 'one of each',
  replicas: { 'gateway-link': 1, 'aws-discovery': 1, 'subscription-manager': 1, console: 0 },
  startBroker: singleBroker,
};
