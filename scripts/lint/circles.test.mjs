import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { circlesIn, importsOf } from './circles.mjs';

describe('circles of imports', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'circles-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** @param {Record<string, string>} files */
  const circlesOf = (files) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return circlesIn(importsOf(folder, Object.keys(files)));
  };

  test('types and what is passed on count', () => {
    const circles = circlesOf({
      'a.ts': "import { b } from './b.ts';\nexport type A = typeof b;",
      'b.ts': "export * from './c.ts';\nexport const b = 1;",
      'c.ts': "import type { A } from './a.ts';\nexport type C = A;",
      'd.ts': "import './a.ts';",
    });
    expect(circles).toEqual([['a.ts', 'b.ts', 'c.ts']]);
  });

  test('a file that is come to on two ways is no circle', () => {
    const circles = circlesOf({
      'a.ts': "import './b.ts';\nimport './c.ts';",
      'b.ts': "import './c.ts';",
      'c.ts': 'export {};',
    });
    expect(circles).toEqual([]);
  });

  test('two circles in one knot are both found', () => {
    const circles = circlesIn(
      new Map([
        ['a', ['b', 'c']],
        ['b', ['a']],
        ['c', ['a']],
      ]),
    );
    expect(circles).toEqual([
      ['a', 'b'],
      ['a', 'c'],
    ]);
  });
});
