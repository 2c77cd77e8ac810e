/** Reads that the opt-in keys ask for, against the sandbox AWS: real SDK, real sockets, signatures and policies. */
import { describe, expect, test } from '@jest/globals';
import { AwsBadRequest, AwsDenied, AwsNotFound } from '@federation-agent/aws-control-plane';
import { failureOf } from '@federation-agent/aws-control-plane/test';
import { DEFAULT_ACCOUNT, SANDBOX_AGENT } from '@federation-agent/sandbox';
import { useSandbox } from './support/sandbox.ts';

const sandbox = useSandbox();
const calls = (operation: string): number => sandbox.control.counters({ operation }).calls;
const opened = () => sandbox.open(sandbox.base()).target();

describe('under the minimum policy', () => {
  test('each read is denied after one call, and names the one statement that its key needs', async () => {
    const { apiId, stage } = sandbox.control.addHttpApi({ name: 'orders', routes: ['GET /orders'] });
    const { reads, v2, domains } = await opened();
    const name = 'api.example.com';
    const mode = 'ROUTING_RULE_ONLY';
    const regional = { name, endpointTypes: ['REGIONAL'], routingMode: mode };
    const asked = {
      '/apis*': [
        () => v2.apis('scan'),
        () => v2.stages(apiId, 'scan'),
        () => v2.exportDocument(apiId, stage, 'scan'),
        () => v2.routes(apiId, 'scan'),
        () => v2.models(apiId, 'scan'),
      ],
      '/domainnames*': [
        () => domains.names('scan'),
        () => domains.mappings(regional, 'scan'),
        () => domains.mappings({ ...regional, endpointTypes: ['EDGE'] }, 'scan'),
      ],
      '/account': [() => reads.accountThrottle('scan')],
    };
    for (const [path, reading] of Object.entries(asked))
      for (const read of reading) {
        const error = await failureOf(read());
        expect(error).toBeInstanceOf(AwsDenied);
        expect(String(error)).toContain(
          `needs apigateway:GET on arn:aws:apigateway:*::${path}: AccessDenied`,
        );
      }
    expect(String(await failureOf(domains.routingRules(regional, 'scan')))).toContain(
      'needs apigateway:ListRoutingRules on arn:aws:apigateway:*:*:/domainnames/*: AccessDenied',
    );
    expect(sandbox.control.log({}).filter(({ status }) => status === 403)).toHaveLength(10);
  });

  test('the statement of the message is enough for every read of its key', async () => {
    const { apiId } = sandbox.control.addHttpApi({ name: 'orders', routes: ['GET /orders'] });
    const { v2 } = await opened();
    const denied = await failureOf(v2.apis('scan'));
    const { action: Action, resource: Resource } = denied as AwsDenied;
    sandbox.control.setPolicy({
      arn: `arn:aws:iam::${DEFAULT_ACCOUNT}:user/${SANDBOX_AGENT.name}`,
      policy: { Statement: [{ Effect: 'Allow', Action, Resource }] },
    });
    expect((await v2.apis('scan')).map(({ id }) => id)).toEqual([apiId]);
    expect(await v2.stages(apiId, 'scan')).toHaveLength(1);
    await v2.exportDocument(apiId, '$default', 'scan');
  });
});

describe('HTTP and WebSocket APIs', () => {
  test('both types in pages, their stages, documents, routes and models', async () => {
    sandbox.control.grantReach();
    sandbox.control.setLimits({ maxPageSize: 2 });
    const shop = sandbox.control.addHttpApi({ name: 'shop', version: '3', routes: ['GET /items'] });
    const made = [
      shop,
      sandbox.control.addHttpApi({ name: 'pets', routes: ['GET /pets'], stage: 'v1' }),
      sandbox.control.addWebSocketApi({ name: 'chat', routes: ['$connect', '$default', 'send'] }),
    ];
    const { v2 } = await opened();
    const apis = await v2.apis('scan');
    expect(apis.map(({ id }) => id)).toEqual(made.map(({ apiId }) => apiId));
    expect(apis.map(({ name, apiType }) => [name, apiType])).toEqual([
      ['shop', 'HTTP'],
      ['pets', 'HTTP'],
      ['chat', 'WEBSOCKET'],
    ]);
    expect(apis[0]).toMatchObject({ version: '3', createdAt: expect.any(Number) as unknown });
    expect(calls('GetApis')).toBe(2);
    for (const { apiId, stage } of made) {
      const [read] = await v2.stages(apiId, 'scan');
      expect(read).toMatchObject({ name: stage, deploymentId: expect.any(String) as unknown });
    }
    const document = await v2.exportDocument(shop.apiId, '$default', 'scan');
    expect(JSON.parse(document.toString())).toMatchObject({
      info: { title: 'shop' },
      paths: { '/items': {} },
    });
    const chat = made[2]?.apiId ?? '';
    const routes = await v2.routes(chat, 'scan');
    expect(routes.map(({ key, keyRequired }) => [key, keyRequired])).toEqual([
      ['$connect', false],
      ['$default', false],
      ['send', false],
    ]);
    expect(await v2.models(chat, 'scan')).toEqual([]);
  });

  test('what cannot be exported says so once; what is gone is AwsNotFound', async () => {
    sandbox.control.grantReach();
    const { apiId: empty } = sandbox.control.addHttpApi({ name: 'empty' });
    const idle = sandbox.control.addHttpApi({
      name: 'idle',
      routes: ['GET /'],
      stage: 'v1',
      autoDeploy: false,
    });
    const { v2 } = await opened();
    for (const [api, stage] of [
      [empty, '$default'],
      [idle.apiId, 'v1'],
    ] as const)
      expect(await failureOf(v2.exportDocument(api, stage, 'scan'))).toBeInstanceOf(AwsBadRequest);
    expect(calls('ExportApi')).toBe(2);
    for (const gone of [v2.stages('none', 'scan'), v2.exportDocument('none', 'v1', 'scan')])
      expect(await failureOf(gone)).toBeInstanceOf(AwsNotFound);
  });
});

describe('custom domains', () => {
  const list = 'scan';
  test('all types in one list; each type is asked in its own way', async () => {
    const { control } = sandbox;
    control.grantReach();
    control.setLimits({ maxPageSize: 2 });
    const { apiId, stage } = control.addHttpApi({ name: 'shop', routes: ['GET /items'] });
    const [rest] = control.seed({ apis: 1 }).apis;
    const restApi = { apiId: rest?.id ?? '', stage: rest?.stages[0] ?? '' };
    const add = (domain: string, type: 'EDGE' | 'REGIONAL' | 'PRIVATE') =>
      control.addDomain({ domain, type }).id;
    add('edge.example.com', 'EDGE');
    add('api.example.com', 'REGIONAL');
    const [one, two] = [add('in.example.com', 'PRIVATE'), add('in.example.com', 'PRIVATE')];
    control.mapDomain({ domain: 'edge.example.com', apiId: restApi.apiId });
    for (const path of ['', 'shop/v1', 'shop/v2'])
      control.mapDomain({ domain: 'api.example.com', path, apiId, stage });
    if (two !== undefined) control.mapDomain({ domain: 'in.example.com', id: two, path: 'p', ...restApi });

    const { domains } = await opened();
    const names = await domains.names(list);
    const plain = { routingMode: 'BASE_PATH_MAPPING_ONLY', status: 'AVAILABLE' };
    expect(names).toEqual([
      { name: 'edge.example.com', endpointTypes: ['EDGE'], ...plain },
      { name: 'api.example.com', endpointTypes: ['REGIONAL'], ...plain },
      { name: 'in.example.com', id: one, endpointTypes: ['PRIVATE'], ...plain },
      { name: 'in.example.com', id: two, endpointTypes: ['PRIVATE'], ...plain },
    ]);
    const mappings = await Promise.all(names.map((domain) => domains.mappings(domain, list)));
    expect(mappings).toEqual([
      [{ path: '', apiId: restApi.apiId }],
      ['', 'shop/v1', 'shop/v2'].map((path) => ({ path, apiId, stage })),
      [],
      [{ path: 'p', ...restApi }],
    ]);
    for (const domain of names) expect(await domains.routingRules(domain, list)).toEqual([]);
    const asked = ['GetDomainNames', 'GetBasePathMappings', 'GetApiMappings', 'ListRoutingRules'].map(calls);
    expect(asked).toEqual([2, 3, 2, 0]);
  });

  test('rules in pages of the size that AWS allows', async () => {
    const { control } = sandbox;
    control.grantReach();
    control.setLimits({ maxPageSize: 2 });
    const { apiId, stage } = control.addHttpApi({ name: 'shop', routes: ['GET /items'] });
    const domain = 'api.example.com';
    control.addDomain({ domain, routingMode: 'ROUTING_RULE_THEN_BASE_PATH_MAPPING' });
    const header = { header: 'x-tenant', valueGlob: 'a*' };
    control.addRule({ domain, priority: 1, basePaths: ['a', 'b/c'], apiId, stage, stripBasePath: true });
    control.addRule({ domain, priority: 2, headers: [header], apiId, stage });
    control.addRule({ domain, priority: 3, apiId, stage });
    const { domains } = await opened();
    const [found] = await domains.names(list);
    if (!found) throw new Error('a domain');
    const to = { apiId, stage };
    expect(await domains.routingRules(found, list)).toEqual([
      { priority: 1, basePaths: ['a', 'b/c'], needsHeaders: false, stripBasePath: true, ...to },
      { priority: 2, basePaths: [], needsHeaders: true, stripBasePath: false, ...to },
      { priority: 3, basePaths: [], needsHeaders: false, stripBasePath: false, ...to },
    ]);
    expect(calls('ListRoutingRules')).toBe(2);
  });

  test('a domain that is gone is AwsNotFound', async () => {
    sandbox.control.grantReach();
    const { domains } = await opened();
    const gone = { name: 'gone.example.com', routingMode: 'ROUTING_RULE_ONLY' };
    for (const endpointTypes of [['REGIONAL'], ['EDGE'], []])
      expect(await failureOf(domains.mappings({ ...gone, endpointTypes }, list))).toBeInstanceOf(AwsNotFound);
    expect(await failureOf(domains.routingRules({ ...gone, endpointTypes: [] }, list))).toBeInstanceOf(
      AwsNotFound,
    );
  });
});

test("the account's throttle", async () => {
  sandbox.control.grantReach();
  sandbox.control.setAccountThrottle({ rateLimit: 50, burstLimit: 20 });
  const { reads } = await opened();
  expect(await reads.accountThrottle('scan')).toEqual({ rateLimit: 50, burstLimit: 20 });
});
