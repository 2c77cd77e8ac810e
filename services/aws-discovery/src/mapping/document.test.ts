import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { entry } from '../../test/samples.ts';
import { apiVersion, exportCacheKey, toDocument, toPage } from './document.ts';

const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const stored = (value: unknown, version = '1.0'): Record<string, unknown> => {
  const parsed = toDocument(bytes(value), version);
  if (!parsed.ok) throw new Error(parsed.reason);
  return JSON.parse(parsed.content.toString()) as Record<string, unknown>;
};
const openapi = (rest: object) => ({ openapi: '3.0.1', info: { title: 't', version: '1' }, ...rest });
const operation = { responses: { 200: { description: 'ok' } } };

describe('the version', () => {
  test("is the API's, else its creation time as AWS writes it, else 1", () => {
    expect(apiVersion({ version: '2.1', createdAt: 1 })).toBe('2.1');
    expect(apiVersion({ version: '', createdAt: 1_700_000_000 })).toBe('2023-11-14T22:13:20Z');
    expect(apiVersion({})).toBe('1');
  });
});

describe('an export', () => {
  test('with a JWT authorizer stays valid without the extension that explains it', () => {
    const authorizer = { jwtConfiguration: { issuer: 'https://login.example.com', audience: [] } };
    const jwt = { type: 'oauth2', 'x-amazon-apigateway-authorizer': authorizer };
    expect(stored({ openapi: '3.0.1', paths: {}, components: { securitySchemes: { jwt } } })).toMatchObject({
      components: {
        securitySchemes: {
          jwt: {
            type: 'openIdConnect',
            openIdConnectUrl: 'https://login.example.com/.well-known/openid-configuration',
          },
        },
      },
    });
  });

  test('that differs only in the order of keys and in its version is the same bytes', () => {
    const first = {
      openapi: '3.0.1',
      info: { title: 't', version: '12:01:59' },
      paths: { '/b': {}, '/a': {} },
    };
    const second = {
      paths: { '/a': {}, '/b': {} },
      info: { version: '12:02:00', title: 't' },
      openapi: '3.0.1',
    };
    expect(stored(first)).toEqual(stored(second));
    expect(stored(first)).toMatchObject({ info: { title: 't', version: '1.0' } });
  });

  test('as moto gives it: Swagger 2.0, methods in capitals, empty path items', () => {
    const moto = {
      swagger: '2.0',
      info: { title: 't', version: '9:41:12' },
      basePath: '/',
      paths: { '/': {}, '/pets': { GET: operation, POST: operation } },
    };
    expect(stored(moto)).toEqual({
      swagger: '2.0',
      info: { title: 't', version: '1.0' },
      basePath: '/',
      paths: { '/': {}, '/pets': { get: operation, post: operation } },
    });
  });

  test('loses vendor extensions at every depth, which name ARNs, and keeps what only looks like one', () => {
    const extension = { uri: 'arn:aws:apigateway:eu-west-1:lambda:path/functions/secret' };
    const document = openapi({
      'x-amazon-apigateway-policy': extension,
      paths: {
        '/pets': {
          get: {
            ...operation,
            'x-amazon-apigateway-integration': extension,
            responses: { 200: { description: 'ok', headers: { 'x-amazon-trace': { schema: {} } } } },
          },
        },
      },
      components: {
        schemas: { Pet: { properties: { 'x-amazon-id': { 'x-amazon-inner': 1, type: 'string' } } } },
      },
    });
    const text = JSON.stringify(stored(document));
    expect(text).not.toContain('arn:aws');
    expect(text).not.toContain('x-amazon-inner');
    expect(text).toContain('x-amazon-trace');
    expect(text).toContain('x-amazon-id');
  });

  test('a property that is called like a map of names is a schema again', () => {
    const document = openapi({
      components: { schemas: { A: { properties: { headers: { 'x-amazon-leak': 'arn', type: 'object' } } } } },
    });
    expect(JSON.stringify(stored(document))).not.toContain('x-amazon-leak');
  });

  test('ANY becomes every method; an own one wins; operation ids stay unique', () => {
    const any = { ...operation, operationId: 'any', summary: 'any' };
    const get = { ...operation, summary: 'own' };
    const { paths } = stored(
      openapi({ paths: { '/{proxy+}': { 'x-amazon-apigateway-any-method': any, get } } }),
    );
    const item = (paths as Record<string, Record<string, { summary: string; operationId?: string }>>)[
      '/{proxy+}'
    ];
    expect(Object.keys(item ?? {})).toEqual(['delete', 'get', 'head', 'options', 'patch', 'post', 'put']);
    expect(item?.['get']?.summary).toBe('own');
    expect(item?.['put']).toEqual({ ...operation, summary: 'any' });
  });

  test('holds no null bytes, neither in keys nor in values', () => {
    const document = openapi({
      info: { title: 'a\0b', version: '1' },
      paths: { '/a\0': { get: operation } },
    });
    expect(JSON.stringify(stored(document))).not.toContain(String.raw`\u0000`);
    expect(stored(document)).toMatchObject({ info: { title: 'ab' }, paths: { '/a': {} } });
  });

  test.each([
    ['HTML', Buffer.from('<html></html>'), 'not JSON'],
    ['half of it', bytes(openapi({})).subarray(0, 20), 'not JSON'],
    ['no UTF-8', Buffer.from([0xff, 0xfe]), 'not JSON'],
    ['a list', bytes([]), 'not an OpenAPI document'],
    ['another object', bytes({ message: 'Forbidden' }), 'not an OpenAPI document'],
    ['null', bytes(null), 'not an OpenAPI document'],
    [
      'without end',
      Buffer.from(`{"openapi":"3.0.1","a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`),
      'nested',
    ],
  ])('that is %s says so', (_name, given, reason) => {
    expect(toDocument(given, '1')).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
  });

  test('any document: stored once more it is the same, and has no extension of AWS outside of names', () => {
    const key = fc.constantFrom(
      'paths',
      'properties',
      'headers',
      'x-amazon-apigateway-any-method',
      'x-amazon-a',
      'GET',
      'a\0',
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.string(),
        fc.integer(),
        fc.array(tie('value'), { maxLength: 3 }),
        tie('object'),
      ),
      object: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    }));
    fc.assert(
      fc.property(value, (paths) => {
        const once = toDocument(bytes(openapi({ paths })), '1');
        if (!once.ok) throw new Error(once.reason);
        expect(toDocument(once.content, '1')).toMatchObject({ ok: true, content: once.content });
      }),
    );
  });
});

describe('the cache key', () => {
  test('follows what an export shows, and nothing else', () => {
    const before = exportCacheKey(entry());
    for (const change of [
      { deploymentId: 'd2' },
      { documentationVersion: '7' },
      { stageCreatedAt: 1 },
      { name: 'n' },
      { version: 'v' },
      { description: 'd' },
    ]) {
      expect(exportCacheKey(entry(change))).not.toBe(before);
    }
    const others = entry({
      stageUpdatedAt: 1,
      tags: {},
      plans: [],
      changedAt: 1,
      degraded: { reason: 'x', since: 1 },
    });
    expect(exportCacheKey(others)).toBe(before);
  });
});

test('a page is SWAGGER, under one file name for ever', () => {
  expect(toPage(Buffer.from('{"é":1}'))).toEqual({
    pageType: 'SWAGGER',
    content: '{"é":1}',
    filename: 'openapi.json',
  });
});
