import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { nkeys } from '@nats-io/transport-node';
import { realLimits } from '@federation-agent/contracts';
import { testTelemetry } from '@federation-agent/base/test';
import { tlsFixture } from '@federation-agent/net/test';
import { startTestBroker, type TestBroker } from '../../test/broker.ts';
import { connectBroker } from './connect.ts';
import { readServers, type BrokerAccess } from './servers.ts';

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** A token as the NATS server reads it: signed with an nkey. */
function jwt(issuer: nkeys.KeyPair, subject: nkeys.KeyPair, nats: Record<string, unknown>): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    jti: 'one',
    iat: 1_700_000_000,
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name: 'agent',
    nats: { version: 2, ...nats },
  };
  const signed = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part(claims)}`;
  return `${signed}.${Buffer.from(issuer.sign(Buffer.from(signed))).toString('base64url')}`;
}

/** An operator, two accounts and a user: the server's configuration, and the user's credentials file. */
function decentralized(): { server: string; creds: string } {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
  const system = nkeys.createAccount(); // JetStream needs one.
  const limits = { subs: -1, data: -1, payload: -1, conn: -1, leaf: -1, imports: -1, exports: -1 };
  const preloaded = [account, system].map(
    (one) => `${one.getPublicKey()}: ${jwt(operator, one, { type: 'account', limits })}`,
  );
  const userJwt = jwt(account, user, { type: 'user', subs: -1, data: -1, payload: -1 });
  return {
    server: [
      `operator: ${jwt(operator, operator, { type: 'operator' })}`,
      `system_account: ${system.getPublicKey()}`,
      'resolver: MEMORY',
      `resolver_preload: { ${preloaded.join(', ')} }`,
    ].join('\n'),
    creds: [
      '-----BEGIN NATS USER JWT-----',
      userJwt,
      '------END NATS USER JWT------',
      '-----BEGIN USER NKEY SEED-----',
      textOf(user.getSeed()),
      '------END USER NKEY SEED------',
    ].join('\n'),
  };
}

const user = nkeys.createUser();
const { server: trusted, creds } = decentralized();
const tls = (more: string): string =>
  `tls { cert_file: "${tlsFixture('server.pem')}", key_file: "${tlsFixture('server.pem')}", ${more} }`;
const ca = tlsFixture('private-ca.pem');
const client = tlsFixture('keystore.pem');

let server: TestBroker | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

type Way = readonly [what: string, config: string, given: (url: string) => Partial<BrokerAccess>];

const ways: readonly Way[] = [
  ['a token in the URL', 'authorization { token: abc }', (url) => ({ url: url.replace('//', '//abc@') })],
  ['a token', 'authorization { token: abc }', () => ({ token: 'abc' })],
  [
    'user and password in the URL',
    'authorization { user: u, password: "p@ss" }',
    (url) => ({ url: url.replace('//', '//u:p%40ss@') }),
  ],
  [
    'user and password, before those of the URL',
    'authorization { user: u, password: pass }',
    (url) => ({ url: url.replace('//', '//x:y@'), user: 'u', password: 'pass' }),
  ],
  [
    'an nkey',
    `authorization { users: [{ nkey: ${user.getPublicKey()} }] }`,
    () => ({ nkey: textOf(user.getSeed()) }),
  ],
  ['credentials', trusted, () => ({ creds })],
  ['TLS with a private authority', tls(''), () => ({ tls: { ca } })],
  [
    'TLS, the authority given as PEM, the URL as tls://',
    tls(''),
    (url) => ({ url: url.replace('nats:', 'tls:'), tls: { ca: readFileSync(ca, 'utf8') } }),
  ],
  [
    'TLS with a client certificate',
    tls(`ca_file: "${ca}", verify: true`),
    () => ({ tls: { ca, cert: client, key: client } }),
  ],
  ['TLS before anything else', tls('handshake_first: true'), () => ({ tls: { ca, handshakeFirst: true } })],
];

/** Connects, or returns why it waits. */
async function attempt(access: BrokerAccess): Promise<string> {
  const telemetry = testTelemetry('gateway-link');
  const gaveUp = new AbortController();
  const waiting = Promise.withResolvers<string>();
  telemetry.log.warn = (fields: unknown) => {
    gaveUp.abort();
    waiting.resolve((fields as { reason: string }).reason);
  };
  const connecting = connectBroker({
    config: { ...access, namespace: 'test', replicas: 1 },
    service: 'gateway-link',
    name: 'test',
    limits: realLimits,
    telemetry,
    signal: gaveUp.signal,
  }).then(
    async (broker) => {
      await broker.nc.flush();
      await broker.close();
      return 'connected';
    },
    () => waiting.promise,
  );
  return connecting;
}

describe('the broker is reached with', () => {
  it.each(ways)('%s', async (_what, config, given) => {
    server = await startTestBroker({ config });
    const { url } = server;
    expect(await attempt({ url, ...given(url) })).toBe('connected');
    // Only this lets it in.
    expect(await attempt({ url })).not.toBe('connected');
  });
});

const without = nkeys.createAccount();

describe('what cannot be used is said by its key, without its value', () => {
  it.each<readonly [what: string, given: Partial<BrokerAccess>, says: RegExp]>([
    ['another scheme', { url: 'http://broker' }, /broker\.url: must be a URL such as nats:\/\/host:4222$/u],
    ['no such file', { creds: '/nowhere/agent.creds' }, /broker\.creds: its file cannot be read \(ENOENT\)/u],
    ['no credentials', { creds: ca }, /broker\.creds: must have a NATS USER JWT and a USER NKEY SEED/u],
    ['not of a user', { nkey: textOf(without.getSeed()) }, /broker\.nkey: must be the seed of a user/u],
    ['no authority', { tls: { ca: '/nowhere/ca' } }, /broker\.tls\.ca: its file cannot be read \(ENOENT\)/u],
    [
      'no key',
      { tls: { cert: client } },
      /broker\.tls\.key: required beside federation\.broker\.tls\.cert$/u,
    ],
    [
      'no certificate',
      { tls: { key: client } },
      /broker\.tls\.cert: required beside federation\.broker\.tls\.key$/u,
    ],
  ])('%s', (_what, given, says) => {
    const read = (): unknown => readServers({ url: 'nats://127.0.0.1:4222', ...given });
    expect(read).toThrow(says);
    expect(read).not.toThrow(given.nkey ?? 'no nkey');
  });
});
