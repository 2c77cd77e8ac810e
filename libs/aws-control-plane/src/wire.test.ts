import { describe, expect, test } from '@jest/globals';
import type { RawAnswer } from './answer.ts';
import {
  readDocument,
  readImportedId,
  readKeyId,
  readNothing,
  readPage,
  restApiOnWire,
  stageOnWire,
  usagePlanOnWire,
} from './wire.ts';

const raw = (body: string): RawAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(body),
  complete: true,
});
const json = (body: unknown): RawAnswer => raw(JSON.stringify(body));

describe('a page', () => {
  test('an empty list is one that says so', () => {
    expect(readPage(json({ item: [] }), usagePlanOnWire)).toEqual({ value: { items: [] } });
  });

  test.each<[string, RawAnswer]>([
    ['an empty object', json({})],
    ['a message with 200', json({ message: 'Internal server error' })],
    ['null instead of the list', json({ item: null })],
    ['an object instead of the list', json({ item: {} })],
    ['a list under the name that the SDK gives it', json({ items: [] })],
    ['a bare list', json([])],
    ['HTML', raw('<html></html>')],
    ['nothing', raw('')],
    ['half of it', raw('{"item": [{"id": "a"')],
    ['an item that is null', json({ item: [null] })],
    ['an item without its id', json({ item: [{ name: 'x' }] })],
    ['a stage without its API', json({ item: [{ id: 'p', apiStages: [{ stage: 'prod' }] }] })],
    ['a token that is no text', json({ item: [], position: 5 })],
  ])('never becomes an empty list: %s', (_name, answer) => {
    expect(readPage(answer, usagePlanOnWire)).toHaveProperty('unreadable');
  });

  test('what is not readable is named by its field, not by its value', () => {
    const read = readPage(json({ item: [{ id: 7, name: 'TELLTALE' }] }), usagePlanOnWire);
    expect(read).toEqual({ unreadable: 'not in the form that AWS sends, see item.0.id' });
  });
});

test('a REST API as AWS has it, and as moto has it with null for what is absent', () => {
  const aws = {
    id: 'a1',
    name: 'Orders',
    description: 'All orders',
    createdDate: 1_511_379_050,
    version: '1.2',
    apiKeySource: 'HEADER',
    endpointConfiguration: { types: ['PRIVATE'], ipAddressType: 'ipv4', vpcEndpointIds: ['vpce-1'] },
    disableExecuteApiEndpoint: true,
    tags: { team: 'red' },
    somethingNew: { any: 'thing' },
  };
  const moto = {
    id: 'a2',
    name: 'Pets',
    description: null,
    createdDate: '2026-01-02T03:04:05Z',
    version: null,
    apiKeySource: null,
    endpointConfiguration: null,
    disableExecuteApiEndpoint: null,
    tags: null,
  };
  const read = readPage(json({ item: [aws, moto], position: 'next' }), restApiOnWire);
  const plain = { endpointTypes: [], vpcEndpointIds: [], disableExecuteApiEndpoint: false, tags: {} };
  expect(read).toEqual({
    value: {
      position: 'next',
      items: [
        {
          id: 'a1',
          name: 'Orders',
          description: 'All orders',
          createdAt: 1_511_379_050,
          version: '1.2',
          apiKeySource: 'HEADER',
          endpointTypes: ['PRIVATE'],
          vpcEndpointIds: ['vpce-1'],
          disableExecuteApiEndpoint: true,
          tags: { team: 'red' },
        },
        { id: 'a2', name: 'Pets', createdAt: Date.parse('2026-01-02T03:04:05Z') / 1_000, ...plain },
      ],
    },
  });
});

test('stages with dates, without, and with what is no date', () => {
  const stages = [
    { stageName: 'prod', deploymentId: 'd1', createdDate: 1, lastUpdatedDate: 2, documentationVersion: 'v3' },
    { stageName: 'dev', deploymentId: 'd1' },
    { stageName: 'odd', createdDate: { seconds: 1 }, lastUpdatedDate: 'yesterday' },
  ];
  expect(readPage(json({ item: stages }), stageOnWire)).toEqual({
    value: {
      items: [
        { name: 'prod', deploymentId: 'd1', createdAt: 1, updatedAt: 2, documentationVersion: 'v3' },
        { name: 'dev', deploymentId: 'd1' },
        { name: 'odd' },
      ],
    },
  });
});

test('usage plans with limits, without, and with limits of single methods', () => {
  const plans = [
    {
      id: 'p1',
      name: 'Gold',
      throttle: { rateLimit: 2.5, burstLimit: 1 },
      quota: { limit: 10, offset: 0, period: 'WEEK' },
      apiStages: [
        { apiId: 'a', stage: 's', throttle: { '/pets/GET': { rateLimit: 1, burstLimit: 2 }, odd: {} } },
      ],
    },
    { id: 'p2', name: 'Free', description: null, throttle: null, quota: null, apiStages: null },
    { id: 'p3', throttle: {}, quota: {}, apiStages: [] },
  ];
  expect(readPage(json({ item: plans }), usagePlanOnWire)).toEqual({
    value: {
      items: [
        {
          id: 'p1',
          name: 'Gold',
          limits: { rateLimit: 2.5, burstLimit: 1, quota: { limit: 10, offset: 0, period: 'WEEK' } },
          stages: [
            {
              restApiId: 'a',
              stage: 's',
              methodLimits: { 'GET /pets': { rateLimit: 1, burstLimit: 2 }, odd: {} },
            },
          ],
        },
        { id: 'p2', name: 'Free', limits: {}, stages: [] },
        { id: 'p3', name: 'p3', limits: {}, stages: [] },
      ],
    },
  });
});

test('the id of a key; of an import exactly one', () => {
  expect(readKeyId(json({ id: 'k1', value: 'secret' }))).toEqual({ value: { keyId: 'k1' } });
  expect(readKeyId(json({}))).toHaveProperty('unreadable');
  expect(readImportedId(json({ ids: ['k1'], warnings: [] }))).toEqual({ value: { keyId: 'k1' } });
  expect(readImportedId(json({ ids: [], warnings: ['no'] }))).toHaveProperty('unreadable');
  expect(readImportedId(json({ ids: ['k1', 'k2'] }))).toHaveProperty('unreadable');
});

test('a delete succeeds with nothing, and not with a page of a proxy', () => {
  expect([raw(''), json({})].map(readNothing)).toEqual([{ value: undefined }, { value: undefined }]);
  for (const answer of [raw('<html></html>'), json({ message: 'no' }), json([])])
    expect(readNothing(answer)).toHaveProperty('unreadable');
});

test('a document is an object that says openapi or swagger; its bytes stay as they are', () => {
  const text = '{ "openapi" : "3.0.1",  "paths":{} }';
  expect(readDocument(raw(text))).toEqual({ value: Buffer.from(text) });
  expect(readDocument(json({ swagger: '2.0' }))).toHaveProperty('value');
  for (const answer of [
    raw(text.slice(0, -3)),
    json({ message: 'no' }),
    raw('<html></html>'),
    json({ openapi: ['3'] }),
  ])
    expect(readDocument(answer)).toHaveProperty('unreadable');
});
