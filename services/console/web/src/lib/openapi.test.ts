import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { summaryOf } from './openapi.ts';

test('a document in short: operations with their methods, and which need a key', () => {
  const document = {
    openapi: '3.0.1',
    info: { title: 'Pets', version: '2' },
    servers: [{ url: 'https://x/{basePath}', variables: { basePath: { default: '/v1' } } }],
    paths: {
      '/pets': {
        get: { summary: 'Lists', security: [{ api_key: [] }] },
        parameters: [],
        'x-amazon-apigateway-any-method': {},
      },
    },
  };
  expect(summaryOf(JSON.stringify(document))).toEqual({
    title: 'Pets',
    version: '2',
    format: 'OpenAPI 3.0.1',
    servers: ['https://x/v1'],
    operations: [
      { method: 'GET', path: '/pets', summary: 'Lists', needsKey: true },
      { method: 'ANY', path: '/pets', summary: '', needsKey: false },
    ],
  });
});

test('what is no document has no summary', () =>
  expect(['', '[]', '{"info":{}}', 'openapi: 3.0.1'].map(summaryOf)).toEqual(Array(4).fill(undefined)));

test('a hostile document breaks nothing', () => {
  const document = fc.record({
    openapi: fc.constant('3.0.1'),
    info: fc.json(),
    servers: fc.jsonValue(),
    paths: fc.jsonValue(),
  });
  fc.assert(fc.property(document, (one) => expect(summaryOf(JSON.stringify(one))).toBeDefined()));
});
