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
