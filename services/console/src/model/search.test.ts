import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createTextIndex, matcher, searchText } from './search.ts';

const texts = fc.array(
  fc.array(fc.stringMatching(/^[ab1 -]{0,5}$/u), { maxLength: 3 }).map((parts) => searchText(...parts)),
);
const search = fc
  .array(fc.stringMatching(/^[abAB1-]{0,3}$/u), { maxLength: 3 })
  .map((words) => words.join(' '));

test('an index finds what one text after the other finds', () =>
  fc.assert(
    fc.property(texts, search, (all, words) => {
      const matches = matcher(words);
      const expected = [...all.keys()].filter((place) => matches(all[place] ?? ''));
      expect(createTextIndex(all)(words)).toEqual(expected);
    }),
  ));

test('no word is found across two texts', () => {
  const find = createTextIndex(['orders', 'pets', '', 'orders pets']);
  expect(find('orderspets')).toEqual([]);
  expect(find('pets orders')).toEqual([3]);
  expect(find('')).toEqual([0, 1, 2, 3]);
});
