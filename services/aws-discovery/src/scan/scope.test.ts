import { describe, expect, test } from '@jest/globals';
import { entry, plan, restApi, settingsOf, stage, usagePlan } from '../../test/samples.ts';
import { toLists } from './read.ts';
import { apisInScope, isListed, plansByStage, stagesOfApi, stagesOfLists } from './scope.ts';
import { stageKey } from './seen.ts';

const open = (restApiId: string, name = 'prod') => ({ restApiId, stage: name, methodLimits: {} });
const apis = new Map(['a', 'b', 'c'].map((id) => [id, restApi({ id, name: id })]));

describe('plans of a stage', () => {
  test('are those that name it, in the order of their names, with the limits of its methods', () => {
    const methodLimits = { 'GET /pets': { rateLimit: 1 } };
    const byStage = plansByStage([
      usagePlan({ id: 'p2', name: 'B', stages: [open('a'), { ...open('b'), methodLimits }] }),
      usagePlan({ id: 'p3', name: 'A', stages: [open('a')] }),
      usagePlan({ id: 'p1', name: 'A', stages: [open('a')] }),
    ]);
    const ids = (restApiId: string) =>
      byStage.get(stageKey({ restApiId, stage: 'prod' }))?.map(({ usagePlanId }) => usagePlanId);
    expect(ids('a')).toEqual(['p1', 'p3', 'p2']);
    expect(ids('b')).toEqual(['p2']);
    expect(ids('c')).toBeUndefined();
    expect(byStage.get('b prod')?.[0]?.methodLimits).toEqual(methodLimits);
  });
});

describe('stages to look at', () => {
  test('after the lists: known ones, and those that a plan names of an API that is there', () => {
    const lists = toLists(
      [...apis.values()],
      [usagePlan({ stages: [open('a'), open('a', 'dev'), open('gone')] })],
      0,
    );
    const known = [entry({ restApiId: 'a' }), entry({ restApiId: 'left' })];
    expect(stagesOfLists(lists, known).map(stageKey).sort()).toEqual(['a dev', 'a prod', 'left prod']);
  });

  test('after GetStages: known ones of the API, and all that it shows where plans are not asked for', () => {
    const known = [entry({ restApiId: 'a' }), entry({ restApiId: 'b' })];
    const api = { restApiId: 'a', api: apis.get('a') };
    const seen = { kind: 'read', stages: new Map([['dev', stage({ name: 'dev' })]]) } as const;
    expect(stagesOfApi(api, seen, known, settingsOf()).map(stageKey)).toEqual(['a prod']);
    const all = settingsOf({ acceptApiWithoutUsagePlan: 'true' });
    expect(stagesOfApi(api, seen, known, all).map(stageKey).sort()).toEqual(['a dev', 'a prod']);
  });
});

describe('APIs whose stages a scan reads', () => {
  const known = [entry({ restApiId: 'b', name: 'b' }), entry({ restApiId: 'gone' })];

  test('are those of the catalog that AWS has', () => {
    expect(apisInScope(apis, known, settingsOf())).toEqual(['b']);
  });

  test('are those that a filter may let pass, whatever their stages are', () => {
    const every = { acceptApiWithoutUsagePlan: 'true' };
    expect(apisInScope(apis, [], settingsOf({ ...every, filter: 'stage == "dev"' }))).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(apisInScope(apis, [], settingsOf({ ...every, filter: 'name == "b" && stage == "dev"' }))).toEqual([
      'b',
    ]);
  });

  test('are all where plans are not asked for, without those that the filters refuse by name or tag', () => {
    const every = { acceptApiWithoutUsagePlan: 'true' };
    expect(apisInScope(apis, known, settingsOf(every))).toEqual(['a', 'b', 'c']);
    expect(apisInScope(apis, known, settingsOf({ ...every, stage: 'dev' }))).toEqual(['a', 'b', 'c']);
    expect(apisInScope(apis, known, settingsOf({ ...every, exclude: { names: 'a' } }))).toEqual(['b', 'c']);
    expect(apisInScope(apis, known, settingsOf({ ...every, include: { names: 'c' }, stage: 'dev' }))).toEqual(
      ['c'],
    );
  });
});

describe('an entry is shown', () => {
  test.each([
    ['with a plan', {}, {}, true],
    ['hidden', { missing: { since: 1, reads: 1 } }, {}, false],
    ['without a plan', { plans: [] }, {}, false],
    ['without a plan, where none is asked for', { plans: [] }, { acceptApiWithoutUsagePlan: 'true' }, true],
    ['without a plan, but APIM was sent one', { plans: [], plansSent: true }, {}, true],
    [
      'with a plan that is detached',
      { plans: [plan({ sent: true, detached: { since: 1, reads: 9, lastReadAt: 1 } })] },
      {},
      true,
    ],
    ['at a stage that the filters refuse', {}, { stage: 'dev' }, false],
    ['degraded', { degraded: { reason: 'x', since: 1 } }, {}, true],
  ])('or not: %s', (_name, change, configuration, shown) => {
    expect(isListed(entry(change), settingsOf(configuration))).toBe(shown);
  });
});
