import { describe, expect, it } from '@jest/globals';
import { realLimits } from '@federation-agent/contracts';
import { notReadyReason, pauseOf } from './chain-readiness.ts';

const now = 1_000_000;
const why = (facts: Partial<Parameters<typeof notReadyReason>[0]>) =>
  notReadyReason(
    { brokerDownSince: undefined, lastAlive: { discovery: now, subscription: now }, ...facts },
    now,
    realLimits,
  );

describe('the chain behind a link', () => {
  it('is well with a broker and an answer of each kind within 30 s', () => {
    expect(why({})).toBeUndefined();
    expect(why({ lastAlive: { discovery: now - 30_000, subscription: now } })).toBeUndefined();
  });

  it('is not well before each kind has answered, or when one is silent for longer', () => {
    expect(why({ lastAlive: {} })).toBe(
      'no discovery and no subscription worker answers for this integration',
    );
    expect(why({ lastAlive: { discovery: now } })).toContain('no subscription worker');
    expect(why({ lastAlive: { discovery: now - 30_001, subscription: now } })).toContain(
      'no discovery worker',
    );
  });

  it('has ten seconds of grace for the broker', () => {
    expect(why({ brokerDownSince: now - 10_000 })).toBeUndefined();
    expect(why({ brokerDownSince: now - 10_001 })).toBe('the broker is not reachable');
  });
});

it('asks ever slower while a worker is missing, and at least once a second', () => {
  expect([1, 2, 3, 15, 16, 100].map((round) => pauseOf(round, realLimits))).toEqual([
    20, 26, 34, 787, 1_000, 1_000,
  ]);
  expect(pauseOf(0, realLimits)).toBe(20_000);
});
