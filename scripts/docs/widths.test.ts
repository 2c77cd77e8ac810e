import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { storeWidths, type StoreWidth } from '@federation-agent/contracts';

test('the widths in docs/exchange-protocol.md are those of the code', async () => {
  const text = await readFile(new URL('../../docs/exchange-protocol.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z]+\.[a-zA-Z]+)` +\| (\S+) +\| ([\d,]*) +\| (distinct)? +\|$/gmu)];
  const documented = rows.map(([, field, column, width, distinct]) => ({
    field,
    column,
    width: width ? Number(width.replace(',', '')) : undefined,
    distinct: distinct === 'distinct',
  }));
  const coded = Object.entries(storeWidths).map(
    ([field, { column, width, distinct }]: [string, StoreWidth]) => ({
      field,
      column,
      width,
      distinct: distinct === true,
    }),
  );
  expect(documented).toEqual(coded);
});
