import { expect, it } from '@jest/globals';
import { realLimits } from '@federation-agent/contracts';
import type { TotalRefusal } from './offer.ts';
import { createRetryPauses } from './retry-pauses.ts';

/** The pauses, in seconds, of a message that is refused at once each time it is offered. */
function pauses(standingAt: (seconds: number) => TotalRefusal): number[] {
  const patience = createRetryPauses(realLimits);
  const found: number[] = [];
  let now = 1_000_000;
  for (;;) {
    const pause = patience.next(standingAt((now - 1_000_000) / 1_000), now);
    if (pause === undefined) return found;
    found.push(pause / 1_000);
    now += pause;
  }
}
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

it('waits ever longer for APIM that is away, up to half a minute, a quarter of an hour in all', () => {
  const away = pauses(() => 'away');
  expect(away.slice(0, 7)).toStrictEqual([1, 2, 4, 8, 16, 30, 30]);
  expect(sum(away)).toBeGreaterThanOrEqual(15 * 60);
  expect(sum(away)).toBeLessThan(15 * 60 + 31);
});

it('waits five minutes for APIM that answers and takes no API, counted from when it answers', () => {
  expect(sum(pauses(() => 'nothing'))).toBeGreaterThanOrEqual(5 * 60);
  expect(sum(pauses(() => 'nothing'))).toBeLessThan(5 * 60 + 31);
  const back = sum(pauses((seconds) => (seconds < 400 ? 'away' : 'nothing')));
  expect(back).toBeGreaterThanOrEqual(400 + 5 * 60);
  expect(back).toBeLessThan(400 + 5 * 60 + 62);
});

it('is over after a quarter of an hour, however that changes', () => {
  let turn = 0;
  expect(sum(pauses(() => ((turn += 1) % 3 === 0 ? 'away' : 'nothing')))).toBeLessThan(15 * 60 + 31);
});
