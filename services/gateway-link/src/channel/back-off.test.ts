import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { realLimits } from '@federation-agent/contracts';
import { backOff, goodByePause, nextEndpoint, refusedPause } from './back-off.ts';

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('back-off', () => {
  it('is 1 s, x1.5, cap 300 s', () => {
    expect([1, 2, 3, 4, 15, 16, 1000].map((failures) => backOff(failures, realLimits, 1))).toStrictEqual([
      1_000, 1_500, 2_250, 3_375, 291_929, 300_000, 300_000,
    ]);
  });

  it('is jittered between half and whole, and never without a pause', () => {
    fc.assert(
      fc.property(fc.nat({ max: 5_000 }), fraction, (failures, x) => {
        const whole = backOff(failures, realLimits, 1);
        expect(backOff(failures, realLimits, x)).toBeGreaterThanOrEqual(Math.floor(whole / 2));
        expect(backOff(failures, realLimits, x)).toBeLessThanOrEqual(whole);
        expect(whole).toBeLessThanOrEqual(300_000);
      }),
    );
  });

  it('is within a second after GOOD_BYE, and about a minute after a refusal', () => {
    fc.assert(
      fc.property(fraction, (x) => {
        expect(goodByePause(realLimits, x)).toBeLessThan(1_000);
        expect(Math.abs(refusedPause(realLimits, x) - 60_000)).toBeLessThanOrEqual(15_000);
      }),
    );
  });

  it('takes the endpoints in turn', () => {
    expect([0, 1, 2].map((endpoint) => nextEndpoint(endpoint, 3))).toStrictEqual([1, 2, 0]);
    expect(nextEndpoint(0, 1)).toBe(0);
  });
});
