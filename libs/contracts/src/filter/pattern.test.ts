import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matches } from './pattern.ts';

describe('a pattern', () => {
  test.each<[pattern: string, text: string, expected: boolean]>([
    ['pets', 'pets', true],
    ['pets', 'pets-v1', false],
    ['', '', true],
    ['', 'x', false],
    ['*', '', true],
    ['pets-*', 'pets-v1', true],
    ['*-v1', 'pets-v1', true],
    ['p*s-*1', 'pets-v1', true],
    ['p*t*t*', 'pets', false],
    ['ab*ba', 'aba', false],
    ['*a*a', 'a', false],
    ['pets.*', 'pets-v1', false],
    ['*', 'two\nlines', true],
  ])('%j of %j', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  test('fits what a naive reading of it fits', () => {
    const few = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 });
    fc.assert(
      fc.property(pattern, few, (one, text) => {
        expect(matches(one, text)).toBe(naive(one, text));
      }),
    );
  });

  // A viewer of the console may try any filter: one that never ends would stop the process. It has no limit of time,
  // because a pattern that is tried in every way does not end at all.
  test('of many stars ends', () => {
    expect(matches(`${'*'.repeat(3_000)}x`, 'orders-service-of-the-payments-team-v1')).toBe(false);
    expect(matches(`${'*a'.repeat(1_500)}x`, 'a'.repeat(2_000))).toBe(false);
  });
});

function naive(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const [first, rest] = [pattern[0], pattern.slice(1)];
  if (first === '*') return naive(rest, text) || (text !== '' && naive(pattern, text.slice(1)));
  return text !== '' && text[0] === first && naive(rest, text.slice(1));
}
