import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { limitsAt, realLimits } from './limits.ts';

describe('scaled durations', () => {
  it('are the real ones at 1', () => {
    expect(limitsAt(1)).toEqual(realLimits);
  });

  it('keep the order that the protocol needs, at every scale', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 10_000, noNaN: true }), (scale) => {
        const limits = limitsAt(scale);
        expect(limits.commandDeadline).toBeLessThan(limits.replyDeadline);
        expect(limits.replyDeadline).toBeLessThan(limits.commandTimeout);
        expect(limits.discoverDeadline).toBeLessThan(limits.commandDeadline);
        expect(limits.discoverDeadlineWithCatalog).toBeLessThan(limits.discoverDeadline);
        expect(limits.troubledTargetDeadline).toBeLessThan(limits.discoverDeadlineWithCatalog);
        expect(limits.creatingCall).toBeLessThanOrEqual(limits.ackWait);
        expect(limits.workingInterval).toBeLessThan(limits.ackWait);
        expect(limits.claimRenewal).toBeLessThan(limits.claim);
        expect(limits.aliveInterval).toBeLessThan(limits.aliveMemory);
        expect(limits.pingInterval).toBeLessThan(limits.deadPeer);
        expect(limits.publishRetry).toBeLessThan(limits.duplicateWindow);
        expect(limits.lateCall).toBeGreaterThan(limits.creatingCall);
        expect(limits.ingestRefusedRetryFor).toBeLessThan(limits.ingestRetryFor);
        expect(limits.ingestRetryFor).toBeLessThan(limits.workAge);
        expect(limits.payloadAge).toBeGreaterThan(limits.workAge);
        expect(limits.writingGate).toBeGreaterThanOrEqual(limits.commandTimeout);
        for (const [name, value] of Object.entries(limits)) {
          expect(value).toBeLessThanOrEqual(realLimits[name as keyof typeof realLimits]);
        }
      }),
    );
  });

  it('are refused below 1', () => {
    expect(() => limitsAt(0.5)).toThrow(RangeError);
    expect(() => limitsAt(Number.NaN)).toThrow(RangeError);
  });
});
