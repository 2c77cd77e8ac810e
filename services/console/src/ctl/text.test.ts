import { expect, test } from '@jest/globals';
import { age, facts, printable, table } from './text.ts';

test('a name cannot move the cursor or change colours', () => {
  expect(printable('a\u001b[31mb\u0007\u202ec\nd')).toBe('a\u{fffd}[31mb\u{fffd}\u{fffd}c\u{fffd}d');
});

test('columns are as wide as their widest cell, and lines have no blanks at the end', () => {
  expect(
    table(
      ['name', 'state'],
      [
        ['orders', 'listed'],
        ['x', undefined],
      ],
    ),
  ).toBe('NAME    STATE\norders  listed\nx\n');
});

test('facts leave out what there is not', () => {
  expect(
    facts([
      ['state', 'held'],
      ['why', undefined],
    ]),
  ).toBe('state  held\n');
});

test.each([
  [0, '0s'],
  [59, '59s'],
  [3_605, '1h'],
  [86_400 * 3 + 3_600 * 4 + 59, '3d4h'],
])('%d s: %s', (seconds, text) => {
  expect(age(0, seconds * 1_000)).toBe(text);
});
