/** Real TLS over loopback: who is trusted, who is not, and what the error says. */
import { once } from 'node:events';
import { createServer as createPlainServer, type AddressInfo, type Server } from 'node:net';
import { connect, createServer, type TlsOptions as ServerOptions } from 'node:tls';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  fixturePassword as password,
  keystores,
  serverIdentity,
  tlsFixture,
} from '../../test/tls-fixtures.ts';
import { describeTlsError } from './describe-tls-error.ts';
import { tlsOptions, type TlsConfig } from './tls-options.ts';

const key = 'integration.connector.ws.ssl';
const store = (name: string) => ({ path: tlsFixture(name), password });
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

interface Attempt {
  readonly host?: string;
  readonly identity?: string;
  readonly server?: ServerOptions;
  readonly client?: Partial<TlsConfig>;
}

/** What the server sends to an accepted client, or else the sentence about the error. */
async function attempt({
  host = 'localhost',
  identity = 'server.pem',
  server,
  client,
}: Attempt): Promise<string> {
  const listening = createServer({ ...serverIdentity(identity), ...server }, (socket) => {
    const { subject } = socket.getPeerCertificate();
    socket.end(`welcome ${(subject as { CN?: string } | undefined)?.CN ?? 'stranger'}`);
  });
  listening.on('tlsClientError', () => undefined);
  return talk(host, await listen(listening), client);
}

async function talk(host: string, port: number, client: Partial<TlsConfig> = {}): Promise<string> {
  const options = tlsOptions(key, { trustAll: false, verifyHost: true, ...client });
  const socket = connect({
    host: '127.0.0.1',
    servername: host === '127.0.0.1' ? '' : host,
    port,
    ...options,
  });
  const { promise, resolve } = Promise.withResolvers<string>();
  let heard = '';
  socket.on('data', (chunk) => (heard += String(chunk)));
  socket.on('error', (error) => {
    const context = { host: `${host}:${port}`, key, truststore: client.truststore?.path };
    resolve(describeTlsError(error, context) ?? `not TLS: ${String(error)}`);
  });
  socket.on('close', () => resolve(heard));
  const answer = await promise;
  socket.destroy();
  return answer;
}

describe('the server', () => {
  it.each([
    'truststore-java17.p12',
    'truststore-java8.p12',
    'truststore.jks',
    'truststore-openssl.p12',
    'truststore.pem',
    'private-ca.pem',
  ])('is trusted by %s', async (name) => {
    expect(await attempt({ client: { truststore: store(name) } })).toBe('welcome stranger');
  });

  it('is trusted by an authority between, or by its very certificate, as in Java', async () => {
    const identity = 'server-of-intermediate.pem';
    const truststore = store('intermediate.pem');
    expect(await attempt({ identity, client: { truststore } })).toBe('welcome stranger');
    expect(await attempt({ client: { truststore: store('server-certificate.pem') } })).toBe(
      'welcome stranger',
    );
    expect(
      await attempt({ identity: 'self-signed.pem', client: { truststore: store('self-signed.pem') } }),
    ).toBe('welcome stranger');
  });

  it('is not trusted when the alias names another authority', async () => {
    const truststore = { ...store('truststore.jks'), alias: 'other-ca' };
    expect(await attempt({ client: { truststore } })).toMatch(
      /^the certificate of localhost:\d+ comes from an unknown authority/u,
    );
    expect(await attempt({ client: { truststore: { ...truststore, alias: 'private-ca' } } })).toBe(
      'welcome stranger',
    );
  });

  it('with trustAll nothing is checked', async () => {
    for (const identity of ['server.pem', 'expired.pem', 'wrong-host.pem', 'self-signed.pem'])
      expect(await attempt({ identity, client: { trustAll: true } })).toBe('welcome stranger');
  });

  it('without verifyHost the name is not checked, but the chain is', async () => {
    const truststore = store('private-ca.pem');
    const identity = 'wrong-host.pem';
    expect(await attempt({ identity, client: { truststore, verifyHost: false } })).toBe('welcome stranger');
    expect(await attempt({ identity, client: { verifyHost: false } })).toMatch(
      /comes from an unknown authority/u,
    );
    expect(await attempt({ identity: 'expired.pem', client: { truststore, verifyHost: false } })).toMatch(
      /has expired/u,
    );
  });

  it('is known by its address too', async () => {
    expect(await attempt({ host: '127.0.0.1', client: { truststore: store('private-ca.pem') } })).toBe(
      'welcome stranger',
    );
  });
});

describe('the client', () => {
  const wanting: ServerOptions = {
    requestCert: true,
    ca: readFileSync(tlsFixture('private-ca.pem')),
  };
  const truststore = store('private-ca.pem');

  it.each(keystores)('shows the certificate of %s, with the authority between', async (name) => {
    expect(await attempt({ server: wanting, client: { truststore, keystore: store(name) } })).toBe(
      'welcome client',
    );
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('without a certificate is told so, %s', async (minVersion) => {
    const server = { ...wanting, minVersion, maxVersion: minVersion };
    expect(await attempt({ server, client: { truststore } })).toMatch(/certificate.*keystore\.path/u);
  });
});

describe('an error says what mends it', () => {
  const truststore = store('private-ca.pem');
  it.each<[string, Attempt, RegExp]>([
    [
      'expired',
      { identity: 'expired.pem', client: { truststore } },
      /^the certificate of localhost:\d+, or one that it depends on, has expired: renew it.*openssl s_client -connect localhost:\d+ /u,
    ],
    [
      'of another host',
      { identity: 'wrong-host.pem', client: { truststore } },
      /^the certificate that localhost:\d+ shows is for apim\.example\.com, .*integration\.connector\.ws\.ssl\.verifyHost/u,
    ],
    [
      'signed by itself',
      { identity: 'self-signed.pem' },
      /^the certificate of localhost:\d+ is signed by itself and no truststore is configured: openssl .*truststore\.path/u,
    ],
    [
      'signed by itself, and not in the truststore',
      { identity: 'self-signed.pem', client: { truststore } },
      /is signed by itself and is not in \S+private-ca\.pem: .*keytool -importcert/u,
    ],
    [
      'comes from an unknown authority',
      { identity: 'server.pem' },
      /comes from an unknown authority, .*set integration\.connector\.ws\.ssl\.truststore\.path/u,
    ],
    [
      'of an authority that is not in the truststore',
      { client: { truststore: store('self-signed.pem') } },
      /comes from an unknown authority, .* add the certificate of its authority to \S+self-signed\.pem \(keytool/u,
    ],
    [
      'with its authority in the chain',
      {
        server: {
          cert: [readFileSync(tlsFixture('server.pem')), readFileSync(tlsFixture('private-ca.pem'))].join(''),
        },
      },
      /comes from an authority that is not among the usual ones: put the certificate/u,
    ],
  ])('%s', async (_what, given, sentence) => {
    expect(await attempt(given)).toMatch(sentence);
  });

  it('a server without TLS', async () => {
    const port = await listen(createPlainServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    expect(await talk('localhost', port)).toMatch(/does not speak TLS on this port: an http:\/\/ endpoint/u);
  });

  it('a server that hangs up', async () => {
    const port = await listen(createPlainServer((socket) => socket.on('data', () => socket.end())));
    expect(await talk('localhost', port)).toMatch(/closed the connection within the TLS handshake/u);
  });

  it('what is not of TLS is left to others', () => {
    const context = { host: 'apim', key };
    expect(
      describeTlsError(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }), context),
    ).toBeUndefined();
    expect(describeTlsError('text', context)).toBeUndefined();
    const odd = Object.assign(new Error('no'), { code: 'constructor' });
    expect(describeTlsError(odd, context)).toBeUndefined();
  });
});
