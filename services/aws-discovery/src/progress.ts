/** Logs the progress of long work from time to time; short work logs nothing. Pure. */
import type { Clock } from '@federation-agent/base';

/** The time between two lines about the same work. */
export const progressEvery = 30_000;

/** @param say called with how many of how many are done, at most every 30 s, and not for the last one */
export function createProgress(
  { now }: Pick<Clock, 'now'>,
  say: (done: number, total: number) => void,
): (done: number, total: number) => void {
  let saidAt = now();
  return (done, total) => {
    if (done >= total || now() - saidAt < progressEvery) return;
    saidAt = now();
    say(done, total);
  };
}
