import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serverIdentity, startForwardProxy, tlsFixture } from '../../test/index.ts';
import { createProxyAgent } from '../proxy/proxy-agent.ts';
import { tlsOptions } from '../tls/tls-options.ts';
import { createFetch } from './create-fetch.ts';

const server = createServer(serverIdentity('server.pem'), (request, response) => {
  if (request.url === '/moved') return void response.writeHead(302, { location: '/elsewhere' }).end();
  if (request.url === '/nothing') return void response.writeHead(204).end();
  request.pipe(response.writeHead(200, { 'x-method': request.method ?? '' }));
});
const truststore = { type: 'PEM', path: tlsFixture('truststore.pem') } as const;
const tls = tlsOptions('test', { trustAll: false, verifyHost: true, truststore });
const largestAnswer = 10;
let url = '';

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `https://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

test('it sends method and body, and gives back status, headers and text', async () => {
  const fetch = createFetch({ tls, largestAnswer });
  const body = new URLSearchParams({ a: '1 2' });
  const answer = await fetch(url, { method: 'POST', headers: {}, body });
  expect([answer.status, answer.headers.get('x-method'), await answer.text()]).toEqual([
    200,
    'POST',
    'a=1+2',
  ]);
  expect((await fetch(`${url}/nothing`, { method: 'GET', headers: {} })).status).toBe(204);
});

test('it follows no redirect, and reads no more than it may', async () => {
  const fetch = createFetch({ tls, largestAnswer });
  const moved = await fetch(`${url}/moved`, { method: 'GET', headers: {} });
  expect([moved.status, moved.headers.get('location')]).toEqual([302, '/elsewhere']);
  const tooMuch = fetch(url, { method: 'POST', headers: {}, body: '12345678901' });
  await expect(tooMuch).rejects.toThrow('more than 10 bytes');
});

test('without the truststore the server is not trusted', async () => {
  const untrusting = tlsOptions('test', { trustAll: false, verifyHost: true });
  const asked = createFetch({ tls: untrusting, largestAnswer })(url, { method: 'GET', headers: {} });
  await expect(asked).rejects.toMatchObject({ code: expect.stringMatching(/CERT|VERIFY/u) });
});

test('it goes through the proxy, and ends when it is told to', async () => {
  await using proxy = await startForwardProxy({ type: 'HTTP' }).then((started) => ({
    ...started,
    [Symbol.asyncDispose]: () => started.stop(),
  }));
  const way = { type: 'HTTP', host: '127.0.0.1', port: proxy.port, from: 'test' } as const;
  const agent = createProxyAgent(() => way, { connectTimeout: 5_000 });
  const fetch = createFetch({ tls, agent, largestAnswer });
  expect((await fetch(url, { method: 'GET', headers: {} })).status).toBe(200);
  expect(proxy.seen).toEqual([new URL(url).host]);
  const ended = fetch(url, { method: 'GET', headers: {}, signal: AbortSignal.abort() });
  await expect(ended).rejects.toMatchObject({ name: 'AbortError' });
});
