import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyDescription, keyName, keyNamePrefix, maxKeyName } from './names.ts';

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
