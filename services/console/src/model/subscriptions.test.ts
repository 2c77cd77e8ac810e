import { expect, test } from '@jest/globals';
import { SubscriptionQuery } from '../api/index.ts';
import { subscriptionOf } from '../../test/samples.ts';
import { createSubscriptions, needsPerson } from './subscriptions.ts';

const query = (asked: object = {}) => SubscriptionQuery.parse(asked);

test('a sealed value does not even get into memory', () => {
  const record = subscriptionOf({ strandedValues: [{ key: 'k', iv: 'i', tag: 't', text: 'sealed-secret' }] });
  expect(JSON.stringify(record)).not.toContain('sealed-secret');
  expect(record.strandedValues).toBe(1);
});

test.each([
  ['held', 0, false],
  ['unconfirmed', 0, true],
  ['unresolved', 0, true],
  ['held', 1, true],
  ['revoking', 0, false],
])('%s with %d keys of unknown id needs a person: %s', (state, stranded, expected) => {
  const strandedValues = Array.from({ length: stranded }, () => ({}));
  expect(needsPerson(subscriptionOf({ state, strandedValues }))).toBe(expected);
});

test('pages, states and names', () => {
  const api = { name: 'orders', plans: [{ usagePlanId: 'p1', name: 'gold', detached: false, sent: true }] };
  const subscriptions = createSubscriptions({
    byUniqueId: (uniqueId) => (uniqueId.includes(':abc:') ? (api as never) : undefined),
  });
  for (const [index, state] of (['held', 'held', 'unconfirmed'] as const).entries()) {
    const graviteeSubscriptionId = `s-${index}`;
    subscriptions.apply(
      graviteeSubscriptionId,
      subscriptionOf({ graviteeSubscriptionId, state, changedAt: index, keyName: `gravitee-s-${index}` }),
    );
  }
  const page = subscriptions.page(query({ limit: 2 }));
  expect(page).toMatchObject({ total: 3, states: { held: 2, unconfirmed: 1 } });
  expect(page.rows.map((row) => row.graviteeSubscriptionId)).toEqual(['s-2', 's-1']);
  expect(page.rows[0]).toMatchObject({ apiName: 'orders', planName: 'gold', needsPerson: true });
  expect(subscriptions.page(query({ needsPerson: 'true' })).total).toBe(1);
  expect(subscriptions.page(query({ search: 's-1 gold' })).total).toBe(1);
  expect(subscriptions.counts()).toEqual({ subscriptions: 3, needPerson: 1 });
  subscriptions.apply('s-2', undefined);
  expect(subscriptions.counts()).toEqual({ subscriptions: 2, needPerson: 0 });
});
