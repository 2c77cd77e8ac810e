import { expect, test } from '@jest/globals';
import { settingsOf } from '../test/samples.ts';

test('an API is called by its name alone only where one stage is wanted', () => {
  expect(settingsOf().nameTemplate).toBe('{name} ({stage})');
  expect(settingsOf({ stage: 'prod' }).nameTemplate).toBe('{name}');
  expect(settingsOf({ stage: 'prod,dev' }).nameTemplate).toBe('{name} ({stage})');
  expect(settingsOf({ include: { stages: 'pro*' } }).nameTemplate).toBe('{name} ({stage})');
  expect(settingsOf({ apiName: '{region} {name}' }).nameTemplate).toBe('{region} {name}');
});

test('settings that decide the catalog change the fingerprint, the name does not', () => {
  const { fingerprint } = settingsOf();
  expect(settingsOf().fingerprint).toBe(fingerprint);
  expect(settingsOf({ apiName: 'x' }).fingerprint).toBe(fingerprint);
  for (const change of [
    { stage: 'dev' },
    { exclude: { names: 'x' } },
    { acceptApiWithoutUsagePlan: 'true' },
    { schedule: '1h' },
    { httpApis: 'true' },
    { webSocketApis: 'true' },
    { filter: 'tag.team' },
    { customDomains: 'true' },
    { accountLimits: 'true' },
  ]) {
    expect(settingsOf(change).fingerprint).not.toBe(fingerprint);
  }
});
