import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { changeRecord } from '@federation-agent/broker';
import { catalogKeys, type CatalogEntry } from '@federation-agent/contracts';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { startWorkbench, type Replica, type Workbench } from '../../test/workbench.ts';

let server: TestBroker;
let bench: Workbench;
beforeAll(async () => {
  server = await startTestBroker();
});
afterAll(() => server.stop());
beforeEach(async () => {
  bench = await startWorkbench(server);
});
afterEach(() => bench.stop());

const account = '123456789012';
const idOf = ({ apiId, stage }: { apiId: string; stage: string }): string =>
  `${account}:eu-west-1:${apiId}:${stage}`;
const both = { httpApis: 'true', webSocketApis: 'true' };

/** A REST API with a plan, an HTTP API and a WebSocket API. */
function makeAll() {
  const { control } = bench.aws;
  const rest = bench.addApi();
  const http = control.addHttpApi({ name: 'orders', routes: ['GET /orders', 'ANY /{proxy+}'] });
  const chat = control.addWebSocketApi({ name: 'chat', routes: ['$connect', 'send'] });
  return { rest, http, chat };
}

async function entryOf(uniqueId: string): Promise<CatalogEntry> {
  const entry = (await bench.entries()).get(uniqueId);
  if (!entry) throw new Error(`no entry ${uniqueId}`);
  return entry;
}

async function documentOf({ document }: CatalogEntry): Promise<Record<string, unknown>> {
  if (document.state !== 'stored') throw new Error(`the document is ${document.state}`);
  const content = await bench.documents.get(document.ref);
  return JSON.parse(content?.toString('utf8') ?? '') as Record<string, unknown>;
}

const linesOf = ({ telemetry }: Replica): string => JSON.stringify(telemetry.lines());

test('HTTP and WebSocket APIs are in the catalog, each with its document and without plans', async () => {
  bench.aws.control.grantReach();
  const { rest, http, chat } = makeAll();
  await bench.start({ configuration: both });
  expect((await bench.scanned()).lastFailure).toBeUndefined();
  expect([...(await bench.entries()).keys()].sort()).toEqual([rest.uniqueId, idOf(http), idOf(chat)].sort());

  const order = await entryOf(idOf(http));
  expect(order).toMatchObject({
    apiType: 'HTTP',
    name: 'orders',
    plans: [],
    invokeUrl: `https://${http.apiId}.execute-api.eu-west-1.amazonaws.com`,
  });
  const paths = (await documentOf(order))['paths'] as Record<string, object>;
  expect(Object.keys(paths)).toEqual(['/orders', '/{proxy+}']);
  expect(Object.keys(paths['/{proxy+}'] ?? {})).toEqual(
    expect.arrayContaining(['get', 'post', 'parameters']),
  );

  const messages = await entryOf(idOf(chat));
  expect(messages).toMatchObject({
    apiType: 'WEBSOCKET',
    invokeUrl: `wss://${chat.apiId}.execute-api.eu-west-1.amazonaws.com/live`,
    document: { facts: { routes: ['$connect', 'send'] } },
  });
  expect(await documentOf(messages)).toMatchObject({
    asyncapi: '2.6.0',
    channels: { '/': { publish: { message: { oneOf: [{ name: 'send' }] } } } },
  });
});

test('they are discovered and ingested like any other', async () => {
  bench.aws.control.grantReach();
  const { http, chat } = makeAll();
  await bench.start({ configuration: both });
  await bench.scanned();
  const answer = await bench.link.discover();
  expect(JSON.stringify(answer)).toContain(idOf(http));
  const started = await bench.link.startIngest();
  if (started.status !== 'SUCCEEDED') throw new Error(started.errorDetails);
  const batches = await bench.link.untilDone(started.payload.ingestJobId);
  const apis = new Map(batches.flatMap((batch) => batch.apis).map((api) => [api.uniqueId, api]));
  expect(apis.get(idOf(http))).toMatchObject({ plans: [], pages: [{ pageType: 'SWAGGER' }] });
  expect(apis.get(idOf(chat))).toMatchObject({ plans: [], pages: [{ pageType: 'ASYNCAPI' }] });
});

test('an unchanged account costs its lists and stages, and no document', async () => {
  bench.aws.control.grantReach();
  const { http } = makeAll();
  await bench.start({ configuration: both });
  await bench.scanned();
  const { control } = bench.aws;
  control.clearLog();
  await bench.scanAgain();
  // One list of each kind, and GetStages of three APIs.
  expect(bench.counted()).toEqual({ GetRestApis: 1, GetUsagePlans: 1, GetApis: 1, GetStages: 3 });
  control.clearLog();
  control.addRoute({ apiId: http.apiId, routeKey: 'GET /more' });
  await bench.scanAgain();
  expect(bench.counted()).toMatchObject({ ExportApi: 1 });
  expect(bench.counted()).not.toHaveProperty('GetExport');
});

test('without the keys nothing of them is asked', async () => {
  bench.aws.control.grantReach();
  const { rest } = makeAll();
  await bench.start();
  await bench.scanned();
  expect([...(await bench.entries()).keys()]).toEqual([rest.uniqueId]);
  expect(bench.counted()).not.toHaveProperty('GetApis');
});

test('where the policy lacks the right everything else goes on, and one line says so', async () => {
  const { rest } = makeAll();
  const replica = await bench.start({ configuration: both });
  const record = await bench.scanned();
  expect(record.lastFailure).toBeUndefined();
  expect([...(await bench.entries()).keys()]).toEqual([rest.uniqueId]);
  await bench.scanAgain();
  await bench.age(60 * 60_000);
  await bench.link.discover();
  // DISCOVER reads the lists anew, but not the one that scans were refused.
  expect(bench.counted()).toMatchObject({ GetRestApis: 3, GetApis: 2 });
  expect(linesOf(replica).match(/HTTP and WebSocket APIs cannot be read/gu)).toHaveLength(1);
  expect(linesOf(replica)).toContain('apigateway:GET on arn:aws:apigateway:*::/apis');
});

test.each([
  ['denied', { kind: 'status', status: 403 }],
  ['not there in this AWS', { kind: 'status', status: 501 }],
  ['failing', { kind: 'status', status: 500 }],
] as const)('once known they stay as they are while the list is %s', async (_name, fault) => {
  const { control } = bench.aws;
  control.grantReach();
  const { http, chat } = makeAll();
  await bench.start({ configuration: both });
  await bench.scanned();
  const before = await bench.entries();
  control.addFault({ match: { operation: 'GetApis' }, fault });
  for (let scan = 0; scan < 3; scan += 1) {
    await bench.scanAgain();
    await bench.age(24 * 60 * 60_000);
  }
  expect(await bench.entries()).toEqual(before);
  control.clearFaults();
  control.deleteV2Api({ apiId: http.apiId });
  await bench.scanAgain();
  const after = await bench.entries();
  expect([after.get(idOf(http))?.missing?.reads, after.get(idOf(chat))?.missing]).toEqual([1, undefined]);
});

test('a list that fails after its first page counts as not read at all', async () => {
  const { control } = bench.aws;
  control.grantReach();
  for (const name of ['a', 'b', 'c']) control.addHttpApi({ name, routes: ['GET /'] });
  await bench.start({ configuration: both });
  await bench.scanned();
  const before = await bench.entries();
  expect(before.size).toBe(3);
  control.setLimits({ maxPageSize: 1 });
  control.addFault({ match: { operation: 'GetApis' }, after: 1, fault: { kind: 'status', status: 500 } });
  expect((await bench.scanAgain()).lastFailure).toBeDefined();
  expect(await bench.entries()).toEqual(before);
});

test('one that was deleted is hidden at once, and gone after a second look', async () => {
  const { control } = bench.aws;
  control.grantReach();
  const { rest, http, chat } = makeAll();
  await bench.start({ configuration: both });
  await bench.scanned();
  control.deleteV2Api({ apiId: http.apiId });
  await bench.scanAgain();
  const hidden = await entryOf(idOf(http));
  expect(JSON.stringify(await bench.link.discover())).not.toContain(idOf(http));
  // A schedule interval passes.
  const missing = { since: (hidden.missing?.since ?? 0) - 24 * 60 * 60_000, reads: 1 };
  await changeRecord(bench.catalog, catalogKeys.entry(bench.integrationId, hidden), () => ({
    ...hidden,
    missing,
  }));
  await bench.scanAgain();
  expect([...(await bench.entries()).keys()].sort()).toEqual([rest.uniqueId, idOf(chat)].sort());
});

test('a list that hangs does not keep DISCOVER from the REST APIs', async () => {
  const { control } = bench.aws;
  control.grantReach();
  const { rest, http } = makeAll();
  await bench.start({ configuration: both });
  await bench.scanned();
  control.addFault({ match: { operation: 'GetApis' }, fault: { kind: 'hang-before' } });
  const added = bench.addApi('new');
  await bench.age(60 * 60_000);
  const answer = await bench.link.discover();
  expect(answer).toMatchObject({ status: 'SUCCEEDED', payload: { isPartialDiscovery: false } });
  for (const id of [rest.uniqueId, idOf(http), added.uniqueId]) expect(JSON.stringify(answer)).toContain(id);
});

test('they leave when nobody wants them any more', async () => {
  bench.aws.control.grantReach();
  const { rest, chat } = makeAll();
  const first = await bench.start({ configuration: both });
  await bench.scanned();
  await first.stop();
  await bench.start({ configuration: { webSocketApis: 'true' } });
  await bench.scanAgain();
  expect([...(await bench.entries()).keys()].sort()).toEqual([rest.uniqueId, idOf(chat)].sort());
});

test('they come back when they are wanted again', async () => {
  bench.aws.control.grantReach();
  const { rest, http } = makeAll();
  for (const [configuration, ids] of [
    [{ httpApis: 'true' }, [rest.uniqueId, idOf(http)]],
    [{}, [rest.uniqueId]],
    [{ httpApis: 'true' }, [rest.uniqueId, idOf(http)]],
  ] as const) {
    const replica = await bench.start({ configuration });
    await bench.scanned();
    await bench.scanAgain();
    expect([...(await bench.entries()).keys()].sort()).toEqual([...ids].sort());
    await replica.stop();
  }
  expect(await entryOf(idOf(http))).toMatchObject({ verified: true, document: { state: 'stored' } });
});

test('a WebSocket API whose models may not be read has a document without them', async () => {
  const { control } = bench.aws;
  control.grantReach();
  control.addFault({
    match: { operation: 'GetModels', path: '/v2/*' },
    fault: { kind: 'status', status: 403 },
  });
  const { chat } = makeAll();
  await bench.start({ configuration: both });
  expect((await bench.scanned()).lastFailure).toBeUndefined();
  const document = await documentOf(await entryOf(idOf(chat)));
  expect(document).toMatchObject({ asyncapi: '2.6.0' });
  expect(document).not.toHaveProperty('components');
  expect(bench.counted()).toMatchObject({ GetModels: 1 });
});

test('a stage that was never deployed and an API without routes are listed without a document', async () => {
  const { control } = bench.aws;
  control.grantReach();
  const idle = control.addHttpApi({ name: 'idle', routes: ['GET /'], stage: 'v1', autoDeploy: false });
  const empty = control.addHttpApi({ name: 'empty' });
  await bench.start({ configuration: both });
  expect((await bench.scanned()).lastFailure).toBeUndefined();
  for (const api of [idle, empty])
    expect(await entryOf(idOf(api))).toMatchObject({ verified: true, document: { state: 'unavailable' } });
  control.clearLog();
  await bench.scanAgain();
  expect(bench.counted()).not.toHaveProperty('ExportApi');
});
