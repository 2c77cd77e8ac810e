import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { documents } from './documents.ts';

test.each(Object.keys(documents))('%s is what the code says; else: npm run docs', async (path) => {
  const text = readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
  expect(text.replaceAll('\r\n', '\n')).toBe(await documents[path]?.());
});
