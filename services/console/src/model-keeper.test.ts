/** When the console watches the broker, over real HTTP and on a real broker; only the clock is moved by hand. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { CatalogEntry, catalogKeys } from '@federation-agent/contracts';
import { eventually, handClock, testTelemetry, type HandClock } from '@federation-agent/base/test';
import { openBucket, type Bucket } from '@federation-agent/broker';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { entryOf } from '../test/samples.ts';
import { startTestConsole, type TestConsole } from '../test/console.ts';
import { EstatePage, Overview } from './api/index.ts';
import { idleMs } from './model-keeper.ts';

const watches = 5;
let server: TestBroker;
let clock: HandClock;
let console_: TestConsole;
let catalog: Bucket<CatalogEntry>;

beforeAll(async () => {
  server = await startTestBroker();
});
afterAll(() => server.stop());
beforeEach(async () => {
  clock = handClock();
  console_ = await startTestConsole({
    brokerUrl: server.url,
    http: { authentication: { type: 'none' } },
    telemetry: testTelemetry(),
    clock,
  });
  catalog = await openBucket(console_.broker, 'catalog', CatalogEntry);
});
afterEach(() => console_.stop());

const get = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(new URL(path, console_.url), init);
const put = async (restApiId: string): Promise<void> => {
  const entry = entryOf({ restApiId });
  await catalog.put(catalogKeys.entry(entry.integrationId, entry), entry);
};
const stagesFound = async (): Promise<number> =>
  EstatePage.parse(await (await get('/api/estate')).json()).total;

/** Everything that anybody reads as it changes: each watch, and the following of events. */
async function consumers(): Promise<number> {
  let count = 0;
  for await (const { state } of console_.broker.jsm.streams.list()) count += state.consumer_count;
  return count;
}

test('nothing is watched before somebody looks, and not when only the session is asked for', async () => {
  expect((await get('/api/session')).status).toBe(200);
  expect((await get('/')).status).toBeLessThan(500);
  expect(await consumers()).toBe(0);
});

test('the first request has every record; after the idle time it is let go of, and the next one has all again', async () => {
  await put('a');
  expect(await stagesFound()).toBe(1);
  expect(await consumers()).toBe(watches);

  clock.pass(idleMs - 1);
  expect(await stagesFound()).toBe(1);
  clock.pass(idleMs - 1);
  expect(await consumers()).toBe(watches);
  clock.pass(1);
  await eventually(async () => (await consumers()) === 0);

  await put('b');
  expect(await stagesFound()).toBe(2);
});

test('an open page keeps it, and is told of changes; when it is closed, nothing is left', async () => {
  const leaving = new AbortController();
  const told = listenTo(await get('/api/live', { signal: leaving.signal }));
  await eventually(async () => (await consumers()) === watches + 1);

  // That all are loaded is told, too.
  await eventually(() => told.text().includes('"estate"'));
  clock.pass(3 * idleMs);
  told.clear();
  await put('c');
  await eventually(() => told.text().includes('"estate"'));
  expect(await consumers()).toBe(watches + 1);

  leaving.abort();
  await eventually(async () => {
    clock.pass(idleMs);
    return (await consumers()) === 0;
  });
});

test('a broker that is away before the records were read is told as that, not as an empty estate', async () => {
  await put('d');
  const { broker } = console_;
  await server.kill();
  await eventually(() => !broker.connected());
  const refused = await get('/api/estate');
  expect([refused.status, await refused.text()]).toEqual([
    503,
    expect.stringContaining('no connection to the broker'),
  ]);
  const overview = Overview.parse(await (await get('/api/overview')).json());
  expect(overview.model).toBe('loading');
  expect(overview.chain.find(({ id }) => id === 'broker')?.state).toBe('down');

  await server.restart();
  await eventually(async () => (await get('/api/estate')).status === 200);
  expect(await stagesFound()).toBeGreaterThan(0);
  expect(Overview.parse(await (await get('/api/overview')).json()).model).toBe('ready');
});

/** What a stream of server-sent events has said so far. */
function listenTo(response: Response): { text(): string; clear(): void } {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const read = async (): Promise<void> => {
    const next = await reader?.read();
    if (next === undefined || next.done) return;
    text += next.value;
    await read();
  };
  void read().catch(() => undefined); // The test has left.
  return {
    text: () => text,
    clear: () => {
      text = '';
    },
  };
}
