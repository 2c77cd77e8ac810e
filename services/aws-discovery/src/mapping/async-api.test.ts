import { expect, test } from '@jest/globals';
import specs from '@asyncapi/specs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { toAsyncApi } from './async-api.ts';

const ajv = new Ajv({ strict: false, validateFormats: false });
const isValid = ajv.compile({ ...specs.schemasWithoutId['2.6.0'] } as object);

const api = {
  name: 'chat',
  version: '1',
  description: '',
  invokeUrl: 'wss://abc.execute-api.eu-west-1.amazonaws.com/live',
};
const route = (key: string, requestModels: Record<string, string> = {}) => ({
  key,
  keyRequired: false,
  requestModels,
});

function documentOf(...given: Parameters<typeof toAsyncApi>): object {
  const parsed = toAsyncApi(...given);
  if (!parsed.ok) throw new Error(parsed.reason);
  return JSON.parse(parsed.content.toString('utf8')) as object;
}

test('each route that a consumer may send is a message with its model', () => {
  const schema = '{"$schema":"http://json-schema.org/draft-04/schema#","type":"object"}';
  const routes = [route('$connect'), route('send', { $default: 'Message' }), route('$default')];
  const document = documentOf(api, routes, [{ name: 'Message', schema }]);
  expect(document).toMatchObject({
    servers: { stage: { url: 'abc.execute-api.eu-west-1.amazonaws.com/live', protocol: 'wss' } },
    channels: {
      '/': {
        publish: {
          message: {
            oneOf: [
              { name: '$default' },
              { name: 'send', payload: { $ref: '#/components/schemas/Message' } },
            ],
          },
        },
      },
    },
    components: { schemas: { Message: { type: 'object' } } },
  });
  expect([isValid(document), isValid.errors]).toEqual([true, null]);
});

test('a model keeps its own definitions: its references still lead to them', () => {
  const schema = JSON.stringify({
    definitions: { Item: { type: 'string' } },
    properties: { item: { $ref: '#/definitions/Item' }, again: { $ref: '#' }, $ref: { type: 'string' } },
    items: { $ref: 'https://apigateway.amazonaws.com/restapis/abc/models/Other' },
  });
  const document = documentOf(api, [route('send', { $default: 'Order' })], [{ name: 'Order', schema }]);
  expect(document).toMatchObject({
    components: {
      schemas: {
        Order: {
          properties: {
            item: { $ref: '#/components/schemas/Order/definitions/Item' },
            again: { $ref: '#/components/schemas/Order' },
            $ref: { type: 'string' },
          },
          items: {},
        },
      },
    },
  });
  expect(JSON.stringify(document)).not.toContain('amazonaws.com/restapis');
});

test('null bytes go, and what only looks like one stays', () => {
  const schema = JSON.stringify({ pattern: String.raw`[^\u0000-\u001f]` });
  const document = documentOf({ ...api, name: 'a\0b' }, [], [{ name: 'Text', schema }]);
  expect(document).toMatchObject({
    info: { title: 'ab' },
    components: { schemas: { Text: { pattern: String.raw`[^\u0000-\u001f]` } } },
  });
});

test('without the models a route has no payload, whatever its model is called', () => {
  expect(documentOf(api, [route('send', { $default: 'constructor' })], [])).toMatchObject({
    channels: { '/': { publish: { message: { oneOf: [{ name: 'send', title: 'send' }] } } } },
  });
  expect(JSON.stringify(documentOf(api, [route('send', { $default: 'constructor' })], []))).not.toContain(
    'payload',
  );
});

test('a model that is nested without end is left out', () => {
  const schema = `${'{"not":'.repeat(100_000)}{}${'}'.repeat(100_000)}`;
  const document = documentOf(api, [route('send', { $default: 'Deep' })], [{ name: 'Deep', schema }]);
  expect([isValid(document), document]).toEqual([true, expect.not.objectContaining({ components: {} })]);
});

test('of any API it is valid', () => {
  const text = fc.string({ unit: 'grapheme' });
  const schema = fc.oneof(text, fc.constant('{"type":"string"}'), fc.constant('{"$ref":"https://x/y"}'));
  fc.assert(
    fc.property(
      text,
      text,
      fc.array(text),
      fc.array(fc.record({ name: text, schema })),
      (name, model, keys, models) => {
        const routes = keys.map((key) => route(key, { $default: model }));
        const document = documentOf({ ...api, name, description: name }, routes, models);
        if (!isValid(document)) throw new Error(ajv.errorsText(isValid.errors));
      },
    ),
  );
});
