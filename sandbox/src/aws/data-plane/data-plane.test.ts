import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { APIGateway } from '@aws-sdk/client-api-gateway';
import type { ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import { operatorOf, operatorV2Of } from '../../../test/sdk-clients.ts';
import { startAws } from '../server.ts';
import type { SandboxAws } from '../server.ts';

let aws: SandboxAws;
let v1: APIGateway;
let v2: ApiGatewayV2;
beforeEach(async () => {
  aws = await startAws({ throttle: { enabled: false } });
  [v1, v2] = [operatorOf(aws.url), operatorV2Of(aws.url)];
});
afterEach(() => aws.stop());

/** GET of a URL whose host is not looked up: the sandbox answers for it. */
function get(url: string, headers: Record<string, string> = {}): Promise<{ status: number; body: object }> {
  const { host, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    request(`${aws.url}${pathname}`, { headers: { ...headers, host } }, (response) => {
      text(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, body: JSON.parse(body) as object }),
        reject,
      );
    })
      .on('error', reject)
      .end();
  });
}

async function restApi(): Promise<string> {
  const document = {
    openapi: '3.0.1',
    info: { title: 'pets', version: '1' },
    paths: { '/pets': { get: { responses: { 200: { description: 'ok' } } } } },
  };
  const { id: restApiId = '' } = await v1.importRestApi({ body: Buffer.from(JSON.stringify(document)) });
  await v1.createDeployment({ restApiId, stageName: 'prod' });
  return restApiId;
}

async function httpApi(): Promise<string> {
  const { ApiId = '' } = await v2.createApi({ Name: 'orders', ProtocolType: 'HTTP' });
  await v2.createRoute({ ApiId, RouteKey: 'GET /orders/{id}' });
  await v2.createStage({ ApiId, StageName: '$default', AutoDeploy: true });
  return ApiId;
}

const host = (id: string): string => `https://${id}.execute-api.eu-west-1.amazonaws.com`;

test('the default endpoint serves a stage of a REST API, and the stage without a name of an HTTP API', async () => {
  const [rest, http] = [await restApi(), await httpApi()];
  expect(await get(`${host(rest)}/prod/pets`)).toMatchObject({
    status: 200,
    body: { apiId: rest, apiType: 'REST', stage: 'prod', path: '/pets' },
  });
  expect(await get(`${host(http)}/orders/1`)).toMatchObject({
    status: 200,
    body: { apiId: http, apiType: 'HTTP', stage: '$default', path: '/orders/1' },
  });
  expect(await get(`${host(rest)}/test/pets`)).toMatchObject({ status: 403 });
  expect(await get(`${host(http)}/other`)).toMatchObject({ status: 404 });
});

test('an endpoint that is switched off serves nothing', async () => {
  const id = await httpApi();
  await v2.updateApi({ ApiId: id, DisableExecuteApiEndpoint: true });
  expect(await get(`${host(id)}/orders/1`)).toMatchObject({ status: 403 });
});

test('a domain leads to the mapping with the longest path, and its path is not part of what the API sees', async () => {
  const [rest, http] = [await restApi(), await httpApi()];
  const DomainName = 'api.example.com';
  await v2.createDomainName({ DomainName });
  await v1.deleteDomainName({ domainName: DomainName });
  await v1.createDomainName({ domainName: DomainName, endpointConfiguration: { types: ['REGIONAL'] } });
  await v2.createApiMapping({ DomainName, ApiId: rest, Stage: 'prod' });
  await v2.createApiMapping({ DomainName, ApiId: http, Stage: '$default', ApiMappingKey: 'shop/v1' });
  expect(await get(`https://${DomainName}/pets`)).toMatchObject({ body: { apiId: rest, path: '/pets' } });
  expect(await get(`https://${DomainName}/shop/v1/orders/1`)).toMatchObject({
    body: { apiId: http, path: '/orders/1' },
  });
});

test('rules come first, by priority; one that strips nothing passes its base path on', async () => {
  const [rest, http] = [await restApi(), await httpApi()];
  const DomainName = 'api.example.com';
  await v1.createDomainName({
    domainName: DomainName,
    endpointConfiguration: { types: ['REGIONAL'] },
    routingMode: 'ROUTING_RULE_THEN_BASE_PATH_MAPPING',
  });
  await v2.createApiMapping({ DomainName, ApiId: rest, Stage: 'prod' });
  const rule = (Priority: number, base: string, ApiId: string, Stage: string, StripBasePath: boolean) =>
    v2.createRoutingRule({
      DomainName,
      Priority,
      Conditions: [{ MatchBasePaths: { AnyOf: [base] } }],
      Actions: [{ InvokeApi: { ApiId, Stage, StripBasePath } }],
    });
  await rule(10, 'orders', http, '$default', false);
  await rule(20, 'shop', http, '$default', true);
  expect(await get(`https://${DomainName}/orders/1`)).toMatchObject({
    body: { apiId: http, path: '/orders/1' },
  });
  expect(await get(`https://${DomainName}/shop/orders/1`)).toMatchObject({
    body: { apiId: http, path: '/orders/1' },
  });
  expect(await get(`https://${DomainName}/pets`)).toMatchObject({ body: { apiId: rest } });
  const { RoutingRules } = await v2.listRoutingRules({ DomainName });
  expect(RoutingRules?.map(({ Priority }) => Priority)).toEqual([10, 20]);
});

test('base path mappings: the root is (none), and a mapping without a stage takes it from the path', async () => {
  const rest = await restApi();
  const domainName = 'edge.example.com';
  await v1.createDomainName({ domainName });
  await v1.createBasePathMapping({ domainName, restApiId: rest });
  expect((await v1.getBasePathMappings({ domainName })).items).toEqual([
    { basePath: '(none)', restApiId: rest },
  ]);
  expect(await get(`https://${domainName}/prod/pets`)).toMatchObject({
    body: { apiId: rest, stage: 'prod' },
  });
  expect(await get(`https://${domainName}/pets`)).toMatchObject({ status: 403 });
});

test('a private domain is known by its name and its id', async () => {
  const domainName = 'inside.example.com';
  const made = await v1.createDomainName({ domainName, endpointConfiguration: { types: ['PRIVATE'] } });
  const { domainNameId } = made;
  expect(domainNameId).toMatch(/^[a-z0-9]{10}$/u);
  expect((await v1.getBasePathMappings({ domainName, domainNameId })).items ?? []).toEqual([]);
  await expect(v1.getBasePathMappings({ domainName })).rejects.toThrow('Invalid domain name');
});
