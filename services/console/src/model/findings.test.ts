/** What is found, of a key and its record that are one change apart. */
import { describe, expect, test } from '@jest/globals';
import type { JudgedKey } from '@federation-agent/contracts';
import { integrationId, subscriptionOf } from '../../test/samples.ts';
import { findingsOf, heldRecords, type ReadTarget } from './findings.ts';

const place = { integrationId, account: '111111111111', region: 'eu-west-1' };
const key: JudgedKey = {
  keyId: 'key-1',
  keyName: 'gravitee-s-1-1 app',
  enabled: true,
  graviteeSubscriptionId: 's-1',
  describedFor: integrationId,
  verdict: 'live',
  why: 'held',
};
const since = 10;

function found(
  keys: readonly JudgedKey[],
  records = [subscriptionOf()],
  more: Partial<Pick<ReadTarget, 'others' | 'plans'>> = {},
): string[] {
  const target = {
    ...place,
    keys: new Map(keys.map((one) => [one.keyId, one])),
    others: new Set<string>(),
    plans: new Map([['key-1', ['p1']]]),
    ...more,
  };
  return findingsOf(target, heldRecords(records, place, since), [integrationId, 'i-2']).map(
    ({ kind, keyId, deletable }) => `${kind} ${keyId}${deletable ? ' deletable' : ''}`,
  );
}

test('a record and its key, in its plan: nothing', () => {
  expect(found([key])).toEqual([]);
});

describe('a record', () => {
  test('whose key AWS does not have is lost', () => {
    expect(found([])).toEqual(['lost key-1']);
  });

  test.each([
    ['that has ended', { state: 'revoked' }],
    ['that ends', { state: 'revoking' }],
    ['that has changed since the comparison began', { changedAt: since }],
    ['whose key may have been made since then', { lastCreatingCallAt: since }],
    ['of another target', { region: 'eu-west-2' }],
    ['of another integration', { integrationId: 'i-2' }],
  ])('%s is not looked for', (_name, changes) => {
    expect(found([], [subscriptionOf(changes)])).toEqual([]);
  });

  test('whose key is in another plan or in none, disabled or renamed', () => {
    expect(found([key], undefined, { plans: new Map([['key-1', []]]) })).toEqual(['outside-plan key-1']);
    expect(found([key], undefined, { plans: new Map([['key-1', ['p2']]]) })).toEqual(['outside-plan key-1']);
    expect(found([key], undefined, { plans: new Map() })).toEqual([]);
    expect(found([{ ...key, enabled: false }])).toEqual(['disabled key-1']);
    expect(found([], undefined, { others: new Set(['key-1']) })).toEqual(['renamed key-1']);
  });
});

describe('an orphan', () => {
  const orphan = { ...key, keyId: 'key-2', verdict: 'kept' as const };

  test('is deletable as subscription-manager says', () => {
    expect(found([key, orphan])).toEqual(['orphan key-2']);
    expect(found([key, { ...orphan, verdict: 'deletable' }])).toEqual(['orphan key-2 deletable']);
  });

  test('of another integration of this installation is found there', () => {
    expect(found([key, { ...orphan, describedFor: 'i-2' }])).toEqual([]);
    expect(found([key, { ...orphan, describedFor: 'elsewhere' }])).toEqual(['orphan key-2']);
  });

  test('is no key that a live record has under a wrong name', () => {
    expect(found([{ ...key, keyName: 'gravitee-other-1', verdict: 'kept' }])).toEqual(['renamed key-1']);
  });
});
