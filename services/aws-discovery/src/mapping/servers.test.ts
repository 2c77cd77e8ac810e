import { describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { CatalogEntry, Page } from '@federation-agent/contracts';
import { entry } from '../../test/samples.ts';
import { withServers, workingUrls } from './servers.ts';

const own = 'https://api1.execute-api.eu-west-1.amazonaws.com/prod';
const addresses = [{ domain: 'api.example.com', url: 'https://api.example.com/pets' }];
const looking = { customDomains: true };
const pageOf = (document: object): Page => ({
  pageType: 'SWAGGER',
  content: JSON.stringify(document),
  filename: 'openapi.json',
});
const openApi = {
  openapi: '3.0.1',
  info: { title: 'Pets', version: '1' },
  servers: [
    {
      url: 'https://api1.execute-api.eu-west-1.amazonaws.com/{basePath}',
      variables: { basePath: { default: 'prod' } },
    },
  ],
  paths: {},
};

describe('the addresses that work', () => {
  test.each<[name: string, change: Partial<CatalogEntry>, showing: object, expected: string[]]>([
    ['nobody looks for domains', { addresses }, {}, [own]],
    ['nobody looks, and the endpoint is off', { disableExecuteApiEndpoint: true }, {}, [own]],
    ['a domain comes first', { addresses }, looking, ['https://api.example.com/pets', own]],
    ['no domain', {}, looking, [own]],
    [
      'the endpoint is off',
      { addresses, disableExecuteApiEndpoint: true },
      looking,
      ['https://api.example.com/pets'],
    ],
    [
      'the endpoint is off, and there is no domain',
      { addresses: [], disableExecuteApiEndpoint: true },
      looking,
      [],
    ],
    ['the endpoint is off, and no domain can be read', { disableExecuteApiEndpoint: true }, looking, [own]],
    ['a WebSocket API', { addresses, apiType: 'WEBSOCKET' }, looking, ['wss://api.example.com/pets', own]],
  ])('%s', (_name, change, showing, expected) =>
    expect(workingUrls(entry(change), showing)).toEqual(expected),
  );
});

test('a page whose servers are right stays the same bytes', () => {
  const page = pageOf(openApi);
  expect(withServers(page, entry(), looking)).toBe(page);
  expect(withServers(page, entry({ addresses }), {})).toBe(page);
});

test('a page with other servers is valid', async () => {
  for (const change of [
    { addresses },
    { addresses, disableExecuteApiEndpoint: true },
    { addresses: [], disableExecuteApiEndpoint: true },
  ]) {
    const document = JSON.parse(withServers(pageOf(openApi), entry(change), looking).content) as Partial<
      typeof openApi
    >;
    expect(document.servers?.map(({ url }) => url)).toEqual(
      change.addresses.length > 0 ? [...workingUrls(entry(change), looking)] : undefined,
    );
    expect(await new Validator().validate({ ...document })).toMatchObject({ valid: true });
  }
});

test('Swagger 2.0 has the best address, AsyncAPI all', () => {
  const swagger = pageOf({ swagger: '2.0', host: 'x', basePath: '/prod' });
  expect(JSON.parse(withServers(swagger, entry({ addresses }), looking).content)).toMatchObject({
    host: 'api.example.com',
    basePath: '/pets',
  });
  const socket = entry({ addresses, apiType: 'WEBSOCKET', invokeUrl: 'wss://abc/live' });
  expect(JSON.parse(withServers(pageOf({ asyncapi: '2.6.0' }), socket, looking).content)).toEqual({
    asyncapi: '2.6.0',
    servers: {
      server1: { url: 'api.example.com/pets', protocol: 'wss' },
      server2: { url: 'abc/live', protocol: 'wss' },
    },
  });
});
