import { readFileSync } from 'node:fs';
import { connect, createServer as createTcpServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, test } from '@jest/globals';
import { type ForwardProxy, startForwardProxy, tlsFixture } from '@federation-agent/net/test';
import { json } from './report.ts';
import { failedOf, portOf, resultsOf, useInstallation, type Environment } from '../test/installation.ts';

const { it, ending } = useInstallation();

/** APIM behind TLS. */
async function behindTls(pem: string): Promise<number> {
  const text = readFileSync(tlsFixture(pem));
  const server = createTlsServer({ key: text, cert: text }, (socket) => {
    const onward = connect(Number(new URL(it().apim.endpoint).port), '127.0.0.1');
    socket
      .on('error', () => onward.destroy())
      .pipe(onward)
      .on('error', () => socket.destroy())
      .pipe(socket);
  });
  server.on('tlsClientError', () => undefined);
  ending.push(() => new Promise((resolve) => server.close(resolve)));
  return portOf(server);
}

test('a certificate that signed itself is shown and refused, and accepted with trustAll', async () => {
  const endpoint = `https://localhost:${await behindTls('self-signed.pem')}`;
  const strict = await it().examine({ gravitee_integration_connector_ws_endpoints_0: endpoint });
  expect(failedOf(strict)).toEqual(['tls']);
  const [tls] = resultsOf(strict, 'tls');
  expect(tls?.detail).toContain('signed by itself');
  expect(tls?.fix).toContain('integration.connector.ws.ssl.truststore');
  expect(tls?.lines?.[0]).toContain('issued by itself');
  expect(resultsOf(strict, 'upgrade')[0]?.status).toBe('skipped');
  const lax = await it().examine({
    gravitee_integration_connector_ws_endpoints_0: endpoint,
    gravitee_integration_connector_ws_ssl_trustAll: 'true',
  });
  expect(resultsOf(lax, 'tls')[0]).toMatchObject({
    status: 'note',
    fix: expect.stringContaining('truststore'),
  });
  expect(resultsOf(lax, 'hello')[0]?.status).toBe('ok');
});

test('a truststore with the authority makes it trusted', async () => {
  const results = await it().examine({
    gravitee_integration_connector_ws_endpoints_0: `https://localhost:${await behindTls('server.pem')}`,
    gravitee_integration_connector_ws_ssl_truststore_type: 'PEM',
    gravitee_integration_connector_ws_ssl_truststore_path: tlsFixture('private-ca.pem'),
  });
  expect(failedOf(results)).toEqual([]);
  expect(resultsOf(results, 'tls')[0]?.lines?.length).toBeGreaterThan(0);
});

test('what takes the connection and says nothing is not waited for without end', async () => {
  const mute = createTcpServer((socket) => socket.on('error', () => undefined).resume());
  ending.push(() => new Promise((resolve) => mute.close(resolve)));
  const results = await it().examine({
    gravitee_integration_connector_ws_endpoints_0: `https://127.0.0.1:${await portOf(mute)}`,
  });
  expect(failedOf(results)).toEqual(['tls']);
  expect(resultsOf(results, 'tls')[0]).toMatchObject({
    detail: 'no answer in 5 s',
    fix: expect.stringMatching(
      /does not speak TLS: check host and port in integration.connector.ws.endpoints\[0\]/u,
    ),
  });
});

describe('through a proxy', () => {
  const login = { username: 'bob', password: 'the-word-of-bob' };
  const configured = (type: string, { port }: ForwardProxy, more: Environment = {}): Environment => ({
    // A name that only the proxy knows.
    gravitee_integration_connector_ws_endpoints_0: `http://apim.test:${new URL(it().apim.endpoint).port}`,
    gravitee_integration_connector_ws_proxy_enabled: 'true',
    gravitee_integration_connector_ws_proxy_type: type,
    gravitee_integration_connector_ws_proxy_host: '127.0.0.1',
    gravitee_integration_connector_ws_proxy_port: String(port),
    gravitee_integration_connector_ws_proxy_username: login.username,
    gravitee_integration_connector_ws_proxy_password: login.password,
    ...more,
  });
  async function startProxy(type: 'HTTP' | 'SOCKS5'): Promise<ForwardProxy> {
    const proxy = await startForwardProxy({ type, login });
    ending.push(() => proxy.stop());
    return proxy;
  }

  test.each(['HTTP', 'SOCKS5'] as const)('%s: every check of the endpoint goes through it', async (type) => {
    const proxy = await startProxy(type);
    const results = await it().examine(configured(type, proxy));
    expect(failedOf(results)).toEqual([]);
    expect(resultsOf(results, 'dns')[0]?.detail).toMatch(
      /the proxy \(integration.connector.ws.proxy\) 127.0.0.1 is an address; apim.test is looked up by the proxy/u,
    );
    expect(resultsOf(results, 'tcp').map(({ detail }) => detail)).toEqual([
      expect.stringContaining('the proxy'),
      expect.stringMatching(/through the proxy apim.test:\d+ accepts connections/u),
    ]);
    expect(resultsOf(results, 'hello')[0]?.status).toBe('ok');
    // The tunnel, and the HELLO.
    expect(proxy.seen).toEqual(Array(2).fill(`apim.test:${new URL(it().apim.endpoint).port}`));
  });

  test('the certificate of the host behind it is judged', async () => {
    const proxy = await startProxy('HTTP');
    const endpoint = `https://apim.test:${await behindTls('self-signed.pem')}`;
    const results = await it().examine(
      configured('HTTP', proxy, { gravitee_integration_connector_ws_endpoints_0: endpoint }),
    );
    expect(failedOf(results)).toEqual(['tls']);
    expect(resultsOf(results, 'tls')[0]?.lines?.[0]).toContain('issued by itself');
  });

  test.each(['HTTP', 'SOCKS5'] as const)('%s: a wrong password is the matter of the proxy', async (type) => {
    const proxy = await startProxy(type);
    const results = await it().examine(
      configured(type, proxy, { gravitee_integration_connector_ws_proxy_password: 'another-word' }),
    );
    expect(failedOf(results)).toEqual(['tcp']);
    expect(resultsOf(results, 'tcp').at(-1)).toMatchObject({
      detail: expect.stringContaining(`the proxy 127.0.0.1:${proxy.port} (integration.connector.ws.proxy)`),
      fix: 'set integration.connector.ws.proxy.username and integration.connector.ws.proxy.password to what the proxy knows',
    });
    for (const check of ['tls', 'upgrade', 'hello'] as const)
      expect(resultsOf(results, check)).toMatchObject([{ status: 'skipped' }]);
    expect(json(results)).not.toMatch(/another-word|the-word-of-bob/u);
  });

  test('AWS is asked through the proxy of the environment', async () => {
    const proxy = await startProxy('HTTP');
    const aws = `http://aws.test:${new URL(it().aws.url).port}`;
    const through = (password: string): Environment => ({
      gravitee_integration_providers_0_configuration_endpointUrl: aws,
      gravitee_integration_providers_0_configuration_stsEndpointUrl: aws,
      HTTP_PROXY: `http://bob:${password}@127.0.0.1:${proxy.port}`,
    });
    expect(failedOf(await it().examine(through(login.password)))).toEqual([]);
    expect(new Set(proxy.seen)).toEqual(new Set([aws.slice('http://'.length)]));
    const refused = await it().examine(through('another-word'));
    expect(failedOf(refused)).toEqual(['aws identity']);
    expect(resultsOf(refused, 'aws identity')[0]).toMatchObject({
      detail: expect.stringContaining('(HTTP_PROXY) refuses the user name or the password'),
      fix: 'correct the proxy that the reason names',
    });
    expect(json(refused)).not.toContain('another-word');
  });
});
