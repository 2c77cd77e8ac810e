import { expect, test } from '@jest/globals';
import { remembered } from './remembered.ts';

test('it works once for all who ask meanwhile, and again when the time is over', async () => {
  let now = 0;
  let times = 0;
  const ask = remembered(async () => await Promise.resolve((times += 1)), {
    good: 100,
    bad: 10,
    now: () => now,
  });
  expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
  now = 99;
  expect(await ask()).toBe(1);
  now = 100;
  expect(await ask()).toBe(2);
});

test('a failure is kept too, for a shorter time', async () => {
  let now = 0;
  let times = 0;
  const ask = remembered(() => Promise.reject(new Error(String((times += 1)))), {
    good: 100,
    bad: 10,
    now: () => now,
  });
  await expect(ask()).rejects.toThrow('1');
  now = 9;
  await expect(ask()).rejects.toThrow('1');
  now = 10;
  await expect(ask()).rejects.toThrow('2');
});
