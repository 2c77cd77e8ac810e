import { describe, expect, test } from '@jest/globals';
import { realLimits, type ScanRecord } from '@federation-agent/contracts';
import { account, minute, region, start } from '../../test/samples.ts';
import { mayWait, postponed } from './rare-scans.ts';

const hour = 60 * minute;
const now = start + 24 * hour;
/** Scanned in full 20 minutes ago, and due; a message came an hour ago. */
const quiet: ScanRecord = {
  integrationId: 'integration',
  account,
  region,
  dueAt: now - minute,
  lastAttemptAt: now - 20 * minute,
  lastCompleteAt: now - 20 * minute,
  changeHeardAt: now - hour,
  usagePlans: {},
  gonePlans: {},
};
const waits = (change: Partial<ScanRecord>) => mayWait({ ...quiet, ...change }, now, realLimits);

test('a scan waits while changes of its target are heard and nothing is open', () => {
  expect(mayWait(quiet, now, realLimits)).toBe(true);
});

describe('a scan does not wait', () => {
  const gone = (reads: number) => ({ gonePlans: { p1: { since: start, reads, lastReadAt: start } } });

  test.each<[string, Partial<ScanRecord>]>([
    ['that somebody asked for', { requestedAt: start }],
    ['of all stages, either', { requestedAll: true }],
    ['after one that was not complete', { lastFailure: 'aws-denied: no' }],
    ['after one that left something open', { unsettled: true }],
    ['when a plan awaits the second read that proves it gone', gone(1)],
    ['when the last complete one is too old', { lastCompleteAt: now - realLimits.scanBackstop }],
    ['of a target whose last message is too old', { changeHeardAt: now - realLimits.changesTrusted }],
  ])('%s', (_title, change) => {
    expect(waits(change)).toBe(false);
  });

  test('of a target that was never read, or of which no message ever came', () => {
    const { lastCompleteAt: _read, ...never } = quiet;
    const { changeHeardAt: _heard, ...silent } = quiet;
    expect([never, silent].map((one) => mayWait(one, now, realLimits))).toEqual([false, false]);
    expect(waits(gone(2))).toBe(true);
  });
});

describe('a scan that waits', () => {
  const put = (record: ScanRecord | undefined, dueAt: number) =>
    postponed(record, { now, dueAt, limits: realLimits });

  test('is due at the next time of the schedule, and no later than the backstop', () => {
    expect(put(quiet, now + 15 * minute)).toEqual({ ...quiet, dueAt: now + 15 * minute });
    const latest = now - 20 * minute + realLimits.scanBackstop;
    expect(put(quiet, now + 24 * hour)?.dueAt).toBe(latest);
  });

  test('is left alone when another replica was quicker, or when it may not wait any more', () => {
    expect(put(undefined, now + minute)).toBeUndefined();
    expect(put({ ...quiet, dueAt: now + 1 }, now + minute)).toBeUndefined();
    expect(put({ ...quiet, requestedAt: now }, now + minute)).toBeUndefined();
    expect(put({ ...quiet, claim: { instance: 'b', until: now + minute } }, now + minute)).toBeUndefined();
  });
});
