import { expect, test } from '@jest/globals';
import type { AuditEvent } from '../../../src/api/events.ts';
import { exportPath, filterOf, matches, withNew } from './events.ts';

const event = (sequence: number, more: Partial<AuditEvent> = {}): AuditEvent => ({
  sequence,
  at: 0,
  kind: 'api',
  what: 'added',
  integrationId: 'i',
  actor: 'agent',
  outcome: 'ok',
  ...more,
});

test('an address has the filter, and other words are none of it', () =>
  expect(filterOf(new URLSearchParams('kind=api&account=+&page=3&api=a:b'))).toEqual({
    kind: 'api',
    api: 'a:b',
  }));

test('an event matches when each value of the filter is equal', () => {
  const held = event(1, { kind: 'subscription', what: 'held', graviteeSubscriptionId: 's1' });
  expect(matches(held, {})).toBe(true);
  expect(matches(held, { kind: 'subscription', subscription: 's1' })).toBe(true);
  expect(matches(held, { kind: 'subscription', subscription: 's' })).toBe(false);
  expect(matches(held, { account: '1' })).toBe(false);
});

test('a file has the same filter', () =>
  expect(exportPath({ kind: 'scan', region: 'eu-west-1' }, 'csv')).toBe(
    '/api/events/export?format=csv&kind=scan&region=eu-west-1',
  ));

test('an event that comes twice is shown once, the newest first', () => {
  const shown = [event(3), event(2)];
  expect(withNew(shown, [event(3)])).toBe(shown);
  expect(withNew(shown, [event(4), event(5), event(3)]).map(({ sequence }) => sequence)).toEqual([
    5, 4, 3, 2,
  ]);
});
