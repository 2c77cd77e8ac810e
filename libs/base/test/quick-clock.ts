import type { Clock } from '../src/clock.ts';

/**
 * Time that passes only where somebody sleeps, and a record of that: the pauses of a loop, without waiting for them.
 */
export interface QuickClock extends Clock {
  /** Of every sleep that was begun, ms, in order. */
  readonly pauses: readonly number[];
  /** So much passes, ms: what a call took. */
  pass(ms: number): void;
}

/** @param onSleep called before each sleep with the number of sleeps so far: where a test ends what never ends */
export function quickClock(onSleep: (sleeps: number) => void = () => undefined): QuickClock {
  const pauses: number[] = [];
  let now = Date.now();
  return {
    pauses,
    pass: (ms) => {
      now += ms;
    },
    now: () => now,
    sleep: async (ms, signal) => {
      pauses.push(ms);
      onSleep(pauses.length);
      await new Promise(setImmediate);
      if (!signal?.aborted) now += ms;
    },
  };
}
