import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DomainMapping, DomainName, RoutingRule } from '@federation-agent/aws-control-plane';
import { addressesByStage, nextAddresses, type DomainRead } from './addresses.ts';

const domain = (change: Partial<DomainName> = {}): DomainName => ({
  name: 'api.example.com',
  endpointTypes: ['REGIONAL'],
  routingMode: 'BASE_PATH_MAPPING_ONLY',
  ...change,
});
const mapping = (path: string, stage?: string, apiId = 'a'): DomainMapping => ({
  path,
  apiId,
  ...(stage !== undefined && { stage }),
});
const rule = (change: Partial<RoutingRule> = {}): RoutingRule => ({
  priority: 1,
  basePaths: [],
  needsHeaders: false,
  apiId: 'a',
  stage: 'prod',
  stripBasePath: false,
  ...change,
});
const rulesOnly = { routingMode: 'ROUTING_RULE_ONLY' };
const rulesFirst = { routingMode: 'ROUTING_RULE_THEN_BASE_PATH_MAPPING' };

const urls = (read: Partial<DomainRead>, key = 'a prod'): string[] => {
  const whole = { domain: domain(), mappings: [], rules: [], ...read };
  const found = addressesByStage([whole], () => ['prod', 'dev']).get(key) ?? [];
  return found.map(({ url }) => url);
};

describe('the addresses of a stage under a domain', () => {
  test.each<[name: string, read: Partial<DomainRead>, expected: string[]]>([
    ['the root', { mappings: [mapping('', 'prod')] }, ['https://api.example.com']],
    ['a path', { mappings: [mapping('pets', 'prod')] }, ['https://api.example.com/pets']],
    ['several levels', { mappings: [mapping('shop/v1', 'prod')] }, ['https://api.example.com/shop/v1']],
    ['slashes around it', { mappings: [mapping('/pets/', 'prod')] }, ['https://api.example.com/pets']],
    ['no stage: it is named behind', { mappings: [mapping('p')] }, ['https://api.example.com/p/prod']],
    ['no stage, at the root', { mappings: [mapping('')] }, ['https://api.example.com/prod']],
    ['another stage', { mappings: [mapping('p', 'dev')] }, []],
    ['a wildcard', { domain: domain({ name: '*.example.com' }), mappings: [mapping('', 'prod')] }, []],
    [
      'not verified yet',
      { domain: domain({ status: 'PENDING_OWNERSHIP_VERIFICATION' }), mappings: [mapping('', 'prod')] },
      [],
    ],
    [
      'being updated',
      { domain: domain({ status: 'UPDATING' }), mappings: [mapping('', 'prod')] },
      ['https://api.example.com'],
    ],
    ['rules only', { domain: domain(rulesOnly), mappings: [mapping('', 'prod')] }, []],
    ['rules that do not count', { rules: [rule()] }, []],
    [
      'a rule that strips the path',
      { domain: domain(rulesOnly), rules: [rule({ basePaths: ['v1', 'v2'], stripBasePath: true })] },
      ['https://api.example.com/v1', 'https://api.example.com/v2'],
    ],
    [
      'a rule that passes the path on',
      { domain: domain(rulesOnly), rules: [rule({ basePaths: ['pets'] })] },
      ['https://api.example.com'],
    ],
    ['a rule for headers', { domain: domain(rulesOnly), rules: [rule({ needsHeaders: true })] }, []],
    [
      'a rule for all before the mappings',
      { domain: domain(rulesFirst), rules: [rule({ apiId: 'b' })], mappings: [mapping('', 'prod')] },
      [],
    ],
    [
      'a rule behind one for all',
      {
        domain: domain(rulesOnly),
        rules: [rule({ priority: 2, basePaths: ['x'], stripBasePath: true }), rule({ apiId: 'b' })],
      },
      [],
    ],
    [
      'mappings behind rules',
      {
        domain: domain(rulesFirst),
        rules: [rule({ basePaths: ['v1'], apiId: 'b' })],
        mappings: [mapping('', 'prod')],
      },
      ['https://api.example.com'],
    ],
    [
      'a mapping behind a rule for its path',
      {
        domain: domain(rulesFirst),
        rules: [rule({ basePaths: ['v1'], apiId: 'b' })],
        mappings: [mapping('v1/pets', 'prod'), mapping('v10', 'prod')],
      },
      ['https://api.example.com/v10'],
    ],
    [
      'a rule behind one for the same path',
      {
        domain: domain(rulesOnly),
        rules: [rule({ priority: 2, basePaths: ['x'] }), rule({ basePaths: ['x'], apiId: 'b' })],
      },
      [],
    ],
    [
      'a rule for headers takes no path away',
      { domain: domain(rulesFirst), rules: [rule({ needsHeaders: true })], mappings: [mapping('', 'prod')] },
      ['https://api.example.com'],
    ],
    [
      'a longer mapping where the stage is named',
      { mappings: [mapping(''), mapping('prod', 'live', 'b')] },
      [],
    ],
  ])('%s', (_name, read, expected) => expect(urls(read)).toEqual(expected));

  test('public ones come first, then short ones', () => {
    const read = (change: Partial<DomainName>, path: string): DomainRead => ({
      domain: domain(change),
      mappings: [mapping(path, 'prod')],
      rules: [],
    });
    const inside = { name: 'a.example.com', id: 'x1', endpointTypes: ['PRIVATE'] };
    const all = [read(inside, ''), read({}, 'long/path'), read({ name: 'z.example.com' }, 'p')];
    expect(addressesByStage(all, () => []).get('a prod')).toEqual([
      { domain: 'z.example.com', url: 'https://z.example.com/p' },
      { domain: 'api.example.com', url: 'https://api.example.com/long/path' },
      { domain: 'a.example.com x1', url: 'https://a.example.com', private: true },
    ]);
  });
});

test('no address belongs to two stages', () => {
  const path = fc.constantFrom('', 'a', 'a/b', 'prod', 'a/prod', 'b');
  const apiId = fc.constantFrom('a', 'b');
  const stage = fc.constantFrom('prod', 'dev');
  const mappings = fc.uniqueArray(
    fc.tuple(path, fc.option(stage, { nil: undefined }), apiId).map((parts) => mapping(...parts)),
    { selector: (one) => one.path, maxLength: 5 },
  );
  const rules = fc
    .array(fc.record({ basePaths: fc.array(path.filter(Boolean), { maxLength: 2 }), apiId, stage }), {
      maxLength: 3,
    })
    .map((all) => all.map((one, priority) => rule({ ...one, priority, stripBasePath: true })));
  const routingMode = fc.constantFrom(
    'BASE_PATH_MAPPING_ONLY',
    'ROUTING_RULE_ONLY',
    'ROUTING_RULE_THEN_BASE_PATH_MAPPING',
  );
  fc.assert(
    fc.property(mappings, rules, routingMode, (ofDomain, ofRules, mode) => {
      const read = { domain: domain({ routingMode: mode }), mappings: ofDomain, rules: ofRules };
      const found = [...addressesByStage([read], () => ['prod', 'dev']).values()]
        .flat()
        .map(({ url }) => url);
      expect(found).toHaveLength(new Set(found).size);
    }),
  );
});

test('addresses of a domain that could not be read stay, those of one that is gone do not', () => {
  const before = [
    { domain: 'unread', url: 'https://unread' },
    { domain: 'gone', url: 'https://gone' },
  ];
  const read = [{ domain: 'new', url: 'https://new' }];
  expect(nextAddresses(before, read, new Set(['unread']))).toEqual([...read, before[0]]);
});
