import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { limitsAt } from '@federation-agent/contracts';
import { limits, minute, start } from '../../test/samples.ts';
import { dueAfter, never, parseSchedule } from './schedule.ts';

const next = (text: string, time = start): number | undefined => parseSchedule(text, limits).next(time);

describe('a schedule', () => {
  test.each([
    ['15m', 15 * minute],
    ['10s', 10_000],
    ['2 h', 120 * minute],
    ['1D', 24 * 60 * minute],
    ['*/30 * * * *', 30 * minute],
    ['*/20 * * * * *', 20_000],
  ])('%s comes after its time', (text, gap) => expect(next(text)).toBe(start + gap));

  test('off never comes', () => {
    expect(parseSchedule('off', limits)).toBeDefined();
    expect(next(' OFF ')).toBeUndefined();
  });

  test.each(['', 'soon', '9s', '0m', '15', '15 minutes', '* * *', '99 * * * *'])('%j is none', (text) => {
    expect(() => parseSchedule(text, limits)).toThrow(RangeError);
  });

  test('tests scale an interval with every other duration', () => {
    expect(parseSchedule('15m', limitsAt(10)).next(0)).toBe(1.5 * minute);
  });

  test('two reads are apart when the later one is as late as the schedule', () => {
    const interval = parseSchedule('15m', limits);
    expect(interval.apart(start, start + 15 * minute - 1)).toBe(false);
    expect(interval.apart(start, start + 15 * minute)).toBe(true);
    const off = parseSchedule('off', limits);
    expect(off.apart(start, start + minute)).toBe(false);
    expect(off.apart(start, start + limits.scanInterval)).toBe(true);
  });

  test('the next due time is never early, and at most a tenth of the gap or a minute late', () => {
    const text = fc.constantFrom('10s', '15m', '1d', '0 3 * * *');
    const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(text, fraction, fc.integer({ min: 0, max: 30 * 24 * 60 }), (each, part, minutes) => {
        const schedule = parseSchedule(each, limits);
        const readAt = start + minutes * minute;
        const scheduled = schedule.next(readAt);
        if (scheduled === undefined) throw new Error('no schedule');
        const due = dueAfter(schedule, readAt, part);
        expect(due).toBeGreaterThanOrEqual(scheduled);
        expect(due - scheduled).toBeLessThanOrEqual(Math.min(minute, (scheduled - readAt) / 10));
        expect(schedule.apart(readAt, due)).toBe(true);
      }),
    );
    const off = parseSchedule('off', limits);
    expect(dueAfter(off, start, 0.5)).toBe(never);
  });
});
