/** The server over real HTTP, on a real broker: login, sessions, roles, headers, and what a browser is told. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testTelemetry } from '@federation-agent/base/test';
import { startTestBroker } from '@federation-agent/broker/test';
import { startTestConsole, type TestConsole } from '../../test/console.ts';

const telemetry = testTelemetry();
const csrf = { 'x-federation-console': '1', 'content-type': 'application/json' };
let server: Awaited<ReturnType<typeof startTestBroker>>;
const stops: (() => Promise<unknown>)[] = [];

async function start(http: object, console: object = {}): Promise<TestConsole> {
  const started = await startTestConsole({ brokerUrl: server.url, http, console, telemetry });
  stops.push(() => started.stop());
  return started;
}

let locked: TestConsole;
const post = (path: string, body: object, headers: Record<string, string> = csrf): Promise<Response> =>
  locked.fetch(new URL(path, locked.url), { method: 'POST', headers, body: JSON.stringify(body) });
const login = (user: string, password: string): Promise<Response> => post('/api/login', { user, password });
const cookieOf = (response: Response): string =>
  (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';

beforeAll(async () => {
  server = await startTestBroker();
  locked = await start({ authentication: { users: { ada: 'secret-1', vic: 'secret-2' } } });
});
afterAll(async () => {
  for (const stop of stops) await stop();
  await server.stop();
});

describe('a login', () => {
  test('gives a session, which the logout ends; the roles are those of the configuration', async () => {
    expect((await locked.fetch(new URL('/api/overview', locked.url))).status).toBe(401);
    const answer = await login('ada', 'secret-1');
    expect(await answer.json()).toEqual({
      user: 'ada',
      role: 'operator',
      login: 'password',
      provider: null,
      version: '1.2.3',
    });
    const cookie = cookieOf(answer);
    expect(answer.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/u);
    expect((await locked.fetch(new URL('/api/overview', locked.url), { headers: { cookie } })).status).toBe(
      200,
    );
    await post('/api/logout', {}, { ...csrf, cookie });
    expect((await locked.fetch(new URL('/api/overview', locked.url), { headers: { cookie } })).status).toBe(
      401,
    );
    expect(await (await login('vic', 'secret-2')).json()).toMatchObject({ role: 'viewer' });
  });

  test('does not take over an id from before it', async () => {
    const before = 'federation-console=chosen-by-somebody-else';
    const answer = await post(
      '/api/login',
      { user: 'ada', password: 'secret-1' },
      { ...csrf, cookie: before },
    );
    expect(cookieOf(answer)).not.toBe(before);
    expect(
      (await locked.fetch(new URL('/api/overview', locked.url), { headers: { cookie: before } })).status,
    ).toBe(401);
  });

  test('is refused without the header, and for a wrong password; after five of those it has to wait', async () => {
    expect((await post('/api/login', {}, { 'content-type': 'application/json' })).status).toBe(403);
    const statuses: number[] = [];
    let last: Response | undefined;
    for (let time = 0; time < 6; time += 1) {
      last = await login('ada', 'wrong');
      statuses.push(last.status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(JSON.stringify(telemetry.lines())).not.toContain('secret-1');
  });
});

test('every answer tells the browser what a page may do, and is not kept', async () => {
  const answer = await locked.fetch(new URL('/api/session', locked.url));
  expect(answer.headers.get('content-security-policy')).toMatch(
    /default-src 'none'.*frame-ancestors 'none'/u,
  );
  expect(answer.headers.get('content-security-policy')).not.toContain('unsafe');
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

test('an unknown path, and a query that is not understood, are told as JSON', async () => {
  const open = await start({ authentication: { type: 'none' } });
  const unknown = await fetch(new URL('/api/no-such', open.url));
  expect([unknown.status, await unknown.json()]).toEqual([
    404,
    { error: 'Not Found', message: 'there is no /api/no-such' },
  ]);
  const wrong = await open.fetch(new URL('/api/estate?limit=0', open.url));
  expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining('limit')]);
});

test('without passwords everybody is a viewer; without users nobody gets in', async () => {
  const open = await start({ authentication: { type: 'none' } });
  const asked = await open.fetch(new URL('/api/scans', open.url), {
    method: 'POST',
    headers: csrf,
    body: '{}',
  });
  expect([asked.status, await asked.text()]).toEqual([403, expect.stringContaining('operators')]);
  const closed = await start({});
  const refused = await closed.fetch(new URL('/api/overview', closed.url));
  expect([refused.status, await refused.text()]).toEqual([401, expect.stringContaining('no users')]);
});

test('a part that does not answer is told, and the rest is shown', async () => {
  const open = await start({ authentication: { type: 'none' } }, { operators: '*' });
  const overview = (await (await open.fetch(new URL('/api/overview', open.url))).json()) as {
    chain: { id: string; state: string }[];
  };
  expect(overview.chain.find(({ id }) => id === 'discovery')).toMatchObject({ state: 'down' });
  expect((await open.fetch(new URL('/api/events', open.url))).status).toBe(200);
  expect(await (await open.fetch(new URL('/api/dead', open.url))).json()).toEqual({ total: 0, letters: [] });
});

test('why asks nobody about AWS, unless an operator wants it', async () => {
  // Its own server: the logins of the tests before have limits.
  const mine = await start({ authentication: { users: { ada: 'secret-1', vic: 'secret-2' } } });
  const { url, broker } = mine;
  const asked: unknown[] = [];
  const answering = broker.nc.subscribe(broker.subjects.operator('look', 'i-1'), {
    callback: (_error, message) => {
      asked.push(message.json());
      message.respond(JSON.stringify({ status: 200, body: { apis: [], failures: [] } }));
    },
  });
  await broker.nc.flush();
  const basic = (user: string, password: string) => ({
    'x-federation-console': '1',
    authorization: `Basic ${btoa(`${user}:${password}`)}`,
  });
  const why = async (method: 'GET' | 'POST', headers: Record<string, string>) => {
    const answer = await mine.fetch(new URL('/api/why/orders', url), { method, headers });
    return [answer.status, await answer.text()];
  };
  expect(await why('GET', basic('ada', 'secret-1'))).toEqual([200, expect.stringContaining('ctl why --aws')]);
  expect(await why('POST', basic('vic', 'secret-2'))).toEqual([403, expect.anything()]);
  expect(asked).toEqual([]);
  expect(await why('POST', basic('ada', 'secret-1'))).toEqual([
    200,
    expect.stringContaining('neither the catalog'),
  ]);
  expect(asked).toEqual([{ integrationId: 'i-1', text: 'orders', by: 'ada' }]);
  answering.unsubscribe();
});
