import type { Clock } from '../src/clock.ts';

/** A clock that moves only when a test moves it. */
export interface HandClock extends Clock {
  /** Moves it by this many ms. Sleeps that are over by then end. */
  pass(ms: number): void;
}

export function handClock(start = 1_760_000_000_000): HandClock {
  let now = start;
  const sleeping = new Map<() => void, number>();
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const end = (): void => {
          sleeping.delete(end);
          signal?.removeEventListener('abort', end);
          resolve();
        };
        sleeping.set(end, now + ms);
        signal?.addEventListener('abort', end, { once: true });
        if (signal?.aborted || ms <= 0) end();
      }),
    pass: (ms) => {
      now += ms;
      for (const [end, at] of [...sleeping]) if (at <= now) end();
    },
  };
}
