import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';

const mostTerms = 40;

test('docs/glossary.md has at most forty terms, a line each, none of them twice', async () => {
  const text = await readFile(new URL('../../docs/glossary.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| (.+?) +\| (APIM|AWS|NATS|field|ours) +\| (\S.*\S) +\|$/gmu)];
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  expect(rows).toHaveLength(lines.length - 2);
  const terms = rows.flatMap(([, terms]) => terms?.split(', ') ?? []);
  expect(new Set(terms).size).toBe(terms.length);
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.length).toBeLessThanOrEqual(mostTerms);
});
