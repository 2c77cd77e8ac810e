import { describe, expect, test } from '@jest/globals';
import { createBreaker } from './breaker.ts';
import { inLanes } from './lanes.ts';

describe('lanes', () => {
  test('keep the order of the results and never run more than so many at once', async () => {
    let now = 0;
    let most = 0;
    const items = Array.from({ length: 30 }, (_, index) => index);
    const results = await inLanes(items, 4, async (item) => {
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
    const run = inLanes([0, 1, 2, 3, 4, 5], 2, async (item) => {
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
    expect(await inLanes([], 4, () => Promise.resolve(1))).toEqual([]);
  });
});

describe('the breaker', () => {
  test('trips on failures in a row, and not on as many with a success between them', () => {
    const breaker = createBreaker(3);
    for (const outcome of ['not now', 'not now', 'ok', 'not now', 'not now'] as const) breaker.note(outcome);
    expect(breaker.tripped()).toBe(false);
    breaker.note('not now');
    expect(breaker.tripped()).toBe(true);
  });

  test('stays tripped: calls that were under way may still succeed', () => {
    const breaker = createBreaker(1);
    breaker.note('not now');
    breaker.note('ok');
    expect(breaker.tripped()).toBe(true);
  });
});
