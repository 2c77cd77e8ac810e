/** Dials over real TLS and through real proxies: what opens, and the reasons of what does not. */
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocketServer } from 'ws';
import { AgentConfig, realLimits } from '@federation-agent/contracts';
import { connectorRoute } from '@federation-agent/net';
import {
  fixturePassword as password,
  serverIdentity,
  startForwardProxy,
  tlsFixture,
} from '@federation-agent/net/test';
import { dial } from './dial.ts';

const closing: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A controller that opens for the token; it answers 401 otherwise. */
async function listen(server: Server): Promise<number> {
  const sockets = new WebSocketServer({
    server,
    verifyClient: ({ req }: { req: IncomingMessage }) => req.headers.authorization === 'bearer token',
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

const overTls = (identity = 'server.pem'): Promise<number> =>
  listen(createHttpsServer(serverIdentity(identity)));

/** How a dial ends: `open`, or the reason and the status. */
async function tryDial(
  endpoint: string,
  ws: object,
  {
    system = {},
    env = {},
    token = 'token',
  }: { system?: object; env?: Record<string, string>; token?: string } = {},
): Promise<string> {
  const headers = [{ name: 'Authorization', value: `bearer ${token}` }];
  const config = AgentConfig.parse({
    integration: { connector: { ws: { headers, ...ws } } },
    system: { proxy: system },
  });
  const { promise, resolve } = Promise.withResolvers<string>();
  dial({
    endpoint,
    config: config.integration.connector.ws,
    limits: realLimits,
    proxy: connectorRoute(config, env),
    onOpen: (socket) => {
      socket.terminate();
      resolve('open');
    },
    onFailed: (reason, status) => resolve(`${reason}${status === undefined ? '' : ` (${status})`}`),
  });
  return promise;
}

const truststore = { type: 'PKCS12', path: tlsFixture('truststore-java17.p12'), password };

describe('wss', () => {
  it('opens with the truststore of the official page: PKCS12 and a password', async () => {
    const port = await overTls();
    expect(await tryDial(`https://localhost:${port}`, { ssl: { truststore } })).toBe('open');
  });

  it('without one the reason is the certificate, and what to set', async () => {
    const port = await overTls('self-signed.pem');
    expect(await tryDial(`https://localhost:${port}`, {})).toMatch(
      /^the certificate of localhost:\d+ is signed by itself .*integration\.connector\.ws\.ssl\.truststore\.path/u,
    );
  });

  it('of another host: verifyHost decides', async () => {
    const port = await overTls('wrong-host.pem');
    const endpoint = `https://localhost:${port}`;
    expect(await tryDial(endpoint, { ssl: { truststore } })).toMatch(/is for apim\.example\.com, not for/u);
    expect(await tryDial(endpoint, { ssl: { truststore, verifyHost: 'false' } })).toBe('open');
    expect(await tryDial(endpoint, { ssl: { trustAll: 'true' } })).toBe('open');
  });

  it('to a server without TLS', async () => {
    const port = await listen(createHttpServer());
    expect(await tryDial(`https://localhost:${port}`, {})).toMatch(/does not speak TLS/u);
  });

  it('a truststore that is gone by now is the reason', async () => {
    const port = await overTls();
    expect(
      await tryDial(`https://localhost:${port}`, { ssl: { truststore: { path: '/gone.p12' } } }),
    ).toMatch(/truststore\.path: \/gone\.p12 does not exist/u);
  });
});

describe.each(['HTTP', 'SOCKS4', 'SOCKS5'] as const)('through a proxy, %s', (type) => {
  const login = { username: 'bob', password: 's3cret' };

  it('wss and ws open, with the login of the proxy', async () => {
    const proxy = await startForwardProxy({ type, login });
    closing.push(() => proxy.stop());
    const ssl = { truststore };
    const via = { enabled: 'true', type, host: '127.0.0.1', port: String(proxy.port), ...login };
    const [secure, plain] = [await overTls(), await listen(createHttpServer())];
    expect(await tryDial(`https://apim.test:${secure}`, { ssl, proxy: via })).toBe('open');
    expect(await tryDial(`http://apim.test:${plain}`, { ssl, proxy: via })).toBe('open');
    expect(proxy.seen).toEqual([`apim.test:${secure}`, `apim.test:${plain}`]);
  });

  it('a refused token is still a refused token', async () => {
    const proxy = await startForwardProxy({ type });
    closing.push(() => proxy.stop());
    const via = { enabled: true, type, host: '127.0.0.1', port: proxy.port };
    const endpoint = `http://apim.test:${await listen(createHttpServer())}`;
    expect(await tryDial(endpoint, { proxy: via }, { token: 'another' })).toMatch(/HTTP 401 \(401\)$/u);
  });

  it('the proxy of the system, by system.proxy and by the environment', async () => {
    const proxy = await startForwardProxy({ type });
    closing.push(() => proxy.stop());
    const endpoint = `http://apim.test:${await listen(createHttpServer())}`;
    const ws = { proxy: { useSystemProxy: 'true' } };
    const system = { type, host: '127.0.0.1', port: proxy.port };
    expect(await tryDial(endpoint, ws, { system })).toBe('open');
    const scheme = type.toLowerCase();
    expect(await tryDial(endpoint, ws, { env: { HTTP_PROXY: `${scheme}://127.0.0.1:${proxy.port}` } })).toBe(
      'open',
    );
    // Loopback is reached without it.
    expect(await tryDial(endpoint.replace('apim.test', 'localhost'), ws, { system })).toBe('open');
    expect(proxy.seen).toHaveLength(2);
  });
});

describe('a proxy that refuses', () => {
  it('is not taken for APIM: no status, its own words, no password', async () => {
    const proxy = await startForwardProxy({ type: 'HTTP', login: { username: 'bob', password: 'right' } });
    closing.push(() => proxy.stop());
    const via = { enabled: true, host: '127.0.0.1', port: proxy.port };
    const reason = await tryDial('http://apim.test:1', { proxy: via });
    expect(reason).toMatch(
      /^the proxy 127\.0\.0\.1:\d+ \(integration\.connector\.ws\.proxy\) wants a user name/u,
    );
    expect(reason).not.toMatch(/\(\d+\)$/u);
    const wrong = await tryDial('http://apim.test:1', {
      proxy: { ...via, username: 'bob', password: 's3cret' },
    });
    expect(wrong).toMatch(/refuses the user name or the password$/u);
    expect(proxy.seen).toEqual([]);
  });

  it('a dial that is given up ends at once, whatever the proxy does', async () => {
    const proxy = await startForwardProxy({ type: 'HTTP', mute: true });
    closing.push(() => proxy.stop());
    const config = AgentConfig.parse({
      integration: { connector: { ws: { proxy: { enabled: true, host: '127.0.0.1', port: proxy.port } } } },
    });
    const { promise, resolve } = Promise.withResolvers<string>();
    const dialled = dial({
      endpoint: 'http://apim.test:1',
      config: config.integration.connector.ws,
      limits: realLimits,
      proxy: connectorRoute(config, {}),
      onOpen: () => resolve('open'),
      onFailed: resolve,
    });
    dialled.cancel();
    expect(await promise).toMatch(/closed before/u);
  });
});
