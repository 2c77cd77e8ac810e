/** Who may look, and who may act. Passwords are those of `services.core.http.authentication`. */
import type { AgentConfig } from '@federation-agent/contracts';
import { createAuthenticator, type AuthenticationResult } from '@federation-agent/service-kit';
import type { Role, Session } from './api/index.ts';

export interface Person {
  /** Null: nobody is asked for a name. */
  readonly user: string | null;
  readonly role: Role;
}

export interface People {
  readonly login: Session['login'];
  readonly provider: Session['provider'];
  /** Checks name and password; failed logins of an address are limited. */
  admit(name: string, password: string, address: string): AuthenticationResult;
  /** The same, with an `Authorization` header. */
  admitHeader(authorization: string, address: string): AuthenticationResult;
  roleOf(user: string | null): Role;
  /** The role of a user whom the OpenID provider knows, with roles of there; undefined: this user may not look. */
  roleAtProvider(user: string, roles: readonly string[]): Role | undefined;
}

export function createPeople(config: AgentConfig, now: () => number): People {
  const { authentication } = config.services.core.http;
  const { operators, oidc } = config.federation.console;
  const door = createAuthenticator(authentication, now);
  const isAnyOf = (roles: readonly string[], named: readonly string[]): boolean =>
    roles.some((role) => named.includes(role));
  const roleOf: People['roleOf'] = (user) =>
    operators.includes('*') || (user !== null && operators.includes(user)) ? 'operator' : 'viewer';
  return {
    login: loginOf(authentication, oidc.issuer),
    provider: oidc.issuer === undefined ? null : new URL(oidc.issuer).host,
    admit: (name, password, address) => {
      const credentials = Buffer.from(`${name}:${password}`, 'utf8').toString('base64');
      return door({ authorization: `Basic ${credentials}`, address });
    },
    admitHeader: (authorization, address) => door({ authorization, address }),
    roleOf,
    roleAtProvider: (user, roles) => {
      if (operators.includes(user) || isAnyOf(roles, oidc.operatorRoles)) return 'operator';
      const mayLook = oidc.viewerRoles.length === 0 || isAnyOf(roles, oidc.viewerRoles);
      return mayLook ? roleOf(user) : undefined;
    },
  };
}

function loginOf(
  { type, users }: AgentConfig['services']['core']['http']['authentication'],
  issuer: string | undefined,
): Session['login'] {
  if (type === 'none') return 'none';
  if (Object.keys(users).length > 0) return 'password';
  return issuer === undefined ? 'closed' : 'oidc';
}
