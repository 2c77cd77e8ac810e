/** Keeps the log short: a repeated problem is logged when it begins, when it changes, and once in a while. Pure. */
import type { Clock } from '@federation-agent/base';

/** After this time the same problem is logged again, so that the log of the last hour shows it. */
const logAgainAfterMs = 15 * 60_000;

export interface RepeatedWarnings {
  /** Whether to log it. Numbers and request ids, which differ each time, do not make a problem a new one. */
  shouldLog(subject: string, reason: string): boolean;
  /** The problem is over. @returns whether there was one */
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
