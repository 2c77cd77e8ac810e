import { expect, test } from '@jest/globals';
import { createProgress, progressEvery } from './progress.ts';
import { createRepeatedWarnings } from './repeated-warnings.ts';

const minute = 60_000;

test('the same trouble is news when it begins, when its reason changes, and once in a while', () => {
  let at = 0;
  const warnings = createRepeatedWarnings({ now: () => at });
  const seen = (reason: string, minutes: number): boolean => {
    at = minutes * minute;
    return warnings.shouldLog('a', reason);
  };
  expect(seen('expired at 2026-11-22 (request 5b0c7e0e-95f8-4a51-8f6e-5f7ac7a2f3a1)', 0)).toBe(true);
  expect(seen('expired at 2026-11-23 (request 0d8de9a1-0b1f-4c0b-9a52-0e7f1f2b3c4d)', 1)).toBe(false);
  expect(warnings.shouldLog('b', 'expired at 2026-11-22')).toBe(true);
  expect(seen('denied', 2)).toBe(true);
  expect(seen('denied', 16)).toBe(false);
  expect(seen('denied', 17)).toBe(true);
  expect([warnings.clear('a'), warnings.clear('a')]).toEqual([true, false]);
  expect(seen('denied', 18)).toBe(true);
});

test('progress is said at most every 30 s, from the first 30 s on, and not of the end', () => {
  let at = 0;
  const said: [number, number][] = [];
  const progress = createProgress({ now: () => at }, (done, total) => said.push([done, total]));
  for (const [ms, done] of [
    [0, 1],
    [progressEvery - 1, 50],
    [progressEvery, 51],
    [progressEvery + 1, 52],
    [2 * progressEvery, 90],
    [3 * progressEvery, 100],
  ] as const) {
    at = ms;
    progress(done, 100);
  }
  expect(said).toEqual([
    [51, 100],
    [90, 100],
  ]);
});
