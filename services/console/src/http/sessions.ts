/** Sessions of browsers, in memory: a restart ends them. The clock is passed in. */
import { randomBytes } from 'node:crypto';

export interface Sessions {
  /** A new id at every login, so that an id from before it is worth nothing. */
  open(user: string): string;
  /** The user of a session that has not run out. */
  userOf(id: string | undefined): string | undefined;
  close(id: string | undefined): void;
}

const sessionMs = 12 * 60 * 60_000;
/** The oldest goes first. */
const mostSessions = 1_000;

export function createSessions(now: () => number): Sessions {
  /** In the order in which they end. */
  const all = new Map<string, { readonly user: string; readonly until: number }>();
  return {
    open: (user) => {
      for (const [id, { until }] of all) {
        if (until > now() && all.size < mostSessions) break;
        all.delete(id);
      }
      const id = randomBytes(32).toString('base64url');
      all.set(id, { user, until: now() + sessionMs });
      return id;
    },
    userOf: (id) => {
      const session = id === undefined ? undefined : all.get(id);
      return session && session.until > now() ? session.user : undefined;
    },
    close: (id) => {
      if (id !== undefined) all.delete(id);
    },
  };
}

const cookieName = 'federation-console';

/** @param header the `Cookie` header */
export function sessionIdIn(header: string | undefined): string | undefined {
  const cookies = (header ?? '').split(';').map((one) => one.trim().split('='));
  return cookies.find(([name]) => name === cookieName)?.[1];
}

/** `Set-Cookie` that gives the session to the browser; without an id it takes it away. */
export function sessionCookie(id: string | undefined, secured: boolean): string {
  const age = id === undefined ? 0 : sessionMs / 1_000;
  const secure = secured ? '; Secure' : '';
  return `${cookieName}=${id ?? ''}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${age}${secure}`;
}
