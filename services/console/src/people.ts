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
  /** Checks name and password; failed logins of an address are limited. */
  admit(name: string, password: string, address: string): AuthenticationResult;
  /** The same, with an `Authorization` header. */
  admitHeader(authorization: string, address: string): AuthenticationResult;
  roleOf(user: string | null): Role;
}

/** The seam for another way to log in, such as OpenID Connect: it ends with a name, and the name has a role here. */
export function createPeople(config: AgentConfig, now: () => number): People {
  const { authentication } = config.services.core.http;
  const { operators } = config.federation.console;
  const door = createAuthenticator(authentication, now);
  const isClosed = Object.keys(authentication.users).length === 0;
  return {
    login: authentication.type === 'none' ? 'none' : isClosed ? 'closed' : 'password',
    admit: (name, password, address) => {
      const credentials = Buffer.from(`${name}:${password}`, 'utf8').toString('base64');
      return door({ authorization: `Basic ${credentials}`, address });
    },
    admitHeader: (authorization, address) => door({ authorization, address }),
    roleOf: (user) =>
      operators.includes('*') || (user !== null && operators.includes(user)) ? 'operator' : 'viewer',
  };
}
