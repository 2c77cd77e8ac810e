import { describe, expect, it, test } from '@jest/globals';
import { scanOf } from '../../test/samples.ts';
import { progressOf, scanTarget } from './scans.ts';

const facts = { budget: undefined, now: 100, stages: 3 };

describe('a target', () => {
  it.each([
    ['was read in full', {}, 'up-to-date'],
    ['is asked for', { requestedAt: 50 }, 'requested'],
    ['is being scanned', { claim: { instance: 'a', until: 200 } }, 'scanning'],
    ['was scanned by a process that died', { claim: { instance: 'a', until: 90 } }, 'up-to-date'],
    ['could not be read at its last attempt', { lastFailure: 'denied', lastAttemptAt: 50 }, 'stale'],
    ['could be read but for some stages', { lastFailure: 'one stage' }, 'partly-stale'],
  ])('that %s', (_what, changes, state) => {
    expect(scanTarget(scanOf(changes), facts).state).toBe(state);
  });

  it('of which changes are heard', () => {
    expect(scanTarget(scanOf({ changeHeardAt: 7 }), facts).changeHeardAt).toBe(7);
    expect(scanTarget(scanOf(), facts)).not.toHaveProperty('changeHeardAt');
  });

  it('that was never scanned', () => {
    const { lastCompleteAt: _complete, lastAttemptAt: _attempt, ...record } = scanOf();
    expect(scanTarget(record, facts).state).toBe('never');
  });

  it('tells how far its scan is only while it runs', () => {
    const claim = { instance: 'a', until: 200, progress: { done: 3, total: 9 } };
    const target = scanTarget(scanOf({ claim, lastAttemptAt: 40 }), facts);
    expect(target).toMatchObject({ scannedBy: 'a', progress: { done: 3, total: 9, rate: 50, leftMs: 120 } });
    expect(scanTarget(scanOf({ claim }), { ...facts, now: 300 })).not.toHaveProperty('progress');
  });
});

test('progress: the rate so far, and what it means for the rest; nothing can be told at the start', () => {
  expect(progressOf({ done: 30, total: 90 }, 0, 10_000)).toEqual({
    done: 30,
    total: 90,
    rate: 3,
    leftMs: 20_000,
  });
  expect(progressOf({ done: 0, total: 90 }, 0, 10_000)).toEqual({ done: 0, total: 90 });
});
