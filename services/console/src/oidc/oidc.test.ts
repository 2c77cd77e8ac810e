/** Logins with a real OpenID provider, over real HTTP: those that succeed, and all that must not. */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '@federation-agent/base';
import { testTelemetry } from '@federation-agent/base/test';
import { startTestBroker } from '@federation-agent/broker/test';
import { serverIdentity, tlsFixture } from '@federation-agent/net/test';
import { startTestConsole, type TestConsole } from '../../test/console.ts';
import {
  clientId,
  clientSecret,
  foreignKey,
  startTestProvider,
  type Forgery,
  type TestProvider,
} from '../../test/oidc-provider.ts';
import { createVisitor, logInAtProvider, type Visitor } from '../../test/visitor.ts';

const publicUrl = 'https://console.example';
const redirectUri = `${publicUrl}/login/callback`;
const accounts = {
  ada: { preferred_username: 'ada' },
  bob: { preferred_username: 'bob', roles: ['staff', 'on-call'] },
  eve: { preferred_username: 'eve', roles: ['staff'] },
  nameless: { roles: ['staff'] },
  stranger: { preferred_username: 'stranger', roles: ['guests'] },
};
const users = { ada: 'operators-password' };
const telemetry = testTelemetry();
const stack = new AsyncDisposableStack();
let broker: Awaited<ReturnType<typeof startTestBroker>>;
let provider: TestProvider;
/** For the limit of failures, and what is remembered of the provider. */
let ahead = 0;
let agent: TestConsole;

async function start(issuer: string, oidc: object = {}, http: object = {}): Promise<TestConsole> {
  const started = await startTestConsole({
    brokerUrl: broker.url,
    http: { authentication: { users: {} }, ...http },
    console: { publicUrl, oidc: { issuer, clientId, clientSecret, ...oidc } },
    telemetry,
    clock: { ...systemClock, now: () => Date.now() + ahead },
  });
  stack.defer(() => started.stop());
  return started;
}

const roles = {
  scopes: 'openid profile roles',
  rolesClaim: 'roles',
  operatorRoles: 'on-call',
  viewerRoles: 'staff',
};

beforeAll(async () => {
  broker = await startTestBroker();
  stack.defer(() => broker.stop());
  provider = await startTestProvider({ redirectUri, accounts });
  stack.defer(() => provider.stop());
  agent = await start(provider.issuer, roles, { authentication: { users } });
});
afterEach(() => {
  provider.forge({});
  ahead += 60_000; // Failures of the test before are forgotten.
});
afterAll(() => stack.disposeAsync());

const visitor = (of = agent): Visitor => createVisitor(of, publicUrl);
const finish = async (at: Visitor, query: string): Promise<readonly [number, string]> => {
  const answer = await at.post('/api/login/oidc/finish', { query });
  return [answer.status, await answer.text()];
};
const sessionOf = async (at: Visitor): Promise<unknown> => await (await at.get('/api/session')).json();

describe('a login with the provider', () => {
  test('leads back to the page where it began, with a session', async () => {
    const ada = visitor();
    expect(await sessionOf(ada)).toMatchObject({
      user: null,
      login: 'password',
      provider: new URL(provider.issuer).host,
    });
    const query = await logInAtProvider(ada, 'ada', { returnTo: '/events?kind=scan' });
    expect(ada.setCookies()).toEqual([
      expect.stringMatching(
        /^federation-console-login=[\w-]{43}; Path=\/api\/login; HttpOnly; SameSite=Strict; Max-Age=600; Secure$/u,
      ),
    ]);
    expect(await finish(ada, query)).toEqual([200, '{"returnTo":"/events?kind=scan"}']);
    expect(ada.setCookies()).toEqual([
      expect.stringMatching(/^federation-console=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; .*Secure$/u),
      expect.stringMatching(/^federation-console-login=; .*Max-Age=0/u),
    ]);
    expect(await sessionOf(ada)).toMatchObject({ user: 'ada', role: 'operator' });
    expect((await ada.get('/api/overview')).status).toBe(200);
    await ada.post('/api/logout');
    expect((await ada.get('/api/overview')).status).toBe(401);
  });

  test.each([
    ['a name of the configuration', 'ada', 'operator'],
    ['a role of operators', 'bob', 'operator'],
    ['a role of viewers', 'eve', 'viewer'],
  ])('%s decides: %s is %s', async (_what, user, role) => {
    const at = visitor();
    expect((await finish(at, await logInAtProvider(at, user)))[0]).toBe(200);
    expect(await sessionOf(at)).toMatchObject({ user, role });
    expect((await at.post('/api/scans')).status).toBe(role === 'operator' ? 404 : 403); // There is nothing to scan.
  });

  test('without a name sub is it, and the log says so', async () => {
    const at = visitor();
    await finish(at, await logInAtProvider(at, 'nameless'));
    expect(await sessionOf(at)).toMatchObject({ user: 'sub-nameless', role: 'viewer' });
    expect(JSON.stringify(telemetry.lines())).toContain('does not tell preferred_username');
  });

  test('without any of the roles there is no session', async () => {
    const at = visitor();
    expect(await finish(at, await logInAtProvider(at, 'stranger'))).toEqual([
      403,
      expect.stringContaining('stranger may not look'),
    ]);
    expect(await sessionOf(at)).toMatchObject({ user: null });
  });

  test('gives a new session: an id from before it is worth nothing', async () => {
    const at = visitor();
    await at.post('/api/login', { user: 'ada', password: users.ada });
    const [before = ''] = at.setCookies();
    await finish(at, await logInAtProvider(at, 'eve'));
    expect(at.setCookies()[0]).not.toBe(before);
    const cookie = before.split(';', 1).join('');
    expect((await agent.fetch(new URL('/api/overview', agent.url), { headers: { cookie } })).status).toBe(
      401,
    );
  });
});

describe('a login is refused', () => {
  test('that was begun in another browser, has another state, or comes a second time', async () => {
    const [ada, eve] = [visitor(), visitor()];
    const query = await logInAtProvider(ada, 'ada');
    await logInAtProvider(eve, 'eve');
    const other = query.replace(/state=[^&]*/u, 'state=chosen');
    for (const [at, what] of [
      [eve, query],
      [visitor(), query],
      [ada, other],
      [ada, ''],
    ] as const) {
      expect(await finish(at, what)).toEqual([401, expect.stringContaining('not begun in this browser')]);
    }
    ahead += 60_000;
    // None of that has ended the login of its own browser.
    const cookie = ada.setCookies();
    expect(cookie).toEqual([]);
    expect((await finish(ada, query))[0]).toBe(200);
    expect(await finish(ada, query)).toEqual([401, expect.stringContaining('over already')]);
  });

  test('that took too long', async () => {
    const ada = visitor();
    const query = await logInAtProvider(ada, 'ada');
    ahead += 10 * 60_000;
    expect((await finish(ada, query))[0]).toBe(401);
  });

  test('whose code the provider does not know, as at a replay with another login', async () => {
    const ada = visitor();
    const used = await logInAtProvider(ada, 'ada');
    expect((await finish(ada, used))[0]).toBe(200);
    const fresh = await logInAtProvider(ada, 'ada');
    const state = new URLSearchParams(fresh).get('state') ?? '';
    const mixed = new URLSearchParams(used);
    mixed.set('state', state);
    expect(await finish(ada, mixed.toString())).toEqual([401, expect.stringContaining('invalid_grant')]);
  });

  test.each<readonly [string, Forgery, RegExp]>([
    ['another nonce', { claims: { nonce: 'another' } }, /nonce/u],
    ['no nonce', { claims: { nonce: undefined } }, /nonce/u],
    ['an end that has passed', { claims: { exp: 1_000_000_000 } }, /check the clocks/u],
    ['the signature of somebody else', { key: foreignKey }, /signature/u],
    ['another client', { claims: { aud: 'another' } }, /aud/u],
    ['another issuer', { claims: { iss: 'https://evil.example' } }, /iss/u],
  ])('whose ID token has %s', async (_what, forgery, says) => {
    const ada = visitor();
    const query = await logInAtProvider(ada, 'ada');
    provider.forge(forgery);
    expect(await finish(ada, query)).toEqual([401, expect.stringMatching(says)]);
    expect(await sessionOf(ada)).toMatchObject({ user: null });
  });

  test('at the provider; what it says is shown as plain text', async () => {
    const nobody = visitor();
    expect(await finish(nobody, await logInAtProvider(nobody, undefined))).toEqual([
      401,
      expect.stringContaining('refused the login: access_denied (nobody <b>is</b> here)'),
    ]);
  });

  test('that wants to go elsewhere afterwards, or comes from elsewhere', async () => {
    const at = visitor();
    for (const returnTo of [
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      '/\t/evil.example',
      'x',
    ]) {
      const answer = await at.post('/api/login/oidc', { returnTo });
      expect([returnTo, answer.status]).toEqual([returnTo, 400]);
    }
    for (const path of ['/api/login/oidc', '/api/login/oidc/finish']) {
      const headers = { 'content-type': 'application/json', origin: 'https://evil.example' };
      const answer = await agent.fetch(new URL(path, agent.url), {
        method: 'POST',
        headers,
        body: '{"query":""}',
      });
      expect([path, answer.status]).toEqual([path, 403]);
    }
  });

  test('after five failures, for a while', async () => {
    const at = visitor();
    const statuses: number[] = [];
    for (let time = 0; time < 6; time += 1) statuses.push((await finish(at, 'state=x'))[0]);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    const query = await logInAtProvider(at, 'ada');
    expect((await finish(at, query))[0]).toBe(429);
    ahead += 10_000;
    expect((await finish(at, query))[0]).toBe(200);
  });
});

describe('a provider that', () => {
  test('is down keeps nobody from starting the console, or from a password; it may come later', async () => {
    const gone = await startTestProvider({ redirectUri, accounts });
    await gone.stop();
    const late = await start(gone.issuer, {}, { authentication: { users } });
    const at = visitor(late);
    const refused = await at.post('/api/login/oidc');
    expect([refused.status, await refused.text()]).toEqual([
      503,
      expect.stringMatching(new RegExp(`${gone.issuer} cannot be reached: .*ECONNREFUSED`, 'u')),
    ]);
    expect((await at.post('/api/login', { user: 'ada', password: users.ada })).status).toBe(200);
    const back = await startTestProvider({ redirectUri, accounts, port: gone.port });
    stack.defer(() => back.stop());
    ahead += 5_000;
    expect((await finish(at, await logInAtProvider(at, 'eve')))[0]).toBe(200);
  });

  test('is no provider is told as such', async () => {
    const at = visitor(await start(agent.url));
    const refused = await at.post('/api/login/oidc');
    expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining('is not accepted')]);
  });

  test('has a private authority needs the truststore, and it is said which key', async () => {
    const server = createServer(serverIdentity('server.pem'), (_request, response) =>
      response.writeHead(404).end(),
    );
    await once(server.listen(0, '127.0.0.1'), 'listening');
    stack.defer(() => {
      server.close();
      server.closeAllConnections();
    });
    const issuer = `https://localhost:${(server.address() as AddressInfo).port}`;
    const refused = await visitor(await start(issuer)).post('/api/login/oidc');
    expect([refused.status, await refused.text()]).toEqual([
      503,
      expect.stringContaining('federation.console.oidc.truststore.path'),
    ]);
    const truststore = { type: 'PEM', path: tlsFixture('truststore.pem') };
    const reached = await visitor(await start(issuer, { truststore })).post('/api/login/oidc');
    expect([reached.status, await reached.text()]).toEqual([
      503,
      expect.stringContaining('HTTP response status'),
    ]);
  });

  test('knows another secret refuses us, and the secret is not told', async () => {
    const at = visitor(await start(provider.issuer, { clientSecret: 'not-the-secret' }));
    expect(await sessionOf(at)).toMatchObject({ login: 'oidc' });
    const [status, text] = await finish(at, await logInAtProvider(at, 'ada'));
    expect([status, text]).toEqual([401, expect.stringContaining('invalid_client')]);
    expect(text).not.toContain('not-the-secret');
  });

  test('is not configured cannot be logged in to', async () => {
    const none = await startTestConsole({ brokerUrl: broker.url, http: {}, telemetry });
    stack.defer(() => none.stop());
    const at = visitor(none);
    expect(await sessionOf(at)).toMatchObject({ login: 'closed', provider: null });
    expect((await at.post('/api/login/oidc')).status).toBe(404);
  });
});

test('no log has a secret, a code or a token', () => {
  const text = JSON.stringify(telemetry.lines());
  expect(text).toContain('a login with the OpenID provider failed');
  expect(provider.given.length).toBeGreaterThan(10);
  for (const secret of [clientSecret, 'not-the-secret', ...provider.given, 'code='])
    expect(text).not.toContain(secret);
});
