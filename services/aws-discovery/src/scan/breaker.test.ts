import { describe, expect, test } from '@jest/globals';
import { createBreaker } from './breaker.ts';

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
