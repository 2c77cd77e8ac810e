import { describe, expect, test } from '@jest/globals';
import { AgentConfig } from './config.ts';
import { stageFilter } from './stage-filter.ts';

const pets = { name: 'pets-v1', stage: 'prod', tags: { team: 'red', public: '' } };
const passes = (configuration: object): boolean => {
  const provider = {
    type: 'aws-api-gateway',
    integrationId: 'i',
    configuration: { region: 'r', ...configuration },
  };
  const [parsed] = AgentConfig.parse({ integration: { providers: [provider] } }).integration.providers;
  return parsed !== undefined && stageFilter(parsed.configuration)(pets);
};

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
    ['an expression', { filter: 'tag.team == "red"' }, true],
    ['an expression, but not the list', { filter: 'tag.team == "red"', stage: 'dev' }, false],
    ['the list, but not the expression', { filter: 'tag.team == "blue"', stage: 'prod' }, false],
  ])('passes or not: %s', (_name, configuration, expected) => {
    expect(passes(configuration)).toBe(expected);
  });
});
