import { expect, it } from '@jest/globals';
import { pauseOf } from './drive.ts';

const pauses = (calls: readonly number[]) => calls.map((count, waits) => pauseOf(250, waits, count, 0));

it('what something else must change is looked at again after 250, 500, 1,000 ms, and then each second', () =>
  expect(pauses([0, 0, 0, 0, 0])).toEqual([250, 500, 1_000, 1_000, 1_000]));

it('a creating call of which nobody knows is repeated after 1, 2, 4, 8 s, and then each 8 s', () =>
  expect(pauses([1, 2, 3, 4, 5])).toEqual([1_000, 2_000, 4_000, 8_000, 8_000]));

it('no two of them at the same time: a quarter of jitter', () => expect(pauseOf(250, 0, 1, 1)).toBe(1_250));
