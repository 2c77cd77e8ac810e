/** The agent scaled out, on a cluster of three with TLS and a user for each service. */
import { clusterBroker, type Fleet } from '../support/index.ts';

const replicas = { 'gateway-link': 2, 'aws-discovery': 3, 'subscription-manager': 2, console: 0 };

export const threeNodes: Fleet = {
  name: '2 links, 3 discoveries and 2 managers on three nodes',
  replicas,
  startBroker: () => clusterBroker({ oneNodeDown: false }),
};

/** The node that leads the commands is killed before the first scenario, and stays away. */
export const twoOfThreeNodes: Fleet = {
  name: '2 links, 3 discoveries and 2 managers, one node of three down',
  replicas,
  startBroker: () => clusterBroker({ oneNodeDown: true }),
};
