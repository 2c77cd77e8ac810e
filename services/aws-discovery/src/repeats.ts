/** Keeps the log short: what goes wrong again and again is news when it begins, when it changes, and once in a while. Pure. */
import type { Clock } from '@federation-agent/base';

/** The same trouble is told again after this, so that whoever looks at the log of the last hour sees it. */
const tellAgain = 15 * 60_000;

export interface Repeats {
  /** Whether to tell of it. Numbers and ids of requests, which differ each time, make no news. */
  isNews(subject: string, reason: string): boolean;
  /** It is over. @returns whether there was anything */
  over(subject: string): boolean;
}

export function createRepeats({ now }: Pick<Clock, 'now'>): Repeats {
  const told = new Map<string, { readonly reason: string; readonly at: number }>();
  return {
    isNews: (subject, text) => {
      const reason = text.replace(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|\d+/giu, '#');
      const before = told.get(subject);
      const at = now();
      if (before?.reason === reason && Math.abs(at - before.at) < tellAgain) return false;
      told.set(subject, { reason, at });
      return true;
    },
    over: (subject) => told.delete(subject),
  };
}
