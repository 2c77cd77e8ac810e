import { expect, test } from '@jest/globals';
import type { StageRow } from '../../../src/api/estate.ts';
import { estateTree, regionOf } from './estate-tree.ts';
import { treeRows } from './tree.ts';

const stageRow = (restApiId: string, stage: string): StageRow => ({
  uniqueId: `1:eu:${restApiId}:${stage}`,
  integrationId: 'i',
  account: '1',
  region: 'eu',
  restApiId,
  stage,
  name: `API ${restApiId}`,
  version: '1',
  plans: [{ usagePlanId: 'p', name: 'Gold', detached: true, sent: true }],
  document: 'stored',
  state: 'listed',
  reasons: [],
  changedAt: 0,
});
const region = { region: 'eu', apis: 2, stages: 3, listed: 3, hidden: 0, stale: 0 };
const upper = { accounts: [{ account: '1', stages: 3, regions: [region] }] };
const labels = (loaded: Parameters<typeof estateTree>[1]): readonly string[] =>
  treeRows(
    estateTree(upper, loaded),
    new Set(['account/1', 'region/1/eu', 'region/1/eu/i/a', 'region/1/eu/i/a/v1']),
  ).map(({ node: { label, note }, level }) => `${level} ${label} ${note}`.trim());

test('an opened region waits for what is in it', () =>
  expect(labels(new Map())).toEqual(['1 1 3', '2 eu 3', '3 Loading…']));

test('APIs, stages and plans follow, and what was not loaded is said', () => {
  const rows = [stageRow('a', 'v1'), stageRow('a', 'v2'), stageRow('b', 'v1')];
  expect(labels(new Map([['region/1/eu', { total: 1_003, rows }]]))).toEqual([
    '1 1 3',
    '2 eu 3',
    '3 API a 2',
    '4 v1',
    '5 Gold detached',
    '4 v2',
    '3 API b',
    '3 1,000 more stages: search the table',
  ]);
});

test('only a region is loaded when it is opened', () =>
  expect([regionOf('region/1/eu'), regionOf('account/1')]).toEqual([
    { account: '1', region: 'eu' },
    undefined,
  ]));
