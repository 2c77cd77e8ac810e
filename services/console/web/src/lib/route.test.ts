import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { href, queryText, routeOf } from './route.ts';

test('the address of a page leads to it, whatever its ids are', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (subscriptionId) => {
      const address = href('subscription', { integrationId: 'i', subscriptionId });
      // A part of dots alone would be resolved by the browser; no id is one.
      fc.pre(!/^\.{1,2}$/u.test(subscriptionId));
      const url = new URL(address, 'http://console');
      expect(routeOf(url.pathname, url.search)).toMatchObject({
        page: 'subscription',
        params: { integrationId: 'i', subscriptionId },
      });
    }),
  );
});

test('a slash at the end changes nothing', () => expect(routeOf('/events/', '')?.page).toBe('events'));

test.each(['/nowhere', '/estate/a/b', '/estate/%E0%A4%A'])('%s is no page', (path) =>
  expect(routeOf(path, '')).toBeUndefined(),
);

test('a query keeps what is said, and only that', () => {
  expect(queryText({ q: 'pets & more', kind: '', state: undefined, limit: 5 })).toBe(
    '?q=pets+%26+more&limit=5',
  );
  expect(queryText({})).toBe('');
});
