import { expect, it } from '@jest/globals';
import { limitsAt, type ScanRecord } from '@federation-agent/contracts';
import { readDeadlines } from './read-deadlines.ts';

const limits = limitsAt(1);
const [now, until] = [1_000_000, 1_045_000];
const record = (changes: Partial<ScanRecord>): ScanRecord => ({
  integrationId: 'one',
  account: '111122223333',
  region: 'eu-west-1',
  dueAt: 0,
  usagePlans: {},
  gonePlans: {},
  ...changes,
});
const read = record({ listsReadAt: 1 });
const troubled = record({ listsTrouble: { since: 1, reason: 'no answer' } });
const waits = (records: readonly ScanRecord[], one: ScanRecord | undefined) =>
  readDeadlines(records, now, until, limits).of(one) - now;

it('all the time there is while nothing was ever read', () => {
  expect(waits([], undefined)).toBe(45_000);
  expect(waits([record({}), troubled], troubled)).toBe(45_000);
});
it('10 s once something was', () => expect(waits([read], undefined)).toBe(10_000));
it('3 s for a target that failed or hung the last time', () =>
  expect(waits([read, troubled], troubled)).toBe(3_000));
it('never longer than the command has', () =>
  expect(readDeadlines([read], now, now + 2_000, limits).of(read)).toBe(now + 2_000));
