import { describe, expect, it } from '@jest/globals';
import { isOwnName, whyForged } from './origin.ts';

const own = { 'x-federation-console': '1', host: 'console.example:18087' };

describe('a POST', () => {
  it.each([
    ['of ctl: no page', own, true],
    [
      'of our page',
      { ...own, origin: 'https://console.example:18087', 'sec-fetch-site': 'same-origin' },
      true,
    ],
    ['without the header', { host: own.host }, false],
    ['of another site', { ...own, origin: 'https://evil.example' }, false],
    ['of another port', { ...own, origin: 'https://console.example:1' }, false],
    ['of a sibling site', { ...own, 'sec-fetch-site': 'same-site' }, false],
    ['of a sandboxed frame', { ...own, origin: 'null' }, false],
  ])('%s', (_what, headers, accepted) => {
    expect(whyForged(headers) === undefined).toBe(accepted);
  });
});

describe('a name of this machine', () => {
  it.each([
    ['localhost:18087', true],
    ['127.0.0.1', true],
    ['[::1]:18087', true],
    ['10.0.0.7:1', true],
    ['rebound.evil.example', false],
    ['localhost.evil.example', false],
    [undefined, false],
  ])('%s: %s', (host, expected) => {
    expect(isOwnName(host)).toBe(expected);
  });
});
