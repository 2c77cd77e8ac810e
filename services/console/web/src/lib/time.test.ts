import { expect, test } from '@jest/globals';
import { duration, local, relative, renewAfter, utc } from './time.ts';

const now = Date.UTC(2026, 0, 31, 12, 0, 0);

test.each([
  [-5, '0 ms'],
  [310, '310 ms'],
  [42_400, '42 s'],
  [60_000, '1 min'],
  [7_500_000, '2 h 5 min'],
  [90_061_000, '1 d 1 h'],
  [86_400_000 + 60_000, '1 d'],
])('%d ms is %s', (ms, text) => expect(duration(ms)).toBe(text));

test.each([
  [0, 'just now'],
  [4_999, 'just now'],
  [59_000, '59 s ago'],
  [61_000, '1 min ago'],
  [3 * 86_400_000, '3 d ago'],
  [-7_300_000, 'in 2 h'],
])('%d ms before now is %s', (ms, text) => expect(relative(now - ms, now)).toBe(text));

test('a young time is renewed each second, an old one each minute', () =>
  expect([10_000, 600_000, 7_200_000].map((ms) => renewAfter(now - ms, now))).toEqual([
    1_000, 15_000, 60_000,
  ]));

test('UTC is written with its name, to the second', () => expect(utc(now)).toBe('2026-01-31 12:00:00 UTC'));

test('the local time is written the same way, in the zone of the viewer', () =>
  expect(new Date(local(now)).getTime()).toBe(now));
