import { describe, expect, test } from '@jest/globals';
import { judge, merged } from './judge.mjs';

/** @type {import('./types.d.ts').Source} */
const source = { kind: 'npm', name: 'x' };
/**
 * @param {string} pinned
 *
 * @param {string[]} versions
 * @param {Partial<import('./types.d.ts').Pin & import('./types.d.ts').Answer>} [more]
 */
const verdict = (pinned, versions, { line, commit, latest, commits } = {}) =>
  judge(
    { source, pinned, where: ['a'], ...(line && { line }), ...(commit && { commit }) },
    { versions, ...(latest && { latest }), ...(commits && { commits }) },
  );

describe('behind or not', () => {
  test('numbers are compared as numbers', () =>
    expect(verdict('1.9.0', ['1.9.0', '1.10.0', '1.2.0'])).toEqual({
      state: 'behind',
      said: 'newest is 1.10.0',
    }));
  test('the newest', () => expect(verdict('2.0.0', ['2.0.0', '1.10.0']).state).toBe('newest'));
  test('candidates for a release do not count', () =>
    expect(verdict('v1.0.0', ['v1.0.0', 'v1.1.0-rc.1', 'v2.0.0+incompatible']).state).toBe('newest'));
  test('an image stays with its own kind, and moving tags do not count', () =>
    expect(verdict('24.21.0-slim', ['24.21.0-slim', '24.22.0', '25-slim', '24.22.1-slim']).said).toBe(
      'newest is 24.22.1-slim',
    ));
  test('a line that is stayed on', () => {
    expect(verdict('24.21.0', ['24.21.0', '26.1.0'], { line: '24.' })).toEqual({
      state: 'newest',
      said: 'of 24.x',
    });
    expect(verdict('24.21.0', ['24.21.0', '24.22.0', '26.1.0'], { line: '24.' }).said).toBe(
      'newest is 24.22.0',
    );
  });
  test('what its makers call the newest outranks higher numbers', () =>
    expect(verdict('1.0.0', ['1.0.0', '9.0.0'], { latest: '1.0.0' }).state).toBe('newest'));
  test('ahead of what its makers call the newest', () =>
    expect(verdict('2.0.0', ['1.0.0', '2.0.0'], { latest: '1.0.0' }).state).toBe('newest'));
});

describe('something is wrong', () => {
  test('a version that does not exist', () => expect(verdict('3.0.0', ['1.0.0']).state).toBe('wrong'));
  test('a commit that is not of that version', () =>
    expect(verdict('v1.0.0', ['v1.0.0'], { commit: 'aaa', commits: { 'v1.0.0': 'bbb' } })).toEqual({
      state: 'wrong',
      said: 'v1.0.0 is commit bbb, not aaa',
    }));
  test('the right commit', () =>
    expect(verdict('v1.0.0', ['v1.0.0'], { commit: 'aaa', commits: { 'v1.0.0': 'aaa' } }).state).toBe(
      'newest',
    ));
  test('no answer', () =>
    expect(judge({ source, pinned: '1.0.0', where: [] }, new Error('no way to it'))).toEqual({
      state: 'not reachable',
      said: 'no way to it',
    }));
});

test('one thing at one version is said once', () =>
  expect(
    merged([
      { source, pinned: '1.0.0', where: ['a'] },
      { source, pinned: '1.0.0', where: ['b'] },
      { source, pinned: '2.0.0', where: ['a'] },
    ]),
  ).toEqual([
    { source, pinned: '1.0.0', where: ['a', 'b'] },
    { source, pinned: '2.0.0', where: ['a'] },
  ]));
