import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  Api,
  PreviewApi,
  routingKeys,
  type CatalogEntry,
  type CatalogPlan,
} from '@federation-agent/contracts';
import { entry, plan } from '../../test/samples.ts';
import { toApi, toPreview } from './api.ts';
import { invokeUrl } from './invoke-url.ts';
import { apiName } from './template.ts';
import { limitsInWords, toPlans } from './plan.ts';

const nameTemplate = '{name} ({stage})';
const toPlan = (one: CatalogPlan) => toPlans([one]).plans[0];

describe('an API', () => {
  test('has the unique id as id, the routing data, its plans, its page', () => {
    const page = { pageType: 'SWAGGER', content: '{}', filename: 'openapi.json' } as const;
    const { api, changed } = toApi(entry(), { nameTemplate, page });
    expect(changed).toEqual([]);
    expect(Api.parse(api)).toEqual(api);
    expect(api).toMatchObject({
      uniqueId: '123456789012:eu-west-1:api1:prod',
      id: '123456789012:eu-west-1:api1:prod',
      name: 'Pets (prod)',
      version: '1.2',
      description: 'All about pets',
      type: 'PROXY',
      pages: [page],
      plans: [{ id: 'p1', planSecurityType: 'API_KEY' }],
    });
    expect(api.connectionDetails).toEqual({
      [routingKeys.account]: '123456789012',
      [routingKeys.region]: 'eu-west-1',
      [routingKeys.restApiId]: 'api1',
      [routingKeys.stage]: 'prod',
      [routingKeys.invokeUrl]: 'https://api1.execute-api.eu-west-1.amazonaws.com/prod',
    });
  });

  test.each([
    ['an authorizer brings the key', { apiKeySource: 'AUTHORIZER' }, 'authorizer'],
    ['its default endpoint is off', { disableExecuteApiEndpoint: true }, 'default endpoint'],
    ['it is private', { endpointTypes: ['PRIVATE'] }, 'VPC'],
    [
      'AWS cannot export it',
      {
        document: { state: 'unavailable', cacheKey: 'k', reason: 'non-JSON models', exportedAt: 1 } as const,
      },
      'non-JSON models',
    ],
  ])('says when %s', (_name, change, words) => {
    expect(toApi(entry(change), { nameTemplate }).api.description).toContain(words);
  });

  test('lets no tag over the routing keys of a subscription: APIM merges such metadata', () => {
    const tags = { 'aws-api-gateway.account': 'x', 'Aws-Api-Gateway': 'y', 'a b=c': 'd', empty: '' };
    const { metadata } = toApi(entry({ tags }), { nameTemplate }).api;
    const names = metadata.map(({ name }) => name);
    expect(names.filter((name) => /aws-api-gateway/iu.test(name) || name.startsWith('aws.'))).toEqual([]);
    expect(metadata).toContainEqual({ name: 'Tag a b=c', value: 'd', format: 'STRING' });
    expect(metadata.filter(({ value }) => value === '')).toEqual([]);
  });

  test('of any entry is of the strict form that APIM reads, and so is a preview of it', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(
        text,
        text,
        text,
        fc.dictionary(text, text),
        text,
        (name, description, version, tags, template) => {
          const any = entry({ name, description, version, tags, plans: [plan({ name, description })] });
          expect(Api.safeParse(toApi(any, { nameTemplate: template }).api).success).toBe(true);
          const preview = toPreview(any, { nameTemplate: template });
          expect(PreviewApi.safeParse(preview).success).toBe(true);
          expect(preview).toMatchObject({ uniqueId: any.uniqueId, id: any.uniqueId });
        },
      ),
    );
  });
});

test('a name is the template filled in once, and never empty', () => {
  expect(apiName(entry(), { nameTemplate: '{account}/{region}: {name}-{stage} {other}' })).toBe(
    '123456789012/eu-west-1: Pets-prod {other}',
  );
  expect(apiName(entry({ name: '{stage}' }), { nameTemplate: '{name}' })).toBe('{stage}');
  expect(apiName(entry({ name: ' ' }), { nameTemplate: '{name}' })).toBe('123456789012:eu-west-1:api1:prod');
});

describe('a plan', () => {
  test('has its limits in words', () => {
    expect(limitsInWords({ rateLimit: 1, burstLimit: 2_000, quota: { limit: 1, period: 'WEEK' } })).toEqual([
      '1 request per second',
      'burst 2,000',
      '1 request per week',
    ]);
    expect(limitsInWords({ rateLimit: 10.5, quota: { limit: 1_000_000, period: 'MONTH' } })).toEqual([
      '10.5 requests per second',
      '1,000,000 requests per month',
    ]);
    const methodLimits = { 'GET /pets': { rateLimit: 2 }, 'DELETE /pets': {}, 'ANY /': { burstLimit: 1 } };
    expect(toPlan(plan({ limits: {}, methodLimits }))?.characteristics).toEqual([
      'no limits',
      'ANY /: burst 1',
      'GET /pets: 2 requests per second',
    ]);
  });

  test('says that it is detached, since when, beside its own description', () => {
    const detached = { since: Date.UTC(2026, 1, 3), reads: 1, lastReadAt: Date.UTC(2026, 1, 4) };
    expect(toPlan(plan({ detached }))?.description).toMatch(
      /^The good one\n\nDetached in AWS \(seen 2026-02-03\)/u,
    );
    expect(toPlan(plan({ name: '', description: '' }))).toMatchObject({
      id: 'p1',
      name: 'p1',
      description: '',
    });
  });
});

test('an invoke URL is of the partition, and of the VPC endpoint where there is one', () => {
  const facts = {
    restApiId: 'a1',
    stage: 'prod',
    region: 'cn-north-1',
    dnsSuffix: 'amazonaws.com.cn',
    endpointTypes: ['REGIONAL'],
    vpcEndpointIds: ['vpce-1'],
  };
  expect(invokeUrl(facts)).toBe('https://a1.execute-api.cn-north-1.amazonaws.com.cn/prod');
  expect(invokeUrl({ ...facts, endpointTypes: ['PRIVATE'] })).toBe(
    'https://a1-vpce-1.execute-api.cn-north-1.amazonaws.com.cn/prod',
  );
});

describe('a plan that promises more than the stage keeps says so', () => {
  const document = (keyRequired?: boolean): Partial<CatalogEntry> => ({
    document: {
      state: 'stored',
      cacheKey: 'k',
      ref: { sha256: 'a'.repeat(64), chunks: 1, bytes: 1 },
      exportedAt: 1,
      ...(keyRequired !== undefined && { facts: { keyRequired } }),
    },
  });
  const limited = plan({ description: '', limits: { rateLimit: 100, burstLimit: 20 } });
  const described = (change: Partial<CatalogEntry>, one: CatalogPlan = limited): string =>
    toApi(entry({ plans: [one], ...change }), { nameTemplate }).api.plans[0]?.description ?? '';

  test.each<[name: string, change: Partial<CatalogEntry>, words: RegExp]>([
    ['no method wants a key', document(false), /^No method of this stage requires an API key/u],
    ['an authorizer brings the key', { apiKeySource: 'AUTHORIZER' }, /takes its key from an authorizer/u],
    [
      'the stage allows less',
      { stageThrottle: { rateLimit: 50 } },
      /stage itself allows only 50 requests per second\.$/u,
    ],
    [
      'the account allows less',
      { accountThrottle: { rateLimit: 500, burstLimit: 5 } },
      /account together are allowed only burst 5\.$/u,
    ],
  ])('%s', (_name, change, words) => expect(described(change)).toMatch(words));

  test.each<[name: string, change: Partial<CatalogEntry>]>([
    ['a method wants a key', document(true)],
    ['the document does not say', document()],
    ['the stage allows as much', { stageThrottle: { rateLimit: 100, burstLimit: 20 } }],
  ])('and nothing where %s', (_name, change) => expect(described(change)).toBe(''));

  test('a plan without limits promises everything', () => {
    const stage = { stageThrottle: { rateLimit: 50 } };
    expect(described(stage, plan({ description: '', limits: {} }))).toMatch(/only 50 requests/u);
  });
});

test('owner, contact and group are metadata where they are asked for', () => {
  const one = entry({ tags: { owner: 'Ann', mail: 'ann@example.com' } });
  const showing = { nameTemplate, ownerTag: 'owner', contactTag: 'mail', groupTemplate: '{name}' };
  const names = ({ name, value }: { name: string; value: string }) => `${name}=${value}`;
  expect(toApi(one, showing).api.metadata.map(names)).toEqual(
    expect.arrayContaining(['Owner=Ann', 'Contact=ann@example.com', 'API group=Pets']),
  );
  expect(toApi(one, { nameTemplate }).api.metadata.map(({ name }) => name)).not.toContain('Owner');
});
