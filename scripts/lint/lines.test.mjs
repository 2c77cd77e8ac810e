import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { sourcesOf } from './sources.mjs';

const cwd = fileURLToPath(new URL('../../', import.meta.url));
const pages = ['*.md', '{.github,deploy,docs,libs,services,tests}/**/*.md'];
/** What programs have put there. */
const exclude = ['**/node_modules/**', '**/target/**', '**/.venv*/**'];
const widest = 120;

test(`no line of a Markdown page is wider than ${widest}, tables aside; prose: npm run format`, async () => {
  /** @type {string[]} */
  const wide = [];
  let count = 0;
  for await (const page of glob(pages, { cwd, exclude })) {
    count += 1;
    const lines = (await readFile(`${cwd}${page}`, 'utf8')).split('\n');
    for (const [index, line] of lines.entries())
      if (line.length > widest && !line.startsWith('|')) wide.push(`${page}:${index + 1}`);
  }
  expect(wide).toEqual([]);
  expect(count).toBeGreaterThan(0);
});

test(`no line of code is wider than ${widest}, save for a text or an address that cannot be broken`, async () => {
  /** @type {string[]} */
  const wide = [];
  for (const file of sourcesOf(cwd)) {
    const lines = (await readFile(`${cwd}${file}`, 'utf8')).split('\n');
    for (const [index, line] of lines.entries())
      if (line.length > widest && (isComment(line) || !hasText(line)) && !line.includes('://'))
        wide.push(`${file}:${index + 1}`);
  }
  expect(wide).toEqual([]);
});

/** @param {string} line */
const isComment = (line) => /^\s*(?:\/\/|\/?\*)/u.test(line);

/** A string, a template or a regular expression: prettier does not break them. @param {string} line */
const hasText = (line) => /['"`]|\/.*\//u.test(line);
