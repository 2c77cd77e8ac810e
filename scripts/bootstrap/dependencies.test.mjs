import { expect, test } from '@jest/globals';
import { isStale } from './dependencies.mjs';

const wanted = {
  packages: {
    '': { version: '0.1.0' },
    'libs/contracts': { version: '0.1.0' },
    'node_modules/zod': { version: '4.1.0' },
    'node_modules/@federation-agent/contracts': {},
    'node_modules/for-another-platform': { version: '1.0.0', optional: true },
  },
};
/** @param {Record<string, { version?: string }>} changes */
const installed = (changes = {}) => ({
  packages: {
    'node_modules/zod': { version: '4.1.0' },
    'node_modules/@federation-agent/contracts': {},
    ...changes,
  },
});

test('what the lock file names is installed', () => expect(isStale(wanted, installed())).toBe(false));
test('nothing, or half an installation', () => expect(isStale(wanted, undefined)).toBe(true));
test('another version', () =>
  expect(isStale(wanted, installed({ 'node_modules/zod': { version: '4.0.9' } }))).toBe(true));
test('a package is missing', () => expect(isStale(wanted, { packages: {} })).toBe(true));
test('more than needed', () =>
  expect(isStale(wanted, installed({ 'node_modules/old': { version: '1.0.0' } }))).toBe(false));
