/** Mistakes of a peer are counted every time, but logged once per cause. */
import type { Logger } from '@federation-agent/base';

/** How many causes are told apart; further ones that a peer invents are only counted. */
const maxCauses = 500;

export type LogOnce = (cause: string, fields: Readonly<Record<string, unknown>>) => void;

/** Logs a warning for each cause the first time it is seen. */
export function createLogOnce(log: Logger, text: string): LogOnce {
  const seen = new Set<string>();
  return (cause, fields) => {
    const key = cause.slice(0, 200);
    if (seen.has(key) || seen.size >= maxCauses) return;
    seen.add(key);
    log.warn({ ...fields, cause: key }, `${text}; the same cause is only counted from now on`);
  };
}
