import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { IngestJob } from '@federation-agent/contracts';
import { limits, minute, start } from '../../test/samples.ts';
import {
  afterBatch,
  afterReply,
  restartedJob,
  isDrivable,
  isExpired,
  renewedJob,
  releasedJob,
  newJob,
  claimedJob,
} from './job.ts';

const job = (change: Partial<IngestJob> = {}): IngestJob => ({
  ...newJob({
    ingestJobId: 'j',
    integrationId: 'i',
    commandId: 'c',
    deadline: start + 50_000,
    items: { inline: ['a', 'b'] },
    total: 2,
    trace: {},
    now: start,
  }),
  ...change,
});
const mine = { instance: 'me', until: start + limits.claim };
const theirs = { instance: 'other', until: start + limits.claim };

describe('a job', () => {
  test('is announced at first, and of the form that is stored', () => {
    expect(IngestJob.parse(job())).toEqual(job());
    expect(job()).toMatchObject({ state: 'announced', nextItem: 0, nextBatch: 0 });
  });

  test.each([
    ['delivered', 2, 'running'],
    ['unconfirmed', 2, 'running'],
    ['refused', 2, 'refused'],
    ['delivered', 0, 'done'],
    ['refused', 0, 'refused'],
  ] as const)('after a reply that was %s with a total of %i is %s', (outcome, total, state) => {
    expect(afterReply(job({ total }), outcome, start + 1_000)?.state).toBe(state);
  });

  test('that runs already is not announced again', () => {
    expect(afterReply(job({ state: 'running' }), 'refused', start)).toBeUndefined();
    expect(afterReply(undefined, 'delivered', start)).toBeUndefined();
  });

  test.each([
    ['it runs', { state: 'running' }, start, true],
    ['it runs and somebody drives it', { state: 'running', claim: theirs }, start, false],
    ['it runs and whoever drove it is dead', { state: 'running', claim: theirs }, theirs.until, true],
    ['it runs and a failure interrupted us', { state: 'running', claim: mine }, start, true],
    ['its command lives', {}, start + 50_000 + limits.attemptGrace - 1, false],
    ['its command died', {}, start + 50_000 + limits.attemptGrace, true],
    ['it is done', { state: 'done' }, start + 90_000, false],
    ['it was refused', { state: 'refused' }, start + 90_000, false],
  ] as const)('is to be driven or not: %s', (_name, change, now, expected) => {
    expect(isDrivable(job(change), 'me', now, limits)).toBe(expected);
    const after = claimedJob(job(change), 'me', now, limits);
    if (expected)
      expect(after).toMatchObject({ state: 'running', claim: { instance: 'me', until: now + limits.claim } });
    else expect(after).toBeUndefined();
  });

  test('whoever takes it up again skips a number, whoever begins it does not', () => {
    expect(claimedJob(job({ state: 'running' }), 'me', start, limits)?.nextBatch).toBe(0);
    const again = job({ state: 'running', nextBatch: 4, claim: mine });
    expect(claimedJob(again, 'me', start, limits)?.nextBatch).toBe(5);
    const left = releasedJob(again, 'me', start);
    expect(claimedJob(left, 'other', start, limits)?.nextBatch).toBe(5);
  });

  test('is moved on by its driver only', () => {
    const step = { nextItem: 1, done: false, now: start + 5, claimMs: limits.claim };
    for (const other of [
      undefined,
      job(),
      job({ state: 'running', claim: theirs }),
      job({ state: 'done', claim: mine }),
    ]) {
      expect(afterBatch(other, 'me', step)).toBeUndefined();
      expect(renewedJob(other, 'me', start)).toBeUndefined();
      expect(releasedJob(other, 'me', start)).toBeUndefined();
    }
    const driven = job({ state: 'running', claim: mine });
    expect(afterBatch(driven, 'me', step)).toMatchObject({
      nextItem: 1,
      nextBatch: 1,
      lastBatchAt: start + 5,
    });
    const done = afterBatch(driven, 'me', { ...step, done: true });
    expect(done).toMatchObject({ state: 'done' });
    expect(done).not.toHaveProperty('claim');
  });

  test('that is over makes place for another command with its id; a redelivered one finds it', () => {
    const refused = job({ state: 'refused', nextBatch: 3 });
    expect(restartedJob(refused, job({ commandId: 'd' }))).toMatchObject({ commandId: 'd', nextBatch: 4 });
    expect(restartedJob(refused, job())).toBeUndefined();
    expect(restartedJob(job({ state: 'running' }), job({ commandId: 'd' }))).toBeUndefined();
    expect(restartedJob(undefined, job())).toEqual(job());
  });

  test('is forgotten after a day, over or not: by then nobody has its integration', () => {
    for (const state of ['done', 'refused', 'running', 'announced'] as const) {
      expect(isExpired(job({ state }), start + limits.tombstone, limits)).toBe(true);
      expect(isExpired(job({ state }), start + 120 * minute, limits)).toBe(false);
    }
  });
});

test('whoever drives it, whenever they die: numbers never repeat with other APIs, items never go back, one is done', () => {
  const act = fc.record({
    who: fc.constantFrom('a', 'b'),
    what: fc.constantFrom('take', 'send', 'finish', 'stop'),
    wait: fc.integer({ min: 0, max: 40_000 }),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
      let record = job({ state: 'running', total: 5 });
      let now = start;
      const driving = new Map<string, IngestJob>();
      const published = new Map<number, string>();
      for (const { who, what, wait } of acts) {
        now += wait;
        const before = record;
        const own = driving.get(who);
        if (what === 'take') {
          const after = claimedJob(record, who, now, limits);
          if (after) driving.set(who, (record = after));
        } else if (what === 'stop') {
          record = releasedJob(record, who, now) ?? record;
          driving.delete(who);
        } else if (own) {
          // It is published, and the process may die before that is recorded.
          const done = what === 'finish';
          const content = `${who} ${own.nextItem} ${done}`;
          const nextItem = done ? 5 : Math.min(5, own.nextItem + 1);
          const after = afterBatch(record, who, { nextItem, done, now, claimMs: limits.claim });
          if (own.claim && own.claim.until > now) {
            expect(published.get(own.nextBatch) ?? content).toBe(content);
            published.set(own.nextBatch, content);
          }
          if (after && after.nextBatch === own.nextBatch + 1) driving.set(who, (record = after));
          else driving.delete(who);
        }
        expect(record.nextItem).toBeGreaterThanOrEqual(before.nextItem);
        expect(record.nextBatch).toBeGreaterThanOrEqual(before.nextBatch);
        if (before.state === 'done') expect(record).toBe(before);
      }
    }),
  );
});
