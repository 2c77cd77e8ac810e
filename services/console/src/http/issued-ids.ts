/** What is known by a random id that only one browser was given, for a while. In this process only. */
import { randomBytes } from 'node:crypto';

export interface IssuedIds<T> {
  /** @returns an id that nobody can guess */
  readonly open: (value: T) => string;
  /** Undefined: there is none, or its time is over. */
  readonly get: (id: string | undefined) => T | undefined;
  readonly close: (id: string | undefined) => void;
}

/** @param most at a time; the oldest goes first */
export function createIssuedIds<T>(
  now: () => number,
  { lastMs, most }: { lastMs: number; most: number },
): IssuedIds<T> {
  /** In the order in which they end. */
  const all = new Map<string, { readonly value: T; readonly until: number }>();
  return {
    open: (value) => {
      for (const [id, { until }] of all) {
        if (until > now() && all.size < most) break;
        all.delete(id);
      }
      const id = randomBytes(32).toString('base64url');
      all.set(id, { value, until: now() + lastMs });
      return id;
    },
    get: (id) => {
      const found = id === undefined ? undefined : all.get(id);
      return found && found.until > now() ? found.value : undefined;
    },
    close: (id) => {
      if (id !== undefined) all.delete(id);
    },
  };
}
