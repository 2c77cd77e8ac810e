import { expect, test } from '@jest/globals';
import { grown, mostOf } from './sizes.mjs';

const { files = 0, kibibytes = 0 } = mostOf['agent'] ?? {};
const of = (/** @type {number} */ count) => Array.from({ length: count }, () => 'a.js');

test('a bundle as large as it may be has not grown', () =>
  expect(grown('agent', { files: of(files), bytes: kibibytes * 1_024 })).toEqual([]));

test('one file more, or one kibibyte more, is told with what to do', () => {
  const lines = grown('agent', { files: of(files + 1), bytes: (kibibytes + 1) * 1_024 });
  expect(lines).toEqual([
    expect.stringMatching(/^agent: \d+ files, at most \d+: find out why/u),
    expect.stringMatching(/^agent: \d+ KiB, at most \d+: find out why/u),
  ]);
});

test('a bundle without a limit may be of any size', () =>
  expect(grown('sandbox', { files: of(1e5), bytes: 1e9 })).toEqual([]));
