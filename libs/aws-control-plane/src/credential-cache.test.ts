import { expect, test } from '@jest/globals';
import { cachedCredentials } from './credential-cache.ts';

const minute = 60_000;
/** A provider whose n-th credentials last for `minutes[n]`; `undefined` fails. */
function scripted(now: () => number, minutes: readonly (number | undefined)[]) {
  let asked = 0;
  const provider = cachedCredentials(async () => {
    const lasts = minutes[asked];
    asked += 1;
    await Promise.resolve();
    if (lasts === undefined) throw new Error('no credentials');
    const keys = { accessKeyId: `key-${asked}`, secretAccessKey: 's' };
    return { ...keys, ...(lasts < Infinity && { expiration: new Date(now() + lasts * minute) }) };
  }, now);
  const key = async (): Promise<string> => (await provider()).accessKeyId;
  return { key, asked: () => asked };
}

test('many who ask at once are one question; credentials without an end are asked for once', async () => {
  const { key, asked } = scripted(() => 0, [Infinity]);
  expect(await Promise.all([key(), key(), key()])).toEqual(['key-1', 'key-1', 'key-1']);
  expect(await key()).toBe('key-1');
  expect(asked()).toBe(1);
});

test('five minutes before the end they are renewed behind those that still hold', async () => {
  let now = 0;
  const { key, asked } = scripted(() => now, [60, 60]);
  await key();
  now = 54 * minute;
  expect(await key()).toBe('key-1');
  expect(asked()).toBe(1);
  now = 56 * minute;
  expect(await key()).toBe('key-1');
  expect(asked()).toBe(2);
  await new Promise(setImmediate);
  expect(await key()).toBe('key-2');
  expect(asked()).toBe(2);
});

test('a renewal that fails does no harm before the end, and is told after it', async () => {
  let now = 0;
  const { key, asked } = scripted(() => now, [60, undefined, undefined, 60]);
  await key();
  now = 56 * minute;
  expect(await key()).toBe('key-1');
  await new Promise(setImmediate);
  now = 60 * minute;
  await expect(key()).rejects.toThrow('no credentials');
  expect(await key()).toBe('key-4');
  expect(asked()).toBe(4);
});
