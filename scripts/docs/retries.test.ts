import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { retryLoops } from './retries.ts';

const checkout = fileURLToPath(new URL('../../', import.meta.url));

describe('what is tried again', () => {
  test.each(retryLoops.map(({ what, source, test }) => [what, source, test] as const))(
    '%s: its source is there, and its test is one of the file',
    (_what, source, { file, name }) => {
      expect(existsSync(`${checkout}${source}`)).toBe(true);
      const text = readFileSync(`${checkout}${file}`, 'utf8');
      // Not in a comment: it opens a test, or follows the table of one.
      expect([`'${name}',`, `"${name}",`].some((title) => text.includes(title))).toBe(true);
    },
  );

  test('is there once each', () => {
    const named = retryLoops.map(({ what }) => what);
    expect(named).toEqual([...new Set(named)]);
  });
});
