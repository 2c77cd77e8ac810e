/** Requests through real proxies on loopback, to a server with TLS and one without. */
import { once } from 'node:events';
import { createServer as createHttpServer, request as httpRequest, type RequestListener } from 'node:http';
import { createServer as createHttpsServer, request as httpsRequest } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@federation-agent/base/test';
import { serverIdentity, tlsFixture } from '../../test/tls-fixtures.ts';
import { startForwardProxy, type ForwardProxy, type ForwardProxyOptions } from '../../test/forward-proxy.ts';
import { createProxyAgent, ProxyError } from './proxy-agent.ts';
import type { ProxyServer } from './route.ts';

const answer: RequestListener = (request, response) =>
  response.end(`${request.headers.host ?? ''} ${request.socket.remotePort ?? 0}`);
const secure = createHttpsServer(serverIdentity('server.pem'), answer);
const plain = createHttpServer(answer);
const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const proxies: ForwardProxy[] = [];
const agents: { destroy(): void }[] = [];

beforeAll(async () => {
  for (const server of [secure, plain]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
});
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.destroy();
  for (const proxy of proxies.splice(0)) await proxy.stop();
});
afterAll(() => {
  for (const server of [secure, plain]) {
    server.close();
    server.closeAllConnections();
  }
});

async function start(options: ForwardProxyOptions): Promise<{ proxy: ForwardProxy; server: ProxyServer }> {
  const proxy = await startForwardProxy(options);
  proxies.push(proxy);
  const { type } = options;
  return { proxy, server: { type, host: '127.0.0.1', port: proxy.port, from: 'system.proxy' } };
}

function through(server: ProxyServer | undefined, { keepAlive = false, connectTimeout = 15_000 } = {}) {
  const agent = createProxyAgent(() => server, { connectTimeout, keepAlive });
  agents.push(agent);
  return async (url: string): Promise<string> => {
    const request = url.startsWith('https')
      ? httpsRequest(url, { agent, ca: readFileSync(tlsFixture('private-ca.pem')) })
      : httpRequest(url, { agent });
    request.end();
    const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>];
    let body = '';
    for await (const chunk of response) body += String(chunk);
    return body;
  };
}

const login = { username: 'b@b:', password: 'p:w/ü' };
const kinds = [
  ['HTTP CONNECT', { type: 'HTTP' }],
  ['HTTP CONNECT with a password', { type: 'HTTP', login: { username: 'bob', password: 'p:w/ü' } }],
  ['SOCKS4', { type: 'SOCKS4' }],
  ['SOCKS4 with a user', { type: 'SOCKS4', login }],
  ['SOCKS5', { type: 'SOCKS5' }],
  ['SOCKS5 with a password', { type: 'SOCKS5', login }],
] as const;

describe.each<readonly [string, ForwardProxyOptions]>(kinds)('%s', (_kind, options) => {
  it('leads to hosts with TLS and without, by their names', async () => {
    const { proxy, server } = await start(options);
    const get = through({ ...server, ...options.login });
    // These names exist nowhere; only the proxy knows them.
    expect(await get(`https://apim.test:${portOf(secure)}`)).toContain(`apim.test:${portOf(secure)}`);
    expect(await get(`http://aws.test:${portOf(plain)}`)).toContain(`aws.test:${portOf(plain)}`);
    expect(proxy.seen).toEqual([`apim.test:${portOf(secure)}`, `aws.test:${portOf(plain)}`]);
  });

  it('keeps a connection that may be used again', async () => {
    const { proxy, server } = await start(options);
    const get = through({ ...server, ...options.login }, { keepAlive: true });
    const url = `https://apim.test:${portOf(secure)}`;
    expect(await get(url)).toBe(await get(url));
    expect(proxy.seen).toHaveLength(1);
  });
});

describe('without a connection it is said why', () => {
  const url = (): string => `https://apim.test:${portOf(secure)}`;
  const failure = async (run: Promise<unknown>): Promise<ProxyError> => {
    const error: unknown = await run.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof ProxyError) return error;
    throw new Error(`not of the proxy: ${String(error)}`);
  };

  it.each<[string, ForwardProxyOptions, Partial<ProxyServer>, RegExp]>([
    [
      'no login',
      { type: 'HTTP', login },
      {},
      /wants a user name and a password: set system\.proxy\.username/u,
    ],
    [
      'a wrong one',
      { type: 'HTTP', login },
      { username: 'bob', password: 's3cret' },
      /refuses the user name/u,
    ],
    ['no login, SOCKS5', { type: 'SOCKS5', login }, {}, /failed: .*(?:auth|method)/iu],
    [
      'a wrong one, SOCKS5',
      { type: 'SOCKS5', login },
      { username: 'bob', password: 's3cret' },
      /failed: .*auth/iu,
    ],
    ['a wrong user, SOCKS4', { type: 'SOCKS4', login }, { username: 's3cret' }, /failed: .*reject/iu],
    [
      'a refusal',
      { type: 'HTTP', refuse: 403 },
      {},
      /answers 403 and lets nobody through to apim\.test:\d+/u,
    ],
    ['a name it does not know', { type: 'HTTP', refuse: 502 }, {}, /answers 502/u],
  ])('%s', async (_what, options, more, sentence) => {
    const { server } = await start(options);
    const error = await failure(through({ ...server, ...more })(url()));
    expect(error.message).toMatch(sentence);
    expect(error.message).toContain(`the proxy 127.0.0.1:${server.port} (system.proxy)`);
    expect(JSON.stringify(error) + error.message + String(error.stack)).not.toContain('s3cret');
    // Like any connection that could not be made: nothing was sent.
    expect(error.syscall).toBe('connect');
  });

  it('nobody is there', async () => {
    const { proxy, server } = await start({ type: 'HTTP' });
    await proxy.stop();
    proxies.length = 0;
    expect((await failure(through(server)(url()))).message).toMatch(/failed: .*ECONNREFUSED/u);
    expect((await failure(through({ ...server, type: 'SOCKS5' })(url()))).message).toMatch(
      /failed: .*ECONNREFUSED/u,
    );
  });

  it.each(['HTTP', 'SOCKS4', 'SOCKS5'] as const)('%s: it takes the call and says nothing', async (type) => {
    const { server } = await start({ type, mute: true });
    const error = await failure(through(server, { connectTimeout: 50 })(url()));
    expect(error.message).toMatch(/did not connect in 50 ms/u);
  });

  it('and its connection is closed, or every dial would leave one behind', async () => {
    const { proxy, server } = await start({ type: 'HTTP', mute: true });
    await failure(through(server, { connectTimeout: 50 })(url()));
    await eventually(() => proxy.connections() === 0, 5_000);
  });

  it('the certificate of the host is checked behind the proxy too', async () => {
    const { server } = await start({ type: 'HTTP' });
    const failed = through(server)(`https://another.test:${portOf(secure)}`);
    await expect(failed).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });
});

describe('a proxy that is itself reached over TLS', () => {
  const usual = getCACertificates('default');
  afterEach(() => {
    setDefaultCACertificates(usual);
  });

  it('is trusted as every other server, not as the host behind it', async () => {
    const { proxy, server } = await start({ type: 'HTTPS' });
    const url = `https://apim.test:${portOf(secure)}`;
    const get = through({ ...server, host: 'localhost' });
    await expect(get(url)).rejects.toThrow(/^the proxy localhost:\d+ .* failed: .*certificate/u);
    setDefaultCACertificates([...usual, readFileSync(tlsFixture('private-ca.pem'), 'utf8')]);
    expect(await get(url)).toContain('apim.test');
    expect(proxy.seen).toHaveLength(1);
  });
});

it('a host without a proxy is reached directly, by the same agent', async () => {
  expect(await through(undefined)(`https://localhost:${portOf(secure)}`)).toContain('localhost');
  expect(await through(undefined)(`http://127.0.0.1:${portOf(plain)}`)).toContain('127.0.0.1');
});
