import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const page = new URL('../../docs/walks.md', import.meta.url);
const walks = readFileSync(page, 'utf8').split('\n## ').slice(1);
const namesIn = (text = ''): string[] => [...text.matchAll(/`(\w+)`/gu)].map(([, name]) => name ?? '');

/** `[x.ts](../x.ts) `one` and `two``, and later in the walk `x.ts`, `three`. */
function filesOf(walk: string): { path: string; names: string[] }[] {
  const linked = [...walk.matchAll(/\]\((\S+\.ts)\)((?:\s+(?:and\s+)?`\w+`)*)/gu)];
  const again = [...walk.matchAll(/`([\w-]+\.ts)`(?:\s+again)?,\s+(`\w+`)/gu)];
  return [
    ...linked.map(([, path = '', names]) => ({ path, names: namesIn(names) })),
    ...again.map(([, file, names]) => ({
      path: linked.find(([, path]) => path?.endsWith(`/${file}`))?.[1] ?? `${file} without a link`,
      names: namesIn(names),
    })),
  ];
}

test('docs/walks.md links to files that are there, and names what they export', () => {
  for (const { path, names } of walks.flatMap(filesOf)) {
    const file = fileURLToPath(new URL(path, page));
    const source = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const exported = (name: string): boolean =>
      new RegExp(String.raw`^export (?:(?:async )?function\*?|const|class) ${name}\b`, 'mu').test(source);
    expect([path, names.length > 0, names.filter((name) => !exported(name))]).toEqual([path, true, []]);
  }
});

test('docs/walks.md has three walks, and links to a file once in each', () => {
  expect(walks).toHaveLength(3);
  for (const walk of walks) {
    const paths = [...walk.matchAll(/\]\((\S+\.ts)\)/gu)].map(([, path]) => path);
    expect(paths).toEqual([...new Set(paths)]);
  }
});
