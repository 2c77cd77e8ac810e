import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ScanRecord } from '@federation-agent/contracts';
import { account, minute, region, settingsOf, start, usagePlan } from '../../test/samples.ts';
import { withListsWritten, withPlans } from './plans-record.ts';

const settings = settingsOf();
const empty: ScanRecord = {
  integrationId: 'integration',
  account,
  region,
  dueAt: start,
  usagePlans: {},
  gonePlans: {},
};
const read = (record: ScanRecord | undefined, ids: readonly string[], readAt: number, digest = ids.join()) =>
  withPlans(record, { usagePlans: ids.map((id) => usagePlan({ id, name: id })), readAt }, settings, digest);

describe('a complete read of the usage plans', () => {
  test('is taken in once, and not after a newer one', () => {
    const after = read(empty, ['p1'], start);
    expect(after).toMatchObject({
      usagePlansReadAt: start,
      usagePlans: { p1: { name: 'p1' } },
      gonePlans: {},
    });
    expect(read(after, [], start)).toBeUndefined();
    expect(read(after, [], start - 1)).toBeUndefined();
    expect(read(undefined, ['p1'], start)).toBeUndefined();
  });

  test('counts the plans that are gone, a schedule apart; one that comes back was never gone', () => {
    const gone = read(read(empty, ['p1'], start), [], start + minute);
    expect(gone?.gonePlans).toEqual({ p1: { since: start + minute, reads: 1, lastReadAt: start + minute } });
    const soon = read(gone, [], start + 2 * minute);
    expect(soon?.gonePlans).toEqual(gone?.gonePlans);
    const later = read(soon, [], start + 16 * minute);
    expect(later?.gonePlans).toEqual({
      p1: { since: start + minute, reads: 2, lastReadAt: start + 16 * minute },
    });
    expect(read(later, ['p1'], start + 40 * minute)?.gonePlans).toEqual({});
  });

  test('never believes that a plan is gone on less than two reads a schedule apart that lack it', () => {
    const step = fc.record({ ids: fc.subarray(['p1', 'p2']), gap: fc.integer({ min: 1, max: 20 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
        let record = read(empty, ['p1', 'p2'], start);
        let readAt = start;
        let lacking: number[] = [];
        for (const { ids, gap } of steps) {
          readAt += gap * minute;
          record = read(record, ids, readAt);
          lacking = ids.includes('p1') ? [] : [...lacking, readAt];
          const reads = record?.gonePlans['p1']?.reads ?? 0;
          expect(reads > 0).toBe(lacking.length > 0);
          if (reads >= 2) expect(readAt - (lacking[0] ?? readAt)).toBeGreaterThanOrEqual(15 * minute);
        }
      }),
    );
  });

  test('keeps the record within one broker message, however many plans come and go', () => {
    let record: ScanRecord | undefined = empty;
    for (let round = 0; round < 20; round += 1) {
      const ids = Array.from({ length: 300 }, (_, index) => `plan-${round}-${index}`);
      record = read(record, ids, start + round * 20 * minute);
    }
    expect(JSON.stringify(record).length).toBeLessThan(500_000);
    expect(record?.gonePlans).toHaveProperty('plan-18-0');
  });
});

test('the lists count as written only when they are, and never back in time', () => {
  expect(read(empty, [], start)).not.toHaveProperty('listsReadAt');
  const written = withListsWritten(empty, start, 'a');
  expect(written).toMatchObject({ listsReadAt: start, listsDigest: 'a' });
  expect(withListsWritten(written, start - 1, 'a')).toBeUndefined();
});

describe('the digest of the lists that the catalog was written from', () => {
  const trouble = { since: start, reason: 'denied' };
  const written = withListsWritten({ ...empty, listsTrouble: trouble }, start, 'p1');

  test('while AWS says the same, that read is written as soon as it is taken in', () => {
    const again = read({ ...empty, ...written, listsTrouble: trouble }, ['p1'], start + minute);
    expect(again).toMatchObject({ listsReadAt: start + minute, listsDigest: 'p1' });
    expect(again).not.toHaveProperty('listsTrouble');
  });

  test('is gone from the moment on that other lists are being written, until they are', () => {
    const half = read(written, ['p2'], start + minute);
    expect(half).toMatchObject({ listsReadAt: start });
    expect(half).not.toHaveProperty('listsDigest');
    expect(read(half, ['p1'], start + 2 * minute)).not.toHaveProperty('listsDigest');
  });

  test('is not kept when an entry could not be written', () => {
    expect(withListsWritten(written, start + minute, undefined)).not.toHaveProperty('listsDigest');
  });

  test('is gone when an older read with other lists has ended after the newer one', () => {
    expect(withListsWritten(written, start - 1, 'p0')).not.toHaveProperty('listsDigest');
    expect(withListsWritten(written, start - 1, 'p0')).toMatchObject({ listsReadAt: start });
  });
});
