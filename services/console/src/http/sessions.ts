/** Sessions of browsers, in memory: a restart ends them. The clock is passed in. */
import type { Person } from '../people.ts';
import { cookie, cookieIn } from './cookies.ts';
import { createIssuedIds } from './issued-ids.ts';

export interface Sessions {
  /** A new id at every login, so that an id from before it is worth nothing. */
  open(person: Person): string;
  /** Who has a session that has not run out. */
  personOf(id: string | undefined): Person | undefined;
  close(id: string | undefined): void;
}

const sessionMs = 12 * 60 * 60_000;
/** The oldest goes first. */
const mostSessions = 1_000;

export function createSessions(now: () => number): Sessions {
  const { open, get, close } = createIssuedIds<Person>(now, { lastMs: sessionMs, most: mostSessions });
  return { open, personOf: get, close };
}

const cookieName = 'federation-console';

/** @param header the `Cookie` header */
export function sessionIdIn(header: string | undefined): string | undefined {
  return cookieIn(header, cookieName);
}

/** `Set-Cookie` that gives the session to the browser; without an id it takes it away. */
export function sessionCookie(id: string | undefined, secured: boolean): string {
  return cookie(cookieName, id, { path: '/', ageMs: sessionMs, secured });
}
