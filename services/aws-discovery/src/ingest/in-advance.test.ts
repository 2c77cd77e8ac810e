import { expect, test } from '@jest/globals';
import { inAdvance } from './in-advance.ts';

test('one value is made while the reader works on the last one, and no more', async () => {
  const made: number[] = [];
  async function* numbers(): AsyncGenerator<number, undefined> {
    for (const number of [1, 2, 3]) {
      made.push(number);
      yield await Promise.resolve(number);
    }
    return undefined;
  }
  const values = inAdvance(numbers());
  await values.settled();
  expect(made).toEqual([1]);
  expect(await values.next()).toBe(1);
  await values.settled();
  expect(made).toEqual([1, 2]);
  expect([await values.next(), await values.next(), await values.next()]).toEqual([2, 3, undefined]);
});

test('a failure is told to the reader, and to nobody before', async () => {
  async function* broken(): AsyncGenerator<number, undefined> {
    yield await Promise.reject(new Error('gone'));
    return undefined;
  }
  const values = inAdvance(broken());
  await values.settled();
  await expect(values.next()).rejects.toThrow('gone');
  await expect(values.next()).rejects.toThrow('gone');
});
