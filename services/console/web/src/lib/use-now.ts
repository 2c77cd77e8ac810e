import { useEffect, useReducer } from 'preact/hooks';

/** The time in epoch milliseconds. What shows it is drawn again every `everyMs`, while the page is seen. */
export function useNow(everyMs: number): number {
  const [, renew] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(() => document.hidden || renew(undefined), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  // Not a state: an event that comes between two renewals must not be in the future.
  return Date.now();
}
