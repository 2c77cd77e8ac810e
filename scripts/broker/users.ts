/** Who is a user of the broker, and what each may do. */
import {
  defaultNamespace,
  permissionsOf,
  permissionsOfAll,
  serviceNames,
  type Permissions,
} from '@federation-agent/contracts';
import type { UsersOptions } from './options.ts';

export interface BrokerUser {
  /** As the service is called; with a namespace of one's own before it, so that two installations share a server. */
  readonly name: string;
  /** Names its password among the variables of the server. */
  readonly variable: string;
  readonly permissions: Permissions;
}

export function usersOf({ namespace, domain, agent }: UsersOptions): readonly BrokerUser[] {
  const named = (who: string, permissions: Permissions): BrokerUser => {
    const name = namespace === defaultNamespace ? who : `${namespace}-${who}`;
    return { name, variable: `${name.replaceAll('-', '_').toUpperCase()}_PASSWORD`, permissions };
  };
  return agent
    ? [named('agent', permissionsOfAll(serviceNames, namespace, domain))]
    : serviceNames.map((service) => named(service, permissionsOf(service, namespace, domain)));
}
