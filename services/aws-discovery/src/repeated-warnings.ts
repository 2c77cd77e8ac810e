/** Keeps the log short: what goes wrong again and again is news when it begins, when it changes, and once in a while. Pure. */
import type { Clock } from '@federation-agent/base';

/** The same trouble is logged again after this, so that whoever looks at the log of the last hour sees it. */
const logAgainAfterMs = 15 * 60_000;

export interface RepeatedWarnings {
  /** Whether to tell of it. Numbers and ids of requests, which differ each time, make no news. */
  shouldLog(subject: string, reason: string): boolean;
  /** It is over. @returns whether there was anything */
  clear(subject: string): boolean;
}

export function createRepeatedWarnings({ now }: Pick<Clock, 'now'>): RepeatedWarnings {
  const lastLogged = new Map<string, { readonly reason: string; readonly at: number }>();
  return {
    shouldLog: (subject, text) => {
      const reason = text.replace(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|\d+/giu, '#');
      const before = lastLogged.get(subject);
      const at = now();
      if (before?.reason === reason && Math.abs(at - before.at) < logAgainAfterMs) return false;
      lastLogged.set(subject, { reason, at });
      return true;
    },
    clear: (subject) => lastLogged.delete(subject),
  };
}
