import type { Clock } from '../src/clock.ts';

/**
 * A clock that moves only while somebody sleeps, and records each sleep: it shows the pauses of a loop without waiting.
 */
export interface QuickClock extends Clock {
  /** The durations of all sleeps, ms, in order. */
  readonly pauses: readonly number[];
  /** Moves the clock by this many ms, such as the time of a call. */
  pass(ms: number): void;
}

/** @param onSleep called before each sleep with the number of sleeps so far; a test can end an endless loop there */
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
