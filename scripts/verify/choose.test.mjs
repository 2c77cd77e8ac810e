import { expect, test } from '@jest/globals';
import { choose } from './choose.mjs';

const checks = ['helm: lint', 'helm: install', 'compose: config', 'figures: memory'].map((name) => ({
  name,
  needs: [],
  slow: name === 'helm: install',
  measures: name.startsWith('figures'),
  run: () => Promise.resolve(undefined),
}));
/** @param {Parameters<typeof choose>[1]} asked */
const names = (asked) => choose(checks, asked).map(({ name }) => name);

test('without a word: every check that does not measure', () =>
  expect(names({ words: [], quick: false })).toHaveLength(3));
test('a word: those that have it in their name', () =>
  expect(names({ words: ['lint', 'compose'], quick: false })).toEqual(['helm: lint', 'compose: config']));
test('quick: without the slow ones', () =>
  expect(names({ words: ['helm'], quick: true })).toEqual(['helm: lint']));
