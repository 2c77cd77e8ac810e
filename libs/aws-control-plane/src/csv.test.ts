import { expect, test } from '@jest/globals';
import { apiKeyFile, apiKeyFileField } from './csv.ts';

test('every field is quoted, quotes are doubled, line ends become blanks', () => {
  const key = { name: 'a "b", c\r\nd', value: 'v'.repeat(20), description: '=1,;"', enabled: false };
  expect(apiKeyFile(key)).toBe(
    `Name,Key,Description,Enabled\r\n"a ""b"", c  d","${'v'.repeat(20)}","=1,;""","false"\r\n`,
  );
});

test('control characters become blanks, everything else stays', () => {
  expect(apiKeyFileField('a\u0000b\u001b[31m\tc 日本 🚀 é')).toBe('a b [31m c 日本 🚀 é');
});
