/** Logins that have begun and wait for the OpenID provider, in memory. The clock is passed in. */
import { cookie, cookieIn } from '../http/cookies.ts';
import { createIssuedIds } from '../http/issued-ids.ts';

/** What the answer of the provider must match. */
export interface LoginChecks {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE: proves that who ends the login has begun it. */
  readonly verifier: string;
}

interface PendingLogin {
  readonly checks: LoginChecks;
  /** Path of the console where the login began. */
  readonly returnTo: string;
}

export interface PendingLogins {
  /** @returns an id that only this browser is given */
  open(login: PendingLogin): string;
  /**
   * Ends the login with this id and state: it is given out once. A wrong state ends nothing, so that a page elsewhere
   * cannot disturb the login by sending the browser here.
   */
  take(id: string | undefined, state: string | null): PendingLogin | undefined;
}

const loginMs = 10 * 60_000;
/** The oldest goes first. Whoever wants to push a login out has to begin all of these while its person logs in. */
const mostLogins = 10_000;

export function createPendingLogins(now: () => number): PendingLogins {
  const ids = createIssuedIds<PendingLogin>(now, { lastMs: loginMs, most: mostLogins });
  return {
    open: ids.open,
    take: (id, state) => {
      const login = ids.get(id);
      if (login?.checks.state !== state) return undefined;
      ids.close(id);
      return login;
    },
  };
}

const cookieName = 'federation-console-login';

/** @param header the `Cookie` header */
export function loginIdIn(header: string | undefined): string | undefined {
  return cookieIn(header, cookieName);
}

/** `Set-Cookie` that binds the login to the browser; without an id it takes it away. */
export function loginCookie(id: string | undefined, secured: boolean): string {
  return cookie(cookieName, id, { path: '/api/login', ageMs: loginMs, secured });
}
