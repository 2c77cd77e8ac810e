import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { collationKey } from './collation-key.ts';

test.each([
  ['case', 'Env', 'eNV'],
  ['accents', 'café', 'CAFE'],
  ['composed and decomposed letters', 'é', 'e\u0301'],
  ['full width', 'ＡＢＣ', 'abc'],
  ['blanks at the end', 'env  ', 'env'],
  ['emoji', 'team 🚀', 'team 🧪'],
  ['emoji and nothing', 'team🚀', 'team'],
  ['what is invisible', 'en\u200Bv\u00AD', 'env'],
  ['sharp s and final sigma', 'ΟΔΟΣ straße', 'οδος STRASSE'],
  ['a capital sharp s', 'STRAẞE', 'Straße'],
  ['kana', 'カタカナ', 'かたかな'],
])('%s make no difference', (_what, one, other) => {
  expect(collationKey(one)).toBe(collationKey(other));
});

test.each([
  ['env', 'envy'],
  ['a b', 'ab'],
  ['東京', '大阪'],
  ['Привет', 'Пока'],
  [' env', 'env'],
])('%p and %p are two', (one, other) => {
  expect(collationKey(one)).not.toBe(collationKey(other));
});

test('what is folded stays as it is when it is folded again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(collationKey(collationKey(text))).toBe(collationKey(text));
    }),
  );
});
