import { expect, test } from '@jest/globals';
import { systemRandomness } from '@federation-agent/base';
import { keyValueLength, newKeyValue } from './key-value.ts';

test('a key value has 40 letters and digits, and no two are alike', () => {
  const values = Array.from({ length: 500 }, () => newKeyValue(systemRandomness));
  for (const value of values) expect(value).toMatch(/^[A-Za-z0-9]{40}$/u);
  expect(new Set(values).size).toBe(values.length);
});

test('every character is as likely as the other', () => {
  const counts = new Map<string, number>();
  const total = 2_000 * keyValueLength;
  for (let index = 0; index < 2_000; index += 1) {
    for (const character of newKeyValue(systemRandomness)) {
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
  }
  expect(counts.size).toBe(62);
  // Six standard deviations; without the rejection of bytes the first eight letters would be 25 % likelier.
  const expected = total / 62;
  for (const count of counts.values())
    expect(Math.abs(count - expected)).toBeLessThan(6 * Math.sqrt(expected));
});

test('bytes that would favour a character are drawn again', () => {
  let call = 0;
  const random = { bytes: (count: number) => Buffer.alloc(count, (call += 1) === 1 ? 255 : 1) };
  expect(newKeyValue(random)).toBe('B'.repeat(40));
});
