import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readCsv } from './csv.ts';

const quote = (field: string) => `"${field.replaceAll('"', '""')}"`;

test('reads whatever was quoted properly', () => {
  const rows = fc.array(fc.array(fc.string(), { minLength: 2, maxLength: 4 }), { maxLength: 5 });
  fc.assert(
    fc.property(rows, fc.constantFrom('\n', '\r\n'), (table, end) => {
      const text = table.map((row) => row.map(quote).join(',')).join(end);
      expect(readCsv(text)).toEqual(table.filter((row) => row.some((field) => field !== '')));
    }),
  );
});

test('reads plain fields, empty ones, line ends in quotes and a byte order mark', () => {
  expect(readCsv('\uFEFFname,key\r\n"a\n""b"", c",\r\n\r\n,d')).toEqual([
    ['name', 'key'],
    ['a\n"b", c', ''],
    ['', 'd'],
  ]);
});
