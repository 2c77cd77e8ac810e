import { describe, expect, it } from '@jest/globals';
import { realLimits } from '@federation-agent/contracts';
import { outcomeOf } from './deliver.ts';

const outcome = (seen: Parameters<typeof outcomeOf>[1], now: number) =>
  outcomeOf({ receivedAt: 1_000 }, seen, now, realLimits).outcome;

describe('evidence', () => {
  it('counts as delivered up to 60 s after the command was read', () => {
    expect(outcome('delivered', 61_000)).toBe('delivered');
    expect(outcome('delivered', 61_001)).toBe('unconfirmed');
  });

  it('is missing or was never to be', () => {
    expect(outcome('unconfirmed', 2_000)).toBe('unconfirmed');
    expect(outcome('refused', 2_000)).toBe('refused');
  });
});
