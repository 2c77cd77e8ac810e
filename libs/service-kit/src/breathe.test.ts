import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { breathe } from './breathe.ts';

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
      await breathe();
    }
  };
  await Promise.all([long(), long(), long(), long()]);
  over.abort();
  await others;
  // 200 ms of work: done in one piece, the others had one turn or two.
  expect(turns).toBeGreaterThan(8);
});
