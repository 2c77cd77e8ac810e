import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { APIGateway } from '@aws-sdk/client-api-gateway';
import { z } from 'zod';
import { operatorOf, refusalOf } from '../../test/sdk-clients.ts';
import { startAws } from './server.ts';
import type { SandboxAws } from './server.ts';

/**
 * Compares the sandbox with what the real API Gateway answered (fixtures/aws-recorded-shapes.json: shapes, status codes
 * and texts, each with its source). Every record applies, because the sandbox has all their operations. The list
 * `notRecordedAnywhereWeLooked` of that file has what nobody recorded; that cannot be compared. Not compared:
 * `bodyFields` of errors, which the SDK does not show (signature.test.ts checks a raw error), and the format of a
 * creation date in exports, which the recordings mask.
 */
const Expected = z.looseObject({
  id: z.string(),
  status: z.number(),
  shape: z.unknown().optional(),
  values: z.looseObject({}).optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  listKeyInSdk: z.enum(['items', 'item']).optional(),
  count: z.number().optional(),
  itemShape: z.unknown().optional(),
  position: z.string().optional(),
  contentType: z.string().optional(),
  contentDisposition: z.string().optional(),
  document: z.looseObject({ keys: z.array(z.string()), infoKeys: z.array(z.string()) }).optional(),
});
const file = await readFile(new URL('../../test/fixtures/aws-recorded-shapes.json', import.meta.url), 'utf8');
const { recorded, reportedByUsers } = z
  .object({ recorded: z.array(Expected), reportedByUsers: z.array(Expected) })
  .parse(JSON.parse(file));

let aws: SandboxAws;
let gateway: APIGateway;
beforeAll(async () => {
  aws = await startAws({ throttle: { enabled: false } });
  gateway = operatorOf(aws.url);
});
beforeEach(() => aws.control.reset());
afterAll(() => aws.stop());

const VALUE = 'v'.repeat(30);
const schema = (name: string) => ({ $ref: `#/definitions/${name}` });
const integration = { type: 'http', httpMethod: 'GET', uri: 'https://backend.example.com' };
const petId = { name: 'petId', in: 'path', required: true, type: 'string' };
const json = ['application/json'];
const answers = (name?: string) => ({ 200: { description: 'ok', ...(name && { schema: schema(name) }) } });

/** A Swagger document with the paths and models of the one that was recorded. */
const STORE = {
  swagger: '2.0',
  info: { title: 'PetStore', description: 'Pets for sale' },
  paths: {
    '/': { get: { consumes: json, produces: ['text/html'], responses: answers() } },
    '/pets': {
      get: {
        produces: json,
        parameters: [{ name: 'page', in: 'query', type: 'string' }],
        responses: answers('Pets'),
      },
      post: {
        operationId: 'CreatePet',
        consumes: json,
        produces: json,
        parameters: [{ in: 'body', name: 'NewPet', required: true, schema: schema('NewPet') }],
        responses: answers('NewPetResponse'),
      },
      options: { consumes: json, produces: json, responses: answers('Empty') },
    },
    '/pets/{petId}': {
      get: { operationId: 'GetPet', produces: json, parameters: [petId], responses: answers('Pet') },
      options: { consumes: json, produces: json, parameters: [petId], responses: answers('Empty') },
    },
  },
  definitions: Object.fromEntries(
    ['Empty', 'NewPet', 'NewPetResponse', 'Pet', 'PetType', 'Pets'].map((name) => [name, { type: 'object' }]),
  ),
};
const PETS = {
  swagger: '2.0',
  info: { title: 'Simple PetStore (Swagger)', version: '1.0.0' },
  'x-amazon-apigateway-binary-media-types': ['image/png'],
  paths: {
    '/pets': { get: { responses: answers(), 'x-amazon-apigateway-integration': integration } },
    '/pets/{petId}': {
      get: { parameters: [petId], responses: answers(), 'x-amazon-apigateway-integration': integration },
    },
  },
};

const body = (document: unknown) => Buffer.from(JSON.stringify(document));
const imported = async (document: unknown) =>
  (await gateway.importRestApi({ body: body(document) })).id ?? '';
const deployed = async (document: unknown, stageName = 'local') => {
  const restApiId = await imported(document);
  const { id: deploymentId = '' } = await gateway.createDeployment({ restApiId, stageName });
  return { restApiId, deploymentId };
};
const exported = async (document: unknown, exportType: string, extensions?: string) => {
  const { restApiId } = await deployed(document);
  const parameters = extensions === undefined ? {} : { parameters: { extensions } };
  return gateway.getExport({ restApiId, stageName: 'local', exportType, ...parameters });
};
const twoKeys = async () => {
  for (const name of ['prefix-one', 'prefix-two']) await gateway.createApiKey({ name });
};
const keys = async (nameQuery?: string) => {
  await twoKeys();
  return gateway.getApiKeys({ nameQuery });
};
const planned = async (limits: object = {}) => {
  const { restApiId: apiId } = await deployed(PETS, 'dev');
  const apiStages = [{ apiId, stage: 'dev' }];
  const { id: usagePlanId = '' } = await gateway.createUsagePlan({
    name: 'p',
    description: 'd',
    apiStages,
    ...limits,
  });
  return { apiId, usagePlanId };
};
const addStage = async (change: (apiId: string) => string) => {
  const { apiId, usagePlanId } = await planned();
  const patchOperations = [{ op: 'add' as const, path: '/apiStages', value: change(apiId) }];
  return gateway.updateUsagePlan({ usagePlanId, patchOperations });
};
const planWithKeys = async () => {
  const { id: usagePlanId = '' } = await gateway.createUsagePlan({ name: 'p' });
  await twoKeys();
  const { items = [] } = await gateway.getApiKeys({});
  for (const { id: keyId } of items)
    await gateway.createUsagePlanKey({ usagePlanId, keyId, keyType: 'API_KEY' });
  return { usagePlanId, keyIds: items.flatMap(({ id }) => id ?? []) };
};
const patchedKey = async (path: string, value: string) => {
  const { id: apiKey } = await gateway.createApiKey({ name: 'k' });
  return gateway.updateApiKey({ apiKey, patchOperations: [{ op: 'replace', path, value }] });
};
const LIMITS = {
  throttle: { rateLimit: 2, burstLimit: 1 },
  quota: { limit: 10, offset: 0, period: 'DAY' as const },
};

const CASES: Readonly<Record<string, () => Promise<unknown>>> = {
  'create-api-key-defaults': () => gateway.createApiKey({ name: 'k' }),
  'create-api-key-enabled': () => gateway.createApiKey({ name: 'k', enabled: true }),
  'create-api-key-no-name': () => gateway.createApiKey({}),
  'create-api-key-empty-name': () => gateway.createApiKey({ name: '' }),
  'create-api-key-name-1025': () => gateway.createApiKey({ name: 'n'.repeat(1025) }),
  'create-api-key-value-5': () => gateway.createApiKey({ value: 'v'.repeat(5) }),
  'create-api-key-value-129': () => gateway.createApiKey({ value: 'v'.repeat(129) }),
  'create-api-key-value-empty': () => gateway.createApiKey({ value: '' }),
  'create-api-key-description-125001': () => gateway.createApiKey({ description: 'd'.repeat(125_001) }),
  'create-api-key-duplicate-value': async () => {
    await gateway.createApiKey({ value: VALUE });
    return gateway.createApiKey({ value: VALUE });
  },
  'get-api-keys-empty': () => gateway.getApiKeys({}),
  'get-api-keys-two': () => keys(),
  'get-api-keys-limit-1': async () => {
    await twoKeys();
    return gateway.getApiKeys({ limit: 1 });
  },
  'get-api-keys-limit-1-next': async () => {
    await twoKeys();
    const { position } = await gateway.getApiKeys({ limit: 1 });
    return gateway.getApiKeys({ limit: 1, position });
  },
  'get-api-keys-limit-minus-1': () => gateway.getApiKeys({ limit: -1 }),
  'get-api-keys-prefix': () => keys('prefix'),
  'get-api-keys-prefix-other-case': () => keys('PREFIX'),
  'get-api-keys-postfix': () => keys('two'),
  'get-api-keys-infix': () => keys('fix'),
  'update-api-key-disable': () => patchedKey('/enabled', 'false'),
  'update-api-key-id': () => patchedKey('/id', 'other'),
  'create-usage-plan-name-only': () => gateway.createUsagePlan({ name: 'p' }),
  'create-usage-plan-full': async () => {
    const { restApiId: apiId } = await deployed(PETS, 'dev');
    const apiStages = [{ apiId, stage: 'dev' }];
    return gateway.createUsagePlan({
      name: 'p',
      description: 'd',
      apiStages,
      tags: { tag_key: 'v' },
      ...LIMITS,
    });
  },
  'create-usage-plan-burst-over-rate': () =>
    gateway.createUsagePlan({ name: 'p', throttle: { burstLimit: 20, rateLimit: 10 } }),
  'get-usage-plan': async () => gateway.getUsagePlan({ usagePlanId: (await planned()).usagePlanId }),
  'get-usage-plans': async () => {
    await planned();
    return gateway.getUsagePlans({});
  },
  'get-usage-plans-limits': async () => {
    await planned(LIMITS);
    return gateway.getUsagePlans({});
  },
  'update-usage-plan-unknown': () => gateway.updateUsagePlan({ usagePlanId: 'nope' }),
  'update-usage-plan-unknown-api': () => addStage((apiId) => `${apiId}b:dev`),
  'update-usage-plan-unknown-stage': () => addStage((apiId) => `${apiId}:fakestagename`),
  'create-usage-plan-key': async () => {
    const { id: usagePlanId } = await gateway.createUsagePlan({ name: 'p' });
    const { id: keyId } = await gateway.createApiKey({ name: 'k' });
    return gateway.createUsagePlanKey({ usagePlanId, keyId, keyType: 'API_KEY' });
  },
  'get-usage-plan-keys': async () => {
    const { usagePlanId } = await planWithKeys();
    return gateway.getUsagePlanKeys({ usagePlanId });
  },
  'get-usage-plan-keys-none': async () => {
    const { id: usagePlanId } = await gateway.createUsagePlan({ name: 'p' });
    return gateway.getUsagePlanKeys({ usagePlanId });
  },
  'get-usage-plan-keys-after-delete': async () => {
    const { usagePlanId, keyIds } = await planWithKeys();
    for (const apiKey of keyIds) await gateway.deleteApiKey({ apiKey });
    return gateway.getUsagePlanKeys({ usagePlanId });
  },
  'get-usage-plan-keys-unknown-plan': () => gateway.getUsagePlanKeys({ usagePlanId: 'nope' }),
  'get-rest-apis': async () => {
    for (const name of ['a', 'b']) await gateway.createRestApi({ name, description: 'd' });
    return gateway.getRestApis({});
  },
  'get-rest-apis-tags': async () => {
    await gateway.createRestApi({ name: 'a', description: 'd', tags: { MY_TAG1: 'v' } });
    return gateway.getRestApis({});
  },
  'get-rest-api-tags': async () => {
    const { id: restApiId } = await gateway.createRestApi({
      name: 'a',
      description: 'd',
      tags: { MY_TAG1: 'v' },
    });
    return gateway.getRestApi({ restApiId });
  },
  'get-rest-api-unknown': async () => {
    const { id = '' } = await gateway.createRestApi({ name: 'a' });
    return gateway.getRestApi({ restApiId: id.toUpperCase() });
  },
  'create-rest-api-name-only': () => gateway.createRestApi({ name: 'a' }),
  'create-rest-api-version': () => gateway.createRestApi({ name: 'a', version: 'v1' }),
  'create-rest-api-empty-description': () => gateway.createRestApi({ name: 'a', description: '' }),
  'delete-rest-api': async () => gateway.deleteRestApi({ restApiId: await imported(PETS) }),
  'import-rest-api': () => gateway.importRestApi({ body: body(PETS) }),
  'import-rest-api-bad': () => gateway.importRestApi({ body: body({ not: 'a document' }) }),
  'get-stages': async () => {
    const { restApiId, deploymentId } = await deployed(PETS, 'one');
    await gateway.createStage({ restApiId, deploymentId, stageName: 'two' });
    return gateway.getStages({ restApiId });
  },
  'get-stages-by-deployment': async () => {
    const { restApiId, deploymentId } = await deployed(PETS, 'one');
    await gateway.createDeployment({ restApiId, stageName: 'two' });
    return gateway.getStages({ restApiId, deploymentId });
  },
  'create-stage': async () => {
    const { restApiId, deploymentId } = await deployed(PETS);
    return gateway.createStage({
      restApiId,
      deploymentId,
      stageName: 's',
      description: 'd',
      documentationVersion: '1',
    });
  },
  'get-stages-after-redeploy': async () => {
    const { restApiId } = await deployed(PETS);
    await gateway.createDeployment({ restApiId, stageName: 'local' });
    return gateway.getStages({ restApiId });
  },
  'get-export-oas30-no-version': () => exported(STORE, 'oas30'),
  'get-export-oas30-version': () => exported(PETS, 'oas30'),
  'get-export-oas30-extensions': () => exported(PETS, 'oas30', 'apigateway'),
  'get-export-swagger-no-version': () => exported(STORE, 'swagger'),
  'get-export-swagger-version': () => exported(PETS, 'swagger'),
  'get-export-swagger-extensions': () => exported(PETS, 'swagger', 'apigateway'),
};

/** The types of a value's fields, as the recordings have them; what the SDK adds is left out. */
function shapeOf(value: unknown): unknown {
  if (value instanceof Date || Object.prototype.toString.call(value) === '[object Date]') return 'date';
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  const fields = Object.entries(value).filter(([name, field]) => name !== '$metadata' && field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, shapeOf(field)]));
}

/** A recorded text whose masked parts (`{apiId}`) stand for anything. */
function masked(text: string): RegExp {
  const parts = text.split(/\{(?:apiId|usagePlanId|account|id|createdDate|region)\}/);
  return new RegExp(`^${parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+')}$`);
}

const Answer = z.looseObject({ $metadata: z.looseObject({ httpStatusCode: z.number() }) });
const ExportDocument = z.looseObject({
  info: z.record(z.string(), z.string()),
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({}))),
  components: z.looseObject({ schemas: z.looseObject({}).optional() }).optional(),
});

/** The document of an export in the terms of a recording. */
function describeExport(body: unknown): Record<string, unknown> {
  const text = Buffer.from(body as Uint8Array).toString('utf8');
  const document = ExportDocument.parse(JSON.parse(text));
  const { openapi, swagger, host, basePath, schemes, servers, components } = document;
  return {
    keys: Object.keys(document).sort(),
    version: openapi ?? swagger,
    info: { title: document.info['title'], version: document.info['version'] },
    infoKeys: Object.keys(document.info).sort(),
    paths: Object.fromEntries(
      Object.entries(document.paths).map(([path, verbs]) => [
        path,
        Object.fromEntries(Object.entries(verbs).map(([verb, method]) => [verb, Object.keys(method).sort()])),
      ]),
    ),
    ...(servers !== undefined && { servers }),
    ...(components && {
      components: components.schemas ? { schemas: Object.keys(components.schemas).sort() } : {},
    }),
    ...(host !== undefined && { host, basePath, schemes }),
  };
}

test('every record has a case, and every case a record', () => {
  const ids = [...recorded, ...reportedByUsers].map(({ id }) => id);
  expect(Object.keys(CASES).sort()).toEqual(ids.sort());
});

test.each([...recorded, ...reportedByUsers].map((record) => [record.id, record] as const))(
  '%s',
  async (id, record) => {
    const call = CASES[id]?.() ?? Promise.reject(new Error('no case'));
    if (record.error !== undefined) {
      const message = expect.stringMatching(masked(record.error.message));
      expect(await refusalOf(call)).toMatchObject({
        name: record.error.code,
        status: record.status,
        message,
      });
      return;
    }
    const answer = Answer.parse(await call);
    expect(answer.$metadata.httpStatusCode).toBe(record.status);
    if (record.shape !== undefined) expect(shapeOf(answer)).toEqual(record.shape);
    if (record.values !== undefined && record.itemShape === undefined)
      expect(answer).toMatchObject(record.values);
    if (record.listKeyInSdk !== undefined) {
      const items = z.array(z.looseObject({})).parse(answer[record.listKeyInSdk]);
      expect(items).toHaveLength(record.count ?? 0);
      for (const item of items) {
        if (record.itemShape !== undefined) expect(shapeOf(item)).toEqual(record.itemShape);
        if (record.values !== undefined) expect(item).toMatchObject(record.values);
      }
      if (record.position !== undefined)
        expect(typeof answer['position'] === 'string').toBe(record.position !== 'absent');
    }
    if (record.document !== undefined) {
      expect(answer['contentType']).toBe(record.contentType);
      expect(answer['contentDisposition']).toMatch(masked(record.contentDisposition ?? ''));
      const described = describeExport(answer['body']);
      const sorted = {
        ...record.document,
        keys: record.document.keys.toSorted(),
        infoKeys: record.document.infoKeys.toSorted(),
      };
      expect(maskIds(described)).toEqual(sorted);
    }
  },
);

/** Ids and dates of the sandbox in the place of the recording's masks. */
function maskIds(value: unknown): unknown {
  const text = JSON.stringify(value)
    .replace(/[a-z0-9]{10}\.execute-api\.eu-west-1\./g, '{apiId}.execute-api.{region}.')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '{createdDate}');
  return JSON.parse(text);
}
