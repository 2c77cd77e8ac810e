import { describe, expect, test } from '@jest/globals';
import { isMet } from './expression.mjs';
import { judge } from './judge.mjs';
import { judgeCheckout } from './read.mjs';

const allowed = {
  licences: ['MIT', 'ISC', 'GPL-2.0 WITH Classpath-exception-2.0'],
  developmentOnly: { table: { licence: 'CC-BY-4.0', why: 'data' } },
};

/**
 * A service that needs `a`, which has a `b` of its own.
 *
 * @param {import('./tree.mjs').Entry} b
 * @param {string} [name]
 */
const lock = (b, name = 'b') => ({
  packages: {
    '': { version: '0.1.0' },
    'services/link': { version: '0.1.0', dependencies: { a: '1', 'our-kit': '0.1.0' } },
    'libs/kit': { version: '0.1.0' },
    'node_modules/our-kit': { link: true, resolved: 'libs/kit' },
    'node_modules/a': { version: '1.0.0', license: 'MIT', dependencies: { [name]: '2' } },
    [`node_modules/a/node_modules/${name}`]: { version: '2.0.0', ...b },
  },
});
/** @param {import('./tree.mjs').Entry} b @param {string} [name] */
const refusedFor = (b, name) => judge(lock(b, name), allowed, () => ({})).refused;

test('this checkout has no licence that is not allowed', () => {
  const { packages, refused } = judgeCheckout();
  expect(refused).toEqual([]);
  expect(packages.length).toBeGreaterThan(100);
});

describe('a package is refused, with who asks for it', () => {
  test('for its licence', () =>
    expect(refusedFor({ license: 'GPL-3.0-only' })).toEqual([
      'b 2.0.0: GPL-3.0-only is not allowed (node_modules/a/node_modules/b, by services/link > a > b)',
    ]));
  test('for saying none', () =>
    expect(refusedFor({})).toEqual([expect.stringContaining('b 2.0.0: says no licence')]));
  test('for what is allowed in development only, once something needs it', () => {
    expect(refusedFor({ license: 'CC-BY-4.0', dev: true }, 'table')).toEqual([]);
    expect(refusedFor({ license: 'CC-BY-4.0' }, 'table')).toHaveLength(1);
  });
});

test('where the lock file does not say it, the package does', () => {
  const manifest = () => ({ licenses: [{ type: 'MIT', url: 'https://example.com' }] });
  expect(judge(lock({}), allowed, manifest).refused).toEqual([]);
});

test.each([
  ['MIT', true],
  ['(GPL-3.0-only OR MIT)', true],
  ['MIT AND GPL-3.0-only', false],
  ['MIT AND (ISC OR GPL-3.0-only)', true],
  ['GPL-3.0-only OR MIT AND ISC', true],
  ['GPL-2.0 WITH Classpath-exception-2.0', true],
  ['GPL-2.0', false],
  ['', false],
  ['(MIT', false],
  ['MIT ISC', false],
  ['UNLICENSED', false],
  ['SEE LICENSE IN LICENSE.txt', false],
])('%s: %s', (expression, met) => expect(isMet(expression, new Set(allowed.licences))).toBe(met));
