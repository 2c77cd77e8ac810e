import { describe, expect, test } from '@jest/globals';
import { settingsOf } from '../../test/samples.ts';

const pets = { name: 'pets-v1', stage: 'prod', tags: { team: 'red', public: '' } };
const passes = (configuration: object): boolean => settingsOf(configuration).filter(pets);

describe('a stage', () => {
  test.each([
    ['nothing', {}, true],
    ['its stage', { stage: 'prod' }, true],
    ['one of several stages', { stage: 'dev,prod' }, true],
    ['another stage', { stage: 'dev' }, false],
    ['its name', { include: { names: 'pets-v1' } }, true],
    ['a pattern', { include: { names: 'orders-*, pets-*' } }, true],
    ['a pattern of the end only', { include: { names: 'v1' } }, false],
    ['characters that mean something elsewhere', { include: { names: 'pets.v1' } }, false],
    ['a tag', { include: { tags: 'public' } }, true],
    ['a tag with its value', { include: { tags: 'team=red' } }, true],
    ['a tag with another value', { include: { tags: 'team=blue' } }, false],
    ['name and tag, one of them wrong', { include: { names: 'pets-*', tags: 'team=blue' } }, false],
    ['a stage pattern', { include: { stages: 'pr*' } }, true],
    ['its name, but it is excluded', { include: { names: '*' }, exclude: { tags: 'team=red' } }, false],
    ['an exclusion of another', { exclude: { names: 'orders-*', stages: 'dev' } }, true],
    ['an exclusion that one of several hits', { exclude: { names: 'orders-*', stages: 'prod' } }, false],
    ['another case', { include: { names: 'Pets-v1' } }, false],
  ])('passes or not: %s', (_name, configuration, expected) => {
    expect(passes(configuration)).toBe(expected);
  });
});

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
  ]) {
    expect(settingsOf(change).fingerprint).not.toBe(fingerprint);
  }
});
