import { expect, test } from '@jest/globals';
import { systemClock, systemRandomness } from './clock.ts';

test('a sleep ends early and silently when aborted', async () => {
  const stop = new AbortController();
  const sleeping = systemClock.sleep(60_000, stop.signal);
  stop.abort();
  await sleeping;
  await systemClock.sleep(60_000, AbortSignal.abort());
  await systemClock.sleep(1);
});

test('randomness has its shapes', () => {
  expect(systemRandomness.uuid()).toMatch(/^[0-9a-f-]{36}$/u);
  expect(systemRandomness.bytes(7)).toHaveLength(7);
  expect(systemRandomness.fraction()).toBeLessThan(1);
});
