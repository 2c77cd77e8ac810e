import { expect, test } from '@jest/globals';
import { entry } from '../../test/samples.ts';
import { apiName, groupOf, versionOf } from './template.ts';

const tagged = entry({ tags: { product: 'Shop', team: 'payments', empty: '' } });

test.each([
  ['{tag.product} {name}', 'Shop Pets'],
  ['{tag.none} {name}', 'Pets'],
  ['{name} {tag.empty} ({stage})', 'Pets (prod)'],
  ['{tag.none}', '123456789012:eu-west-1:api1:prod'],
  ['{account}/{region} {other}', '123456789012/eu-west-1 {other}'],
])('the name %s', (nameTemplate, expected) => {
  expect(apiName(tagged, { nameTemplate })).toBe(expected);
});

const stored = entry({
  version: '1.2',
  deploymentId: 'dep1',
  document: {
    state: 'stored',
    cacheKey: 'k',
    ref: { sha256: 'a'.repeat(64), chunks: 1, bytes: 1 },
    exportedAt: 1,
    facts: { version: '7.0' },
  },
});

test.each([
  [undefined, '1.2'],
  ['{info.version}', '7.0'],
  ['{deployment}', 'dep1'],
  ['{stage}-{deployment}', 'prod-dep1'],
  ['{tag.version}', '1.2'],
])('the version %s', (versionTemplate, expected) => {
  expect(versionOf(stored, { versionTemplate })).toBe(expected);
});

test('the version of an API without a document is its own', () => {
  expect(versionOf(entry({ version: '1.2' }), { versionTemplate: '{info.version}' })).toBe('1.2');
});

test('a group is what the stages of an API have in common', () => {
  expect(groupOf(tagged, { groupTemplate: '{tag.team}/{name}' })).toBe('payments/Pets');
  expect([groupOf(tagged, {}), groupOf(tagged, { groupTemplate: '{tag.none}' })]).toEqual(['', '']);
});
