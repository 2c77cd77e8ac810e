import { beforeEach, describe, expect, it, test } from '@jest/globals';
import { catalogKeys } from '@federation-agent/contracts';
import fc from 'fast-check';
import { EstateQuery } from '../api/index.ts';
import { entryOf, integrationId } from '../../test/samples.ts';
import { createEstate, type Estate } from './estate.ts';

const all = { acceptApiWithoutUsagePlan: true, filter: () => true };
const query = (asked: object = {}) => EstateQuery.parse(asked);
let estate: Estate;
beforeEach(() => {
  estate = createEstate(() => all);
});
const put = (key: string, changes: Parameters<typeof entryOf>[0]) => estate.apply(key, entryOf(changes));

describe('a search', () => {
  beforeEach(() => {
    put('a', { restApiId: 'a', name: 'Orders' });
    put('b', { restApiId: 'b', name: 'orders-internal', stage: 'dev' });
    put('c', { restApiId: 'c', name: 'pets', account: '222222222222' });
  });
  it.each([
    ['', ['Orders', 'orders-internal', 'pets']],
    ['ORDERS', ['Orders', 'orders-internal']],
    ['orders dev', ['orders-internal']],
    ['gold', ['Orders', 'orders-internal', 'pets']],
    ['2222', ['pets']],
    ['nothing', []],
  ])('for "%s"', (search, names) => {
    const page = estate.page(query({ search }));
    expect(page.rows.map(({ name }) => name)).toEqual(names);
    expect(page.total).toBe(names.length);
  });

  it('goes with filters, order and pages', () => {
    expect(estate.page(query({ account: '222222222222' })).rows).toHaveLength(1);
    const backwards = estate.page(query({ order: 'desc', offset: 1, limit: 1 }));
    expect(backwards).toMatchObject({ total: 3, rows: [{ name: 'orders-internal' }] });
  });

  it('keeps the order, and finds the new words, when a stage changes', () => {
    expect(estate.page(query({ search: 'silver' })).total).toBe(0);
    const plan = {
      usagePlanId: 'p2',
      name: 'silver',
      description: '',
      limits: {},
      methodLimits: {},
      sent: true,
    };
    put('b', { restApiId: 'b', name: 'orders-internal', stage: 'dev', plans: [plan] });
    expect(estate.page(query({ search: 'silver' })).rows.map(({ name }) => name)).toEqual([
      'orders-internal',
    ]);
    put('b', { restApiId: 'b', name: 'A new name', stage: 'dev' });
    expect(estate.page(query()).rows.map(({ name }) => name)).toEqual(['A new name', 'Orders', 'pets']);
    estate.apply('b', undefined);
    expect(estate.page(query({ search: 'new' })).total).toBe(0);
  });

  it('finds by id or by a part of the name', () => {
    expect(estate.find('b', 5).map(({ name }) => name)).toEqual(['orders-internal']);
    expect(estate.find('rder', 5)).toHaveLength(2);
    expect(estate.find('222222222222:eu-west-1:c:prod', 5)).toHaveLength(1);
  });
});

test('the tree counts APIs and stages of each region', () => {
  put('a', { restApiId: 'a' });
  put('b', { restApiId: 'a', stage: 'dev', missing: { since: 1, reads: 1 } });
  put('c', { restApiId: 'c', region: 'us-east-1', degraded: { reason: 'x', since: 1 } });
  expect(estate.tree()).toEqual({
    accounts: [
      {
        account: '111111111111',
        stages: 3,
        regions: [
          { region: 'eu-west-1', apis: 1, stages: 2, listed: 1, hidden: 1, stale: 0 },
          { region: 'us-east-1', apis: 1, stages: 1, listed: 0, hidden: 0, stale: 1 },
        ],
      },
    ],
  });
});

test('whatever the order of changes, it shows what the catalog has', () => {
  const change = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    there: fc.boolean(),
    degraded: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const model = createEstate(() => all);
      const expected = new Map<string, string>();
      for (const { key, there, degraded } of changes) {
        const more = degraded ? { degraded: { reason: 'x', since: 1 } } : {};
        model.apply(key, there ? entryOf({ restApiId: key, ...more }) : undefined);
        if (there) expected.set(key, degraded ? 'stale' : 'listed');
        else expected.delete(key);
      }
      const shown = model.page(query()).rows.map(({ restApiId, state }) => [restApiId, state]);
      expect(new Map(shown as [string, string][])).toEqual(expected);
      expect(model.counts().stages).toBe(expected.size);
    }),
  );
});

test('a target counts its own stages', () => {
  const { restApiId: api } = entryOf();
  const keyOf = (region: string, stage: string) =>
    catalogKeys.entry(integrationId, { account: '111111111111', region, restApiId: api, stage });
  put(keyOf('eu-west-1', 'prod'), {});
  put(keyOf('eu-west-1', 'prod'), { name: 'renamed' });
  put(keyOf('eu-west-1', 'dev'), { stage: 'dev' });
  put(keyOf('us-east-1', 'dev'), { stage: 'dev', region: 'us-east-1' });
  estate.apply(keyOf('eu-west-1', 'dev'), undefined);
  expect(estate.ofTarget(integrationId, '111111111111', 'eu-west-1')).toBe(1);
  expect(estate.ofTarget('another', '111111111111', 'eu-west-1')).toBe(0);
});

test('two integrations may have the same stage: it stays while one of them has it', () => {
  put('one', { integrationId: 'one' });
  put('two', { integrationId: 'two' });
  const { uniqueId } = entryOf();
  estate.apply('two', undefined);
  expect(estate.byUniqueId(uniqueId)?.integrationId).toBe('one');
  estate.apply('one', undefined);
  expect(estate.byUniqueId(uniqueId)).toBeUndefined();
});
