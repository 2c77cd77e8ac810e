/** Asks all processes of the agent how they are; whoever asks within two seconds gets the same answer. */
import { NodeConfiguration, NodeStatus } from '@federation-agent/contracts';
import { askNodes, type Broker } from '@federation-agent/broker';

export interface Nodes {
  /** Undefined: not connected to the broker. */
  statuses(): Promise<readonly NodeStatus[] | undefined>;
  configurations(): Promise<readonly NodeConfiguration[]>;
}

const freshMs = 2_000;
const waitMs = 1_000;

export function createNodes(broker: Broker): Nodes {
  const { clock, subjects } = broker;
  let last: { readonly at: number; readonly statuses: Promise<readonly NodeStatus[]> } | undefined;
  return {
    statuses: async () => {
      if (!broker.connected()) return undefined;
      if (last === undefined || clock.now() - last.at > freshMs) {
        last = { at: clock.now(), statuses: askNodes(broker, subjects.node('status'), NodeStatus, waitMs) };
      }
      return last.statuses;
    },
    configurations: () => askNodes(broker, subjects.node('configuration'), NodeConfiguration, waitMs),
  };
}
