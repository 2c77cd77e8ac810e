import { expect, test } from '@jest/globals';
import { Attempt, Gate } from './subscription.ts';

test('a gate and an attempt of an earlier version, which said `void`, are read as refused', () => {
  const gate = { by: 'link', nonce: 'n', at: 1 };
  expect(Gate.parse({ ...gate, state: 'void' })).toEqual({ ...gate, state: 'refused' });
  const attempt = { commandId: 'c', deadline: 2, outcome: { state: 'void', at: 1 } };
  expect(Attempt.parse(attempt)).toEqual({ ...attempt, outcome: { state: 'refused', at: 1 } });
  expect(Attempt.safeParse({ ...attempt, outcome: { state: 'writing', at: 1 } }).success).toBe(false);
});
