import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { yieldToEventLoop, inBackground } from './yield-to-event-loop.ts';

/** Half a millisecond of work. */
const work = (): void => {
  for (const until = performance.now() + 0.5; performance.now() < until;);
};

test('long work, several times at once, lets the rest of the process have its turns', async () => {
  const over = new AbortController();
  let turns = 0;
  const others = (async () => {
    for (; !over.signal.aborted; turns += 1) await pause(1);
  })();
  const long = async (): Promise<void> => {
    for (let step = 0; step < 100; step += 1) {
      work();
      await yieldToEventLoop();
    }
  };
  await Promise.all([long(), long(), long(), long()]);
  over.abort();
  await others;
  // 200 ms of work: if it ran in one piece, the others would have had one turn or two.
  expect(turns).toBeGreaterThan(8);
});

test('what is done in the background lets all other long work go before it, and goes on all the same', async () => {
  const done = { foreground: 0, background: 0 };
  const long = async (kind: keyof typeof done, steps: number): Promise<void> => {
    for (let step = 0; step < steps; step += 1) {
      work();
      done[kind] += 1;
      await yieldToEventLoop();
    }
  };
  const behind = inBackground(() => long('background', 400));
  await long('foreground', 200);
  expect(done.background).toBeGreaterThan(5);
  expect(done.background).toBeLessThan(120);
  await behind;
  expect(done.background).toBe(400);
});
