import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { NotReleasableError, notesOf } from './notes.mjs';

const changelog = `# Changelog

## 0.3.0, not released

- soon

## 0.2.0, 2026-11-30

- it scans
- it subscribes

### By hand

Nothing.

## 0.1.0, 2026-10-01
`;

test('the text of one version, with the headings inside it', () =>
  expect(notesOf(changelog, '0.2.0', '0.2.0')).toBe(
    '- it scans\n- it subscribes\n\n### By hand\n\nNothing.',
  ));

test.each([
  ['a version that is not there', '0.4.0', '0.4.0', 'no section "## 0.4.0, <date>"'],
  ['a part of a version', '0.2', '0.2', 'no section'],
  ['one without a date', '0.3.0', '0.3.0', '"0.3.0, not released": put the date'],
  ['one without a text', '0.1.0', '0.1.0', 'says nothing of 0.1.0'],
  ['a tag that package.json does not have', '0.2.0', '0.3.0', 'package.json says 0.3.0, not 0.2.0'],
])('refused: %s', (_title, version, packageVersion, said) => {
  const notes = () => notesOf(changelog, version, packageVersion);
  expect(notes).toThrow(NotReleasableError);
  expect(notes).toThrow(said);
});

test("this checkout's changelog has the version of package.json, whether released or not", () => {
  const read = (/** @type {string} */ name) =>
    readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
  const { version } = JSON.parse(read('package.json'));
  const released = read('CHANGELOG.md').replace(`## ${version}, not released`, `## ${version}, 2026-01-31`);
  expect(notesOf(released, version, version)).toMatch(/^- /);
});
