import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import { operatorV2Of, refusalOf } from '../../../test/sdk-clients.ts';
import { startAws } from '../server.ts';
import type { SandboxAws } from '../server.ts';

let aws: SandboxAws;
let v2: ApiGatewayV2;
beforeEach(async () => {
  aws = await startAws({ throttle: { enabled: false } });
  v2 = operatorV2Of(aws.url);
});
afterEach(() => aws.stop());

/** An HTTP API with these routes and a `$default` stage that deploys by itself. */
async function httpApi(...routeKeys: string[]): Promise<string> {
  const { ApiId = '' } = await v2.createApi({ Name: 'orders', ProtocolType: 'HTTP', Version: '3' });
  await v2.createStage({ ApiId, StageName: '$default', AutoDeploy: true });
  for (const RouteKey of routeKeys) await v2.createRoute({ ApiId, RouteKey });
  return ApiId;
}

async function exported(ApiId: string, StageName = '$default') {
  const wanted = { ApiId, StageName, Specification: 'OAS30', OutputType: 'JSON' } as const;
  const { body } = await v2.exportApi(wanted);
  return JSON.parse(Buffer.from(body ?? []).toString('utf8')) as Record<string, unknown>;
}

test('APIs come in pages, 25 without a size, and each as it was made', async () => {
  for (let index = 0; index < 30; index += 1) await v2.createApi({ Name: `a${index}`, ProtocolType: 'HTTP' });
  const first = await v2.getApis({});
  const second = await v2.getApis({ NextToken: first.NextToken });
  expect([first.Items?.length, second.Items?.length, second.NextToken]).toEqual([25, 5, undefined]);
  expect((await v2.getApis({ MaxResults: '500' })).Items).toHaveLength(30);
  expect(first.Items?.[0]).toMatchObject({ Name: 'a0', ProtocolType: 'HTTP', CreatedDate: expect.any(Date) });
});

test('a stage that deploys by itself follows every route; another one keeps what it has', async () => {
  const ApiId = await httpApi('GET /orders');
  await v2.createStage({ ApiId, StageName: 'v1' });
  const before = await v2.getStage({ ApiId, StageName: '$default' });
  await v2.createDeployment({ ApiId, StageName: 'v1' });
  await v2.createRoute({ ApiId, RouteKey: 'GET /orders/{id}' });
  const after = await v2.getStage({ ApiId, StageName: '$default' });
  expect(after.DeploymentId).not.toBe(before.DeploymentId);
  expect(Object.keys((await exported(ApiId))['paths'] as object)).toEqual(['/orders', '/orders/{id}']);
  expect(Object.keys((await exported(ApiId, 'v1'))['paths'] as object)).toEqual(['/orders']);
});

test('an export names its server, its authorizer and its rules for browsers', async () => {
  const ApiId = await httpApi();
  await v2.updateApi({ ApiId, CorsConfiguration: { AllowOrigins: ['https://shop.example.com'] } });
  const { AuthorizerId } = await v2.createAuthorizer({
    ApiId,
    Name: 'login',
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Issuer: 'https://login.example.com', Audience: ['orders'] },
  });
  await v2.createRoute({ ApiId, RouteKey: 'GET /{proxy+}', AuthorizationType: 'JWT', AuthorizerId });
  expect(await exported(ApiId)).toMatchObject({
    openapi: '3.0.1',
    info: { title: 'orders', version: '3' },
    servers: [
      {
        url: `https://${ApiId}.execute-api.eu-west-1.amazonaws.com/{basePath}`,
        variables: { basePath: { default: '' } },
      },
    ],
    paths: {
      '/{proxy+}': { get: { security: [{ login: [] }] }, parameters: [{ name: 'proxy+', in: 'path' }] },
    },
    components: {
      securitySchemes: {
        login: {
          type: 'oauth2',
          'x-amazon-apigateway-authorizer': { jwtConfiguration: { issuer: 'https://login.example.com' } },
        },
      },
    },
    'x-amazon-apigateway-cors': { allowOrigins: ['https://shop.example.com'] },
  });
});

test('no export: without routes, of a stage never deployed, of a WebSocket API, of nothing', async () => {
  const empty = await httpApi();
  const { ApiId: idle = '' } = await v2.createApi({ Name: 'idle', ProtocolType: 'HTTP' });
  await v2.createRoute({ ApiId: idle, RouteKey: 'GET /' });
  await v2.createStage({ ApiId: idle, StageName: 'v1' });
  const { ApiId: chat = '' } = await v2.createApi({
    Name: 'chat',
    ProtocolType: 'WEBSOCKET',
    RouteSelectionExpression: '$request.body.action',
  });
  for (const asked of [exported(empty), exported(idle, 'v1'), exported(chat, 'v1')])
    expect(await refusalOf(asked)).toMatchObject({ status: 400 });
  expect(await refusalOf(exported('nothing'))).toMatchObject({ status: 404 });
});

test('a WebSocket API lists its routes and models', async () => {
  const { ApiId = '' } = await v2.createApi({
    Name: 'chat',
    ProtocolType: 'WEBSOCKET',
    RouteSelectionExpression: '$request.body.action',
  });
  await v2.createModel({ ApiId, Name: 'Message', Schema: '{"type":"object"}' });
  const route = { ApiId, RouteKey: 'send', RequestModels: { $default: 'Message' } };
  await v2.createRoute(route);
  expect((await v2.getRoutes({ ApiId })).Items).toMatchObject([
    { RouteKey: 'send', RequestModels: { $default: 'Message' }, AuthorizationType: 'NONE' },
  ]);
  expect((await v2.getModels({ ApiId })).Items).toMatchObject([
    { Name: 'Message', ContentType: 'application/json', Schema: '{"type":"object"}' },
  ]);
});
