import { describe, expect, test } from '@jest/globals';
import { mapConcurrently } from './map-concurrently.ts';

describe('items that are worked on concurrently', () => {
  test('keep the order of the results and never run more than so many at once', async () => {
    let now = 0;
    let most = 0;
    const items = Array.from({ length: 30 }, (_, index) => index);
    const results = await mapConcurrently(items, 4, async (item) => {
      most = Math.max(most, (now += 1));
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return item * 2;
    });
    expect(results).toEqual(items.map((item) => item * 2));
    expect(most).toBe(4);
  });

  test('begin nothing after a failure, and wait for what is under way', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const run = mapConcurrently([0, 1, 2, 3, 4, 5], 2, async (item) => {
      begun.push(item);
      if (item === 0) throw new Error('the first one');
      await new Promise((resolve) => setImmediate(resolve));
      ended.push(item);
    });
    await expect(run).rejects.toThrow('the first one');
    expect(begun).toEqual([0, 1]);
    expect(ended).toEqual([1]);
  });

  test('of nothing are nothing', async () => {
    expect(await mapConcurrently([], 4, () => Promise.resolve(1))).toEqual([]);
  });
});
