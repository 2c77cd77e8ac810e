import { describe, expect, test } from '@jest/globals';
import type { ScanRecord } from '@federation-agent/contracts';
import { account, limits, minute, region, settingsOf, start } from '../../test/samples.ts';
import {
  needsFullScan,
  claimed,
  registeredTarget,
  isDue,
  nextToScan,
  released,
  renewed,
  withScanRequested,
  requestedAll,
  withListsTrouble,
  type ScanEnd,
} from './claim.ts';
import { never } from './schedule.ts';

const of = { integrationId: 'integration', account, region, identity: 'arn:me' };
const record = (change: Partial<ScanRecord> = {}): ScanRecord => ({
  ...of,
  settings: 'f',
  dueAt: start + 15 * minute,
  lastAttemptAt: start,
  usagePlans: {},
  gonePlans: {},
  ...change,
});
const claim = { instance: 'a', until: start + minute };

describe('a target', () => {
  test('that is new is due at once', () => {
    expect(registeredTarget(undefined, of, 'f', start)).toEqual({
      ...of,
      settings: 'f',
      dueAt: start,
      usagePlans: {},
      gonePlans: {},
    });
  });

  test('that is known is asked for when the settings are others', () => {
    expect(registeredTarget(record(), of, 'f', start)).toBeUndefined();
    expect(registeredTarget(record(), of, 'g', start + 5)).toMatchObject({
      settings: 'g',
      requestedAt: start + 5,
    });
  });

  test('is asked for with other settings although a clock that is ahead has just begun a scan', () => {
    const after = registeredTarget(record({ lastAttemptAt: start + 2_000 }), of, 'g', start);
    expect(after && isDue(after, start)).toBe(true);
  });

  test('whose times lie in the future, by a clock that was wrong, is due at once after a start', () => {
    const future = start + 365 * 24 * 60 * minute;
    const lost = record({
      lastAttemptAt: future,
      dueAt: future + minute,
      claim: { instance: 'b', until: future + minute },
    });
    const after = registeredTarget(lost, of, 'f', start);
    expect(after && isDue(after, start)).toBe(true);
    // A clock that is slightly ahead is not affected.
    expect(
      registeredTarget(record({ lastAttemptAt: start + minute, claim }), of, 'f', start),
    ).toBeUndefined();
  });

  test.each([
    ['its time has come', { dueAt: start }, true],
    ['its time has not come', {}, false],
    ['it was asked for after the last attempt', { requestedAt: start + 1 }, true],
    ['it was asked for since, by a clock that is behind', { requestedAt: start - 1 }, true],
    ['somebody has it', { dueAt: start, claim: { instance: 'b', until: start + 1 } }, false],
    ['whoever had it is dead', { dueAt: start, claim: { instance: 'b', until: start } }, true],
    ['it is never due but asked for', { dueAt: never, requestedAt: start + 1 }, true],
  ])('is due or not: %s', (_name, change, due) => {
    const given = record(change);
    expect(isDue(given, start)).toBe(due);
    const after = claimed(given, 'a', start, minute);
    if (due) expect(after).toMatchObject({ claim, lastAttemptAt: start });
    else expect(after).toBeUndefined();
  });

  test('asked for stays what it is otherwise', () => {
    expect(withScanRequested(start)(record())).toEqual(record({ requestedAt: start }));
    expect(withScanRequested(start)(undefined)).toBeUndefined();
  });
});

describe('lists that cannot be read', () => {
  const note = withListsTrouble(start, 'no answer');

  test('are remembered from the first time on', () => {
    const noted = note(record({ listsReadAt: start - 1 }));
    expect(noted?.listsTrouble).toEqual({ since: start, reason: 'no answer' });
    expect(withListsTrouble(start + minute, 'again')(noted)).toBeUndefined();
  });

  test('are not what failed when only the stages of an API could not be', () =>
    expect(note(record({ listsReadAt: start }))).toBeUndefined());
});

describe('a scan that was asked for', () => {
  const identity = { integrationId: 'integration', account, region, identity: 'arn:me' };
  const ended = (asked: ScanRecord): ScanRecord => {
    const after = released(asked, 'a', end('complete'));
    if (!after) throw new Error('not ours');
    return after;
  };
  const begun = (asked: ScanRecord): ScanRecord => {
    const after = claimed(asked, 'a', start, minute);
    if (!after) throw new Error('not due');
    return after;
  };

  test('is done once, although the clock of whoever asked is ahead', () => {
    const asked = record({ requestedAt: start + 60 * minute });
    expect(isDue(ended(begun(asked)), start + minute)).toBe(false);
  });

  test('while one runs comes after it, although the clock of whoever asked is behind', () => {
    const running = begun(record({ requestedAt: start }));
    const again = withScanRequested(start - 2_000)(running);
    expect(again && isDue(again, start)).toBe(false);
    expect(again && isDue(ended(again), start + 1)).toBe(true);
  });

  const of = (asked: ScanRecord | undefined) => ({ all: asked?.requestedAll, claim: asked?.claim?.all });

  test('with all stages is one of all until it has ended, whoever ends it', () => {
    const asked = requestedAll(start)(record({ lastCompleteAt: start, dueAt: never }));
    if (!asked) throw new Error('no record');
    expect(of(asked)).toEqual({ all: true, claim: undefined });
    const running = begun(asked);
    expect(of(running)).toEqual({ all: undefined, claim: true });
    expect(of(renewed(running, 'a', start + 2 * minute))).toEqual({ all: undefined, claim: true });
    expect(of(claimed(running, 'b', start + minute, minute))).toEqual({ all: undefined, claim: true });
    for (const how of ['failed', 'stopped'] as const)
      expect(of(released(running, 'a', end(how)))).toEqual({ all: true, claim: undefined });
    for (const how of ['complete', 'partly'] as const)
      expect(of(released(running, 'a', end(how)))).toEqual({ all: undefined, claim: undefined });
    // Requested while it ran.
    expect(of(released(requestedAll(start)(running), 'a', end('complete')))).toMatchObject({ all: true });
  });

  test('without a word reads what is due; all when nothing was ever complete, or with other settings', () => {
    expect(of(begun(record({ lastCompleteAt: start, requestedAt: start }))).claim).toBeUndefined();
    expect(of(begun(record({ requestedAt: start }))).claim).toBe(true);
    expect(registeredTarget(record(), identity, 'g', start)?.requestedAll).toBe(true);
  });

  test('is not forgotten when whoever does it dies', () => {
    const running = begun(record({ requestedAt: start, dueAt: never }));
    expect(isDue(running, start + minute - 1)).toBe(false);
    expect(isDue(running, start + minute)).toBe(true);
  });
});

describe('DISCOVER asks for the stages of all APIs', () => {
  const { schedule } = settingsOf();
  const read = { lastCompleteAt: start, stagesReadAt: start };
  const later = start + 15 * minute;
  test.each([
    ['once they were read as long ago as the schedule says', read, later, true],
    ['and not before', read, later - 1, false],
    ['not when it is asked for already', { ...read, requestedAll: true }, later, false],
    ['not while a scan of all runs', { ...read, claim: { ...claim, all: true } }, later, false],
    ['while another one runs', { ...read, claim }, later, true],
    ['not when the first scan is still to come', {}, later, false],
    ['after an earlier version, whose scans read all', { lastCompleteAt: start }, later, true],
  ])('%s', (_name, change, now, asks) => expect(needsFullScan(record(change), schedule, now)).toBe(asks));
});

describe('a claim', () => {
  test('is renewed and released by its holder only', () => {
    const held = record({ claim });
    expect(renewed(held, 'a', start + 2 * minute)?.claim?.until).toBe(start + 2 * minute);
    for (const other of [undefined, record(), record({ claim: { ...claim, instance: 'b' } })]) {
      expect(renewed(other, 'a', start)).toBeUndefined();
      expect(released(other, 'a', end('complete'))).toBeUndefined();
    }
  });

  test('ends complete: on with the schedule, nothing is left of an old failure', () => {
    const after = released(record({ claim, lastFailure: 'x' }), 'a', end('complete'));
    expect(after).toEqual(record({ lastCompleteAt: start, dueAt: start + 15 * minute }));
  });

  test('ends partly: on with the schedule, with the reason, not complete', () => {
    const after = released(record({ claim }), 'a', end('partly', 'stages of x'));
    expect(after).toEqual(record({ lastFailure: 'aws-denied: stages of x', dueAt: start + 15 * minute }));
  });

  test('ends with what it read; having left out none it counts as a read of all', () => {
    const stages = { read: 2, quiet: 0, perDay: 192 };
    const ends = (how: ScanEnd['how'], change = {}) =>
      released(record({ claim }), 'a', { ...end(how), stages: { ...stages, ...change } });
    for (const how of ['complete', 'partly'] as const) {
      expect(ends(how)).toMatchObject({ stages, stagesReadAt: start });
      expect(ends(how, { quiet: 1 })).toMatchObject({ stages: { quiet: 1 } });
      expect(ends(how, { quiet: 1 })).not.toHaveProperty('stagesReadAt');
    }
    for (const how of ['failed', 'stopped'] as const) expect(ends(how)).not.toHaveProperty('stages');
  });

  test('ends failed: again soon, also where the schedule is off', () => {
    expect(released(record({ claim }), 'a', end('failed', 'y'))?.dueAt).toBe(start + 3 * minute);
    const off = { ...end('failed', 'y'), schedule: settingsOf({ schedule: 'off' }).schedule };
    expect(released(record({ claim }), 'a', off)?.dueAt).toBe(start + 3 * minute);
    expect(released(record({ claim }), 'a', { ...off, how: 'complete' })?.dueAt).toBe(never);
  });

  test('ends stopped: due at once for another, the last failure stays known', () => {
    const after = released(record({ claim, lastFailure: 'x' }), 'a', end('stopped'));
    expect(after && isDue(after, start)).toBe(true);
    expect(after?.lastFailure).toBe('x');
  });

  test('a long failure is cut: the record is one broker message', () => {
    const after = released(record({ claim }), 'a', end('partly', 'x'.repeat(2_000_000)));
    expect(JSON.stringify(after).length).toBeLessThan(10_000);
  });
});

function end(how: ScanEnd['how'], reason?: string): ScanEnd {
  return {
    readAt: start,
    identity: 'arn:me',
    schedule: settingsOf().schedule,
    fraction: 0,
    retryMs: limits.scanInterval / 5,
    how,
    failure: reason === undefined ? undefined : { code: 'aws-denied', reason },
  };
}

test('scans are begun where there is room, with the target that was not looked at for longest', () => {
  const target = (name: string, change: Partial<ScanRecord>) => ({
    name,
    record: record({ dueAt: start, ...change }),
  });
  const { lastAttemptAt: _never, ...fresh } = record({ dueAt: start });
  const targets = [
    target('a minute ago', { lastAttemptAt: start - minute }),
    target('not due', { dueAt: start + minute }),
    { name: 'never', record: fresh },
    target('an hour ago', { lastAttemptAt: start - 60 * minute }),
  ];
  const names = (room: number) => nextToScan(targets, start, room).map(({ name }) => name);
  expect(names(5)).toEqual(['never', 'an hour ago', 'a minute ago']);
  expect(names(2)).toEqual(['never', 'an hour ago']);
  expect(names(0)).toEqual([]);
  expect(names(-1)).toEqual([]);
});
