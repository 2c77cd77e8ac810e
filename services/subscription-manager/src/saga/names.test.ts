import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  integrationInDescription,
  keyDescription,
  keyName,
  keyNamePrefix,
  maxKeyName,
  parseKeyName,
} from './names.ts';

const parts = { graviteeSubscriptionId: '0aa60a34', life: 2, applicationName: 'My app' };

test('a key is named after its subscription, its life and the application', () => {
  expect(keyName(parts)).toBe('gravitee-0aa60a34-2 My app');
});

test('a list finds it by its prefix, whatever the application is called', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (applicationName) => {
      const name = keyName({ ...parts, applicationName });
      expect(name.startsWith(keyNamePrefix('0aa60a34', 2))).toBe(true);
      expect(name.length).toBeLessThanOrEqual(maxKeyName);
      expect(name.isWellFormed()).toBe(true);
      expect(name).not.toMatch(/\p{Cc}/u);
    }),
  );
});

test('a name is not cut through a character', () => {
  const name = keyName({ ...parts, applicationName: '🔑'.repeat(1_000) });
  expect(name.isWellFormed()).toBe(true);
  expect(name.length).toBeGreaterThan(maxKeyName - 3);
});

test('the description says for whom the key is', () => {
  expect(keyDescription({ applicationId: 'app', integrationId: 'int', usagePlanId: 'plan' })).toBe(
    'Gravitee application app, integration int, usage plan plan',
  );
});

test('subscription, life and integration are read back from what the agent writes', () => {
  const printable = fc.stringMatching(/^[\x20-\x7e]*$/u);
  fc.assert(
    fc.property(fc.uuid(), fc.integer({ min: 1, max: 9_999 }), printable, (id, life, applicationName) => {
      const name = keyName({ graviteeSubscriptionId: id, life, applicationName });
      expect(parseKeyName(name)).toEqual({ graviteeSubscriptionId: id, life });
      const description = keyDescription({ applicationId: 'a', integrationId: id, usagePlanId: 'p1' });
      expect(integrationInDescription(description)).toBe(id);
    }),
  );
});

test.each([
  '',
  'gravitee',
  'gravitee-',
  'gravitee-x',
  'gravitee-x-0',
  'gravitee-x-1y',
  'my gravitee-x-1',
  'Gravitee-x-1',
])('a name that the agent does not give: %j', (name) => {
  expect(parseKeyName(name)).toBeUndefined();
});
