import { expect, test } from '@jest/globals';
import { realLimits, type SubscriptionRecord } from '@federation-agent/contracts';
import { record } from '../../test/saga/builders.ts';
import { sweepFromOf, sweepUntilOf } from './record-index.ts';

const { tombstone } = realLimits;
const until = (state: SubscriptionRecord['state'], changes: Partial<SubscriptionRecord> = {}) =>
  sweepUntilOf(record(state, changes), tombstone);

test('what is over or needs a person is not swept; what is under way is swept until it is over', () => {
  expect(until('revoked')).toBeUndefined();
  expect(until('unresolved')).toBeUndefined();
  for (const state of [
    'intent',
    'created',
    'attached',
    'unconfirmed',
    'revoking',
    'sweeping',
    'purging',
  ] as const)
    expect(until(state)).toBe(Infinity);
});

test('a key that an UNSUBSCRIBE gave up is left to the command and its redelivery for a minute', () => {
  const from = (changes: Partial<SubscriptionRecord>) =>
    sweepFromOf(record('revoking', { changedAt: 1_000, ...changes }), realLimits);
  expect(from({ unsubscribed: 'abc' })).toBe(61_000);
  expect(from({})).toBeUndefined();
  expect(from({ unsubscribed: 'abc', state: 'sweeping' })).toBeUndefined();
});

test('a held key is swept while the gate of an attempt is open, for a day after the last deadline', () => {
  const delivered = { commandId: 'a', deadline: 5, outcome: { state: 'delivered', at: 1 } } as const;
  expect(until('held', { attempts: [delivered] })).toBeUndefined();
  const open = [delivered, { commandId: 'b', deadline: 7 }, { commandId: 'c', deadline: 6 }];
  expect(until('held', { attempts: open })).toBe(7 + tombstone);
});
