import { expect, test } from '@jest/globals';
import { templateProblem } from './template-words.ts';

test.each([
  ['apiVersion', '{info.version}-{deployment} {stage} {tag.release}', undefined],
  ['apiVersion', '1.0', undefined],
  ['apiVersion', '{}', undefined],
  [
    'apiVersion',
    '{name}',
    '{name} is not known: there are {info.version}, {deployment}, {stage} and {tag.<key>}',
  ],
  [
    'apiVersion',
    '{tag.}',
    '{tag.} is not known: there are {info.version}, {deployment}, {stage} and {tag.<key>}',
  ],
  ['apiGroup', '{name}/{region}/{account}/{stage}/{tag.team}', undefined],
  [
    'apiGroup',
    '{nmae}',
    '{nmae} is not known: there are {name}, {stage}, {region}, {account} and {tag.<key>}',
  ],
] as const)('%s: %s', (key, template, expected) => {
  expect(templateProblem(key, template)).toBe(expected);
});
