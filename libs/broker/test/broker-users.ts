/** A nats-server on which each service has a user with exactly its permissions. */
import {
  limitsAt,
  permissionBlock,
  permissionsOf,
  serviceNames,
  type BrokerConfig,
  type ServiceName,
} from '@federation-agent/contracts';
import { testTelemetry } from '@federation-agent/base/test';
import type { Broker } from '../src/broker.ts';
import { connectBroker } from '../src/connection/connect.ts';
import { ensureTopology } from '../src/topology/ensure-topology.ts';
import { testConfig } from './broker.ts';

/** Members of `users` of its configuration, for one namespace or several. A user's password is its name. */
export function userEntries(namespaces: readonly string[], domain?: string): string {
  const users = namespaces.flatMap((namespace) =>
    serviceNames.map((service) => {
      const { user, password } = userOf(namespace, service);
      return `{ user: ${user}, password: ${password}, permissions: ${permissionBlock(permissionsOf(service, namespace, domain))} }`;
    }),
  );
  return users.join(',\n');
}

/** `authorization` of its configuration. */
export function usersBlock(namespaces: readonly string[], domain?: string): string {
  return `authorization { users: [\n${userEntries(namespaces, domain)}\n] }\n`;
}

export function userOf(namespace: string, service: ServiceName): { user: string; password: string } {
  return { user: `${namespace}-${service}`, password: `${namespace}-${service}` };
}

/** Of a service as its user. */
export function userConfig(url: string, namespace: string, service: ServiceName): BrokerConfig {
  return testConfig(url, { namespace, ...userOf(namespace, service) });
}

/** Connects a service as its user, and makes its topology. */
export async function startAs(
  service: ServiceName,
  config: BrokerConfig,
  { replicas = 1, telemetry = testTelemetry() } = {},
): Promise<Broker> {
  const broker = await connectBroker({
    config,
    service,
    name: `${service}-1`,
    limits: limitsAt(20),
    telemetry,
  });
  try {
    await ensureTopology(broker, service, { replicas });
  } catch (error) {
    await broker.close();
    throw error;
  }
  return broker;
}
