import { describe, expect, test } from '@jest/globals';
import { documentFacts, withPlainSchemes } from './security.ts';

const key = { type: 'apiKey', name: 'x-api-key', in: 'header' };
const jwt = {
  type: 'oauth2',
  'x-amazon-apigateway-authorizer': {
    type: 'jwt',
    jwtConfiguration: { issuer: 'https://login.example.com/', audience: ['orders'] },
  },
};
const lambda = {
  type: 'apiKey',
  name: 'Authorization',
  in: 'header',
  'x-amazon-apigateway-authorizer': { type: 'request' },
};
const withSchemes = (securitySchemes: object, security?: object, all?: object) => ({
  info: { version: '7' },
  ...(all && { security: all }),
  paths: { '/pets': { get: { ...(security && { security }) }, parameters: [] } },
  components: { securitySchemes },
});

describe('whether some method requires a key', () => {
  test.each<[string, object, boolean | undefined]>([
    ['one does', withSchemes({ api_key: key }, [{ api_key: [] }]), true],
    ['none does', withSchemes({ api_key: key }, []), false],
    ['all do by the document', withSchemes({ api_key: key }, undefined, [{ api_key: [] }]), true],
    ['one is freed of it', withSchemes({ api_key: key }, [], [{ api_key: [] }]), false],
    ['another header', withSchemes({ auth: lambda }, [{ auth: [] }]), false],
    [
      'ANY does',
      {
        paths: { '/': { 'x-amazon-apigateway-any-method': { security: [{ api_key: [] }] } } },
        securityDefinitions: { api_key: key },
      },
      true,
    ],
    ['nothing is there', {}, undefined],
  ])('%s', (_name, document, expected) => expect(documentFacts({ ...document }).keyRequired).toBe(expected));
});

test('authorizers are told in words', () => {
  expect(documentFacts(withSchemes({ jwt, lambda, api_key: key }))).toEqual({
    version: '7',
    keyRequired: false,
    authorizers: ['JWT of https://login.example.com/ for the audience orders', 'a Lambda authorizer'],
  });
});

test('a scheme that would be invalid without the extension becomes what the extension says', () => {
  const document = withSchemes({ jwt, other: { type: 'oauth2' }, api_key: key });
  expect(withPlainSchemes(document)).toMatchObject({
    components: {
      securitySchemes: {
        jwt: {
          type: 'openIdConnect',
          openIdConnectUrl: 'https://login.example.com/.well-known/openid-configuration',
        },
        other: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        api_key: key,
      },
    },
  });
  const plain = withSchemes({ api_key: key });
  expect(withPlainSchemes(plain)).toBe(plain);
});
