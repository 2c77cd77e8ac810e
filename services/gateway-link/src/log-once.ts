/** What a peer does wrong is counted every time and logged once per cause. */
import type { Logger } from '@federation-agent/base';

/** So many causes are told apart; a peer that invents more is only counted. */
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
