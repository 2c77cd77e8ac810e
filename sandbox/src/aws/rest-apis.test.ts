import { afterEach, beforeEach, expect, test } from '@jest/globals';
import * as gateway from '@aws-sdk/client-api-gateway';
import { agentOf, operatorOf, refusalOf } from '../../test/sdk-clients.ts';
import { startAws } from './server.ts';
import type { SandboxAws } from './server.ts';

let aws: SandboxAws;
let now: number;
let operator: gateway.APIGatewayClient;

beforeEach(async () => {
  now = Date.now();
  aws = await startAws({ throttle: { enabled: false }, clock: () => now });
  operator = operatorOf(aws.url);
});
afterEach(() => aws.stop());

const DOCUMENT = {
  openapi: '3.0.1',
  info: { title: 'Pets', version: '2.0', description: 'All pets' },
  paths: {
    '/pets': {
      get: { summary: 'List', responses: { 200: { description: 'ok' } }, security: [{ api_key: [] }] },
      post: {
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } } },
        responses: { 201: { description: 'made' } },
        'x-amazon-apigateway-integration': { type: 'http', uri: 'https://backend.example.com' },
      },
    },
  },
  components: { schemas: { Pet: { type: 'object' } } },
};
const body = (document: unknown) => Buffer.from(JSON.stringify(document));
const imported = async () =>
  (await operator.send(new gateway.ImportRestApiCommand({ body: body(DOCUMENT) }))).id ?? '';
const exported = async (restApiId: string, more: Partial<gateway.GetExportCommandInput> = {}) => {
  const wanted = { restApiId, stageName: 'prod', exportType: 'oas30', ...more };
  const answer = await operator.send(new gateway.GetExportCommand(wanted));
  return JSON.parse(Buffer.from(answer.body ?? []).toString('utf8')) as {
    info: Record<string, unknown>;
    paths: Record<string, Record<string, Record<string, unknown>>>;
    securityDefinitions?: unknown;
    definitions?: unknown;
  };
};

test('sixty APIs come in pages of 25, 25 and 10, each once; a page size above the greatest is cut', async () => {
  aws.control.seed({ apis: 60 });
  const sizes: number[] = [];
  const ids = new Set<string | undefined>();
  for await (const page of gateway.paginateGetRestApis(
    { client: agentOf(aws.url), stopOnSameToken: true },
    {},
  )) {
    sizes.push(page.items?.length ?? 0);
    for (const { id } of page.items ?? []) ids.add(id);
  }
  expect(sizes).toEqual([25, 25, 10]);
  expect(ids.size).toBe(60);

  aws.control.setLimits({ maxPageSize: 25 });
  const cut = await operator.send(new gateway.GetRestApisCommand({ limit: 500 }));
  expect(cut.items).toHaveLength(25);
  const wrong = operator.send(new gateway.GetRestApisCommand({ position: 'made up' }));
  expect(await refusalOf(wrong)).toMatchObject({ name: 'BadRequestException', status: 400 });
});

test('a token of one list is none for another', async () => {
  aws.control.seed({ apis: 30 });
  const { position } = await operator.send(new gateway.GetRestApisCommand({}));
  const elsewhere = operatorOf(aws.url, { region: 'us-east-1' });
  expect((await refusalOf(elsewhere.send(new gateway.GetRestApisCommand({ position })))).status).toBe(400);
});

test('an API is created, read, changed and deleted; a second delete and every later read are 404', async () => {
  const { id: restApiId = '' } = await operator.send(
    new gateway.CreateRestApiCommand({ name: 'a', tags: { t: 'v' } }),
  );
  const patchOperations = [{ op: 'replace' as const, path: '/name', value: 'b' }];
  await operator.send(new gateway.UpdateRestApiCommand({ restApiId, patchOperations }));
  expect(await operator.send(new gateway.GetRestApiCommand({ restApiId }))).toMatchObject({
    name: 'b',
    tags: { t: 'v' },
  });
  await operator.send(new gateway.DeleteRestApiCommand({ restApiId }));
  const message = `Invalid API identifier specified 123456789012:${restApiId}`;
  for (const call of [
    operator.send(new gateway.DeleteRestApiCommand({ restApiId })),
    operator.send(new gateway.GetRestApiCommand({ restApiId })),
    operator.send(new gateway.GetStagesCommand({ restApiId })),
    operator.send(new gateway.GetExportCommand({ restApiId, stageName: 'prod', exportType: 'oas30' })),
  ])
    expect(await refusalOf(call)).toMatchObject({ name: 'NotFoundException', status: 404, message });
});

test('an API without methods cannot be deployed', async () => {
  const { id: restApiId } = await operator.send(new gateway.CreateRestApiCommand({ name: 'a' }));
  const refused = await refusalOf(operator.send(new gateway.CreateDeploymentCommand({ restApiId })));
  expect(refused).toMatchObject({
    name: 'BadRequestException',
    message: "The REST API doesn't contain any methods",
  });
});

test('a redeploy gives the stage another deployment and a later date, and keeps when it was made', async () => {
  const restApiId = await imported();
  await operator.send(new gateway.CreateDeploymentCommand({ restApiId, stageName: 'prod' }));
  const before = await operator.send(new gateway.GetStageCommand({ restApiId, stageName: 'prod' }));
  now += 5000;
  const { id } = await operator.send(new gateway.CreateDeploymentCommand({ restApiId, stageName: 'prod' }));
  const after = await operator.send(new gateway.GetStageCommand({ restApiId, stageName: 'prod' }));
  expect(after.deploymentId).toBe(id);
  expect(after.deploymentId).not.toBe(before.deploymentId);
  expect(after.createdDate).toEqual(before.createdDate);
  expect(Number(after.lastUpdatedDate) - Number(before.lastUpdatedDate)).toBe(5000);

  const old = operator.send(new gateway.DeleteDeploymentCommand({ restApiId, deploymentId: id }));
  expect((await refusalOf(old)).message).toContain('Active stages');
  await operator.send(new gateway.DeleteDeploymentCommand({ restApiId, deploymentId: before.deploymentId }));
  expect((await operator.send(new gateway.GetDeploymentsCommand({ restApiId }))).items).toHaveLength(1);
});

test('stages are created, changed, listed without pages and deleted', async () => {
  const restApiId = await imported();
  const { id: deploymentId } = await operator.send(new gateway.CreateDeploymentCommand({ restApiId }));
  const stage = (stageName: string) =>
    operator.send(
      new gateway.CreateStageCommand({ restApiId, stageName, deploymentId, variables: { a: '1' } }),
    );
  for (let index = 0; index < 30; index += 1) await stage(`s${index}`);
  expect((await operator.send(new gateway.GetStagesCommand({ restApiId }))).item).toHaveLength(30);
  expect((await refusalOf(stage('s1'))).name).toBe('ConflictException');
  expect((await refusalOf(stage('not allowed!'))).name).toBe('BadRequestException');
  const patchOperations = [
    { op: 'replace' as const, path: '/description', value: 'changed' },
    { op: 'remove' as const, path: '/variables/a' },
  ];
  now += 1000;
  const changed = await operator.send(
    new gateway.UpdateStageCommand({ restApiId, stageName: 's1', patchOperations }),
  );
  expect(changed).toMatchObject({
    description: 'changed',
    lastUpdatedDate: new Date(Math.floor(now / 1000) * 1000),
  });
  expect(changed.variables).toBeUndefined();
  await operator.send(new gateway.DeleteStageCommand({ restApiId, stageName: 's1' }));
  const gone = operator.send(new gateway.GetStageCommand({ restApiId, stageName: 's1' }));
  expect(await refusalOf(gone)).toMatchObject({
    name: 'NotFoundException',
    message: 'Invalid stage identifier specified',
  });
});

test('an export shows what is deployed, never what was edited since', async () => {
  const restApiId = await imported();
  await operator.send(new gateway.CreateDeploymentCommand({ restApiId, stageName: 'prod' }));
  const more = { ...DOCUMENT, paths: { '/new': DOCUMENT.paths['/pets'] } };
  await operator.send(new gateway.PutRestApiCommand({ restApiId, mode: 'merge', body: body(more) }));
  expect(Object.keys((await exported(restApiId)).paths)).toEqual(['/pets']);
  await operator.send(new gateway.CreateDeploymentCommand({ restApiId, stageName: 'prod' }));
  expect(Object.keys((await exported(restApiId)).paths)).toEqual(['/pets', '/new']);
});

test('an export has the key requirement, and vendor extensions and summaries only if asked for', async () => {
  const restApiId = await imported();
  await operator.send(new gateway.CreateDeploymentCommand({ restApiId, stageName: 'prod' }));
  const plain = await exported(restApiId);
  expect(plain.info).toEqual({ title: 'Pets', description: 'All pets', version: '2.0' });
  expect(plain.paths['/pets']?.['get']?.['security']).toEqual([{ api_key: [] }]);
  expect(JSON.stringify(plain)).not.toMatch(/x-amazon|List/);
  const full = await exported(restApiId, { parameters: { extensions: 'integrations,documentation' } });
  expect(JSON.stringify(full)).toMatch(/x-amazon-apigateway-integration.*backend|List/);
  const swagger = await exported(restApiId, { exportType: 'swagger' });
  expect(swagger.securityDefinitions).toBeDefined();
  expect(JSON.stringify(swagger)).toContain('#/definitions/Pet');
});

test('an API whose version is in any alphabet can be exported', async () => {
  const { id: restApiId = '' } = await operator.send(
    new gateway.CreateRestApiCommand({ name: 'pets', version: 'версия "1" 🚀' }),
  );
  const body = Buffer.from(
    JSON.stringify({
      openapi: '3.0.1',
      info: { title: 'pets' },
      paths: { '/pets': { get: { responses: {} } } },
    }),
  );
  await operator.send(new gateway.PutRestApiCommand({ restApiId, mode: 'merge', body }));
  await operator.send(new gateway.CreateDeploymentCommand({ restApiId, stageName: 'prod' }));
  expect((await exported(restApiId))['info']).toMatchObject({ version: 'версия "1" 🚀' });
});

test('models that are not JSON, an unknown type, extension or stage cannot be exported', async () => {
  const { apis } = aws.control.seed({ apis: 1, brokenExports: 1 });
  const attempt = (more: Partial<gateway.GetExportCommandInput>) => {
    const wanted = { restApiId: apis[0]?.id, stageName: 'prod', exportType: 'oas30', ...more };
    return refusalOf(operator.send(new gateway.GetExportCommand(wanted)));
  };
  expect(await attempt({})).toMatchObject({ name: 'BadRequestException', status: 400 });
  expect((await attempt({})).message).toMatch(/^Only found non-JSON body models for POST/);
  expect((await attempt({ exportType: 'raml' })).status).toBe(400);
  expect((await attempt({ parameters: { extensions: 'nonsense' } })).status).toBe(400);
  expect((await attempt({ stageName: 'nope' })).status).toBe(404);
});

test('the resources of an API are the paths with all their parents', async () => {
  const restApiId = await imported();
  const { items = [] } = await operator.send(new gateway.GetResourcesCommand({ restApiId, limit: 500 }));
  expect(items.map(({ path }) => path)).toEqual(['/', '/pets']);
  expect(items[1]?.parentId).toBe(items[0]?.id);
  expect(Object.keys(items[1]?.resourceMethods ?? {})).toEqual(['GET', 'POST']);
});

test('tags are added and removed', async () => {
  const resourceArn = `arn:aws:apigateway:eu-west-1::/restapis/${await imported()}`;
  await operator.send(new gateway.TagResourceCommand({ resourceArn, tags: { a: '1', b: '2' } }));
  await operator.send(new gateway.UntagResourceCommand({ resourceArn, tagKeys: ['a'] }));
  expect((await operator.send(new gateway.GetTagsCommand({ resourceArn }))).tags).toEqual({ b: '2' });
});
