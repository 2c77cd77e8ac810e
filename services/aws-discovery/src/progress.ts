/** Says from time to time how far long work is; what is quick says nothing. Pure. */
import type { Clock } from '@federation-agent/base';

/** Between two lines of one piece of work. */
export const progressEvery = 30_000;

/** @param say told what is done of how many, at most every 30 s and not of the last one */
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
