import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { widthOf, type Api, type CatalogEntry, type StoreField } from '@federation-agent/contracts';
import { entry, plan } from '../../test/samples.ts';
import { toApi, toPreview } from './api.ts';
import { toUtf8mb3 } from './utf8mb3.ts';
import { toPage } from './document.ts';
import { collationKey } from './collation-key.ts';

const nameTemplate = '{name} ({stage})';
const mapped = (change: Partial<CatalogEntry>) => toApi(entry(change), { nameTemplate });

/** Every text of an API that has a width, by its field. */
function textsOf(api: Api): readonly (readonly [StoreField, string])[] {
  return [
    ['api.name', api.name],
    ['api.version', api.version],
    ['api.description', api.description],
    ...api.pages.map(({ filename }) => ['page.filename', filename] as const),
    ...api.plans.flatMap(({ name, characteristics }) => [
      ['plan.name', name] as const,
      ...characteristics.map((text) => ['plan.characteristic', text] as const),
    ]),
    ...api.metadata.flatMap(({ name, value }) => [
      ['metadata.name', name] as const,
      ['metadata.value', value] as const,
    ]),
  ];
}

function expectToFit(api: Api): void {
  for (const [field, text] of textsOf(api))
    expect([field, text.length <= widthOf(field)]).toEqual([field, true]);
}

function expectDistinct(texts: readonly string[]): void {
  expect(new Set(texts.map(collationKey)).size).toBe(texts.length);
}

describe('an API', () => {
  test('whose texts fit is as it is, and nothing is said of it', () => {
    const tags = { ['k'.repeat(60)]: 'v'.repeat(256) };
    const { api, changed } = mapped({ version: 'v'.repeat(64), tags });
    expect(changed).toEqual([]);
    expect(api).toMatchObject({ version: 'v'.repeat(64), description: 'All about pets' });
    expect(api.metadata.at(-1)).toEqual({
      name: `Tag ${'k'.repeat(60)}`,
      value: 'v'.repeat(256),
      format: 'STRING',
    });
  });

  test('of a long name keeps the stage, and differs from another of the same beginning; DISCOVER shows the same', () => {
    const [one, other] = ['api1', 'api2'].map((restApiId) =>
      entry({ uniqueId: `123456789012:eu-west-1:${restApiId}:prod`, restApiId, name: 'n'.repeat(1_024) }),
    );
    const { api, changed } = toApi(one ?? entry(), { nameTemplate });
    expect(api.name).toHaveLength(512);
    expect(api.name).toMatch(/^n+…n+ \(prod\)~[\da-f]{6}$/u);
    expect(toPreview(one ?? entry(), { nameTemplate }).name).toBe(api.name);
    expect(toPreview(other ?? entry(), { nameTemplate }).name).not.toBe(api.name);
    expect(changed).toEqual([{ field: 'api.name', whole: `${'n'.repeat(1_024)} (prod)`, sent: api.name }]);
    expect(api.description).toBe(`All about pets\n\nIn full:\n- ${'n'.repeat(1_024)} (prod)`);
  });

  test('has tags in full in its description as long as there is room, and its own description before them', () => {
    const tags = Object.fromEntries(
      Array.from({ length: 50 }, (_, at) => [`${'k'.repeat(126)}${at + 10}`, 'v'.repeat(256)]),
    );
    const { api, changed } = mapped({ tags });
    expect(changed).toHaveLength(50);
    expect(api.metadata).toHaveLength(56);
    expect(api.description).toMatch(/^All about pets\n\nIn full:\n- Tag k{126}10: v{256}\n/u);
    expect(api.description.length).toBeGreaterThan(3_500);
    expectToFit(api);
  });

  test('of a long description keeps what we say of it', () => {
    const { api, changed } = mapped({ description: 'd'.repeat(9_000), endpointTypes: ['PRIVATE'] });
    expect(api.description).toMatch(/^d+…\n\nIt can be reached only from inside a VPC\.$/u);
    expect(api.description).toHaveLength(4_000);
    expect(changed.map(({ field }) => field)).toEqual(['api.description']);
  });

  test('with tags that differ in case only has both: the database may take their keys for one', () => {
    const { api, changed } = mapped({ tags: { env: 'b', Env: 'a' } });
    expect(api.metadata.slice(-2)).toEqual([
      { name: 'Tag Env', value: 'a', format: 'STRING' },
      { name: expect.stringMatching(/^Tag env~[\da-f]{6}$/u), value: 'b', format: 'STRING' },
    ]);
    expect(changed).toMatchObject([{ field: 'metadata.name', whole: 'Tag env', value: 'b' }]);
    // Nothing of it is lost.
    expect(api.description).toBe('All about pets');
  });
});

describe('a plan', () => {
  test('has a limit whose words are too long cut in the path, and in full in its description', () => {
    const method = 'GET /orders/{orderId}/items/{itemId}';
    const methodLimits = { [method]: { rateLimit: 100, burstLimit: 200 } };
    const { api } = mapped({ plans: [plan({ methodLimits })] });
    const full = `${method}: 100 requests per second, burst 200`;
    expect(full).toHaveLength(72);
    expect(api.plans[0]?.characteristics.at(-1)).toMatch(
      /^GET \/orders\/.+…: 100 requests per second, burst 200~[\da-f]{6}$/u,
    );
    expect(api.plans[0]?.description).toBe(`The good one\n\nIn full:\n- ${full}`);
  });

  test('of the name of another is told by its id, whatever the order', () => {
    const plans = ['p2', 'p1'].map((usagePlanId) => plan({ usagePlanId }));
    expect(mapped({ plans }).api.plans.map(({ id, name }) => `${id} ${name}`)).toEqual([
      'p2 Gold~p2',
      'p1 Gold',
    ]);
    expect(mapped({ plans: plans.toReversed() }).api.plans.map(({ id, name }) => `${id} ${name}`)).toEqual([
      'p1 Gold',
      'p2 Gold~p2',
    ]);
  });

  test('is sent once: the same id twice would end the update of the API in APIM', () => {
    expect(mapped({ plans: [plan(), plan()] }).api.plans).toHaveLength(1);
  });
});

test('for a database of three-byte UTF-8: no emoji anywhere, ids as they are, and what was distinct is', () => {
  const tags = { 'team 🚀': 'a', 'team 🧪': 'b', 'team 東': 'c' };
  const page = toPage(Buffer.from('{"info":{"description":"🚀"}}'));
  const { api } = toApi(entry({ name: 'Pets 🐶', tags, plans: [plan({ description: '👨‍👩‍👧' })] }), {
    nameTemplate,
    page,
  });
  const sent = toUtf8mb3(api);
  expect(JSON.stringify(sent)).not.toMatch(/[\u{10000}-\u{10FFFF}]/u);
  expect(sent).toMatchObject({ uniqueId: api.uniqueId, name: 'Pets \ufffd (prod)' });
  expect(sent.pages[0]?.content).toBe('{"info":{"description":"\ufffd"}}');
  expectDistinct(sent.metadata.map(({ name }) => name));
  expectToFit(sent);
});

test('whatever AWS has: every text fits, those that must be are distinct, and no plan, tag or limit is lost', () => {
  const piece = fc.constantFrom('a', 'A', 'ä', 'ж', 'Ж', '東', '🚀', '👨‍👩‍👧', 'e\u0301', ' ', '/', ': ', '{id}');
  const word = (most: number) =>
    fc
      .tuple(fc.array(piece, { maxLength: 12 }), fc.nat({ max: most }))
      .map(([parts, more]) => parts.join('').trim() + 'x'.repeat(more));
  const limits = fc.record({
    rateLimit: fc.integer({ min: 1, max: 1e6 }),
    burstLimit: fc.integer({ min: 1, max: 1e6 }),
  });
  const anyPlan = fc.record({
    name: word(140),
    description: word(300),
    methodLimits: fc.dictionary(word(130), limits),
  });
  const anyEntry = fc.record({
    name: word(1_024),
    version: word(140),
    description: word(9_000),
    tags: fc.dictionary(word(128), word(256), { maxKeys: 50 }),
    plans: fc.array(anyPlan, { maxLength: 4 }),
  });
  fc.assert(
    fc.property(anyEntry, word(600), ({ plans, ...change }, template) => {
      const all = plans.map((one, index) => plan({ ...one, usagePlanId: `p${index}` }));
      const { api } = toApi(entry({ ...change, plans: all }), {
        nameTemplate: template,
        page: toPage(Buffer.from('{}')),
      });
      expectToFit(api);
      expect(api.plans.map(({ id }) => id)).toEqual(all.map(({ usagePlanId }) => usagePlanId));
      expectDistinct(api.plans.map(({ name }) => name));
      for (const [index, { characteristics }] of api.plans.entries()) {
        expectDistinct(characteristics);
        expect(characteristics.length).toBe(3 + Object.keys(all[index]?.methodLimits ?? {}).length);
      }
      expectDistinct(api.metadata.map(({ name }) => name));
      expect(api.metadata).toHaveLength(6 + Object.values(change.tags).filter(Boolean).length);
    }),
    { numRuns: 60 },
  );
});
