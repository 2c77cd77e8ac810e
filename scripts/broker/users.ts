/** The users of the broker, and what each may do. */
import {
  defaultNamespace,
  permissionsOf,
  permissionsOfAll,
  serviceNames,
  type Permissions,
} from '@federation-agent/contracts';
import type { UsersOptions } from './options.ts';

export interface BrokerUser {
  /**
   * The name of the service, with a namespace other than the default before it, so that two installations can share a
   * server.
   */
  readonly name: string;
  /** The variable of the server that has the user's password. */
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
