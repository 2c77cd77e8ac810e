import { expect, test } from '@jest/globals';
import { bytes, count, counted, percent } from './numbers.ts';

test('thousands are grouped', () => expect([count(30_000), count(4.26)]).toEqual(['30,000', '4.3']));

test('a word follows its number', () =>
  expect([counted(1, 'API'), counted(0, 'API'), counted(2, 'entry', 'entries')]).toEqual([
    '1 API',
    '0 APIs',
    '2 entries',
  ]));

test.each([
  [0, 0, 100],
  [0, 10, 0],
  [999, 1_000, 99],
  [1_000, 1_000, 100],
  [12, 10, 100],
])('%d of %d is %d %', (done, whole, expected) => expect(percent(done, whole)).toBe(expected));

test('bytes have the unit that reads best', () =>
  expect([bytes(812), bytes(1_536), bytes(3_355_443)]).toEqual(['812 B', '1.5 KiB', '3.2 MiB']));
