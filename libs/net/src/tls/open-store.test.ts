/** Stores from keytool and openssl open; for others the error says how to fix them. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ConfigurationError } from '@federation-agent/base';
import { fixturePassword as password, keystores, tlsFixture } from '../../test/tls-fixtures.ts';
import { openStore } from './open-store.ts';
import { readJks } from './jks.ts';
import { readPkcs12 } from './pkcs12.ts';
import { StoreError, type StoreConfig } from './store.ts';
import { ownCertificate, tlsOptions } from './tls-options.ts';

const key = 'integration.connector.ws.ssl';
const trusting = (truststore: StoreConfig) =>
  tlsOptions(key, { trustAll: false, verifyHost: true, truststore }).ca;
const certificates = (pem: string): string[] =>
  [...pem.matchAll(/-----BEGIN CERT.+?-----END CERTIFICATE-----/gsu)].map(([block]) =>
    new X509Certificate(block).toString(),
  );
const read = (name: string): string => readFileSync(tlsFixture(name), 'utf8');
const [privateCa = '', otherCa = ''] = certificates(read('truststore.pem'));
const lineOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  throw new Error('nothing was wrong');
};

describe('a truststore', () => {
  it.each([
    ['of Java 17', 'PKCS12', 'truststore-java17.p12', password],
    ['of Java 8: RC2, 3DES, SHA-1', 'PKCS12', 'truststore-java8.p12', password],
    ['of Java, JKS', 'JKS', 'truststore.jks', password],
    ['of OpenSSL 3, which Java takes for empty', 'PKCS12', 'truststore-openssl.p12', password],
    ['of OpenSSL before 3', 'PKCS12', 'truststore-openssl-legacy.p12', password],
    ['with a password beyond ASCII, PKCS12', 'PKCS12', 'truststore-unicode.p12', 'pässwörd'],
    ['with a password beyond ASCII, JKS', 'JKS', 'truststore-unicode.jks', 'pässwörd'],
    ['that needs no password, with one', 'PKCS12', 'truststore-without-password.p12', password],
    ['that needs no password', 'PKCS12', 'truststore-without-password.p12', undefined],
    ['JKS without its password, as in Java', 'JKS', 'truststore.jks', undefined],
    ['PEM', 'PEM', 'truststore.pem', undefined],
    ['of no configured type', undefined, 'truststore.jks', password],
    ['PKCS12 that is called JKS, as in Java', 'JKS', 'truststore-java17.p12', password],
    ['JKS that is called PKCS12, as in Java', 'PKCS12', 'truststore.jks', password],
  ])('%s', (_what, type, file, secret) => {
    expect(trusting({ type, path: tlsFixture(file), password: secret })?.sort()).toEqual(
      [privateCa, otherCa].sort(),
    );
  });

  it('NONE is none', () => {
    expect(trusting({ type: 'NONE', path: '/none.p12' })).toBeUndefined();
  });

  it('comes as base64, with line breaks or without, or as PEM itself', () => {
    const content = readFileSync(tlsFixture('truststore-java17.p12')).toString('base64');
    expect(trusting({ type: 'PKCS12', content, password })).toHaveLength(2);
    const wrapped = content.replaceAll(/.{64}/gu, '$&\n');
    expect(trusting({ type: 'PKCS12', content: wrapped, password })).toHaveLength(2);
    const pem = read('truststore.pem');
    expect(trusting({ type: 'PEM', content: Buffer.from(pem).toString('base64') })).toHaveLength(2);
    expect(trusting({ type: 'PEM', content: pem })).toHaveLength(2);
  });

  it.each(['truststore-java17.p12', 'truststore-java8.p12', 'truststore.jks'])(
    '%s is cut down to an alias, in small letters or not',
    (file) => {
      expect(trusting({ path: tlsFixture(file), password, alias: 'OTHER-CA' })).toEqual([otherCa]);
    },
  );

  it('is none when nothing of it is set', () => {
    expect(trusting({})).toBeUndefined();
  });
});

describe('a keystore', () => {
  const chain = certificates(read('keystore.pem'));
  const pkcs8 = createPrivateKey(read('keystore.pem')).export({ format: 'pem', type: 'pkcs8' });

  it.each(keystores)('%s gives the key, and the certificate with its chain', (file) => {
    const own = ownCertificate(`${key}.keystore`, { path: tlsFixture(file), password });
    expect(own?.key).toBe(pkcs8);
    expect(certificates(own?.cert ?? '')).toEqual(chain);
  });

  it('with two keys gives the one of the alias', () => {
    const path = tlsFixture('keystore-two-keys.p12');
    const own = ownCertificate(key, { path, password, alias: 'client' });
    expect(own?.key).toBe(pkcs8);
    expect(ownCertificate(key, { path, password, alias: 'another' })?.key).not.toBe(pkcs8);
  });
});

describe('what is wrong is said', () => {
  const at = `${key}.truststore`;
  it.each<[string, StoreConfig, readonly string[]]>([
    [
      'password, PKCS12',
      { type: 'PKCS12', path: tlsFixture('truststore-java17.p12'), password: 's3cret' },
      [`${at}.password: wrong for`, 'truststore-java17.p12', 'keytool -list -keystore'],
    ],
    [
      'password, Java 8',
      { path: tlsFixture('truststore-java8.p12'), password: 's3cret' },
      [`${at}.password: wrong for`],
    ],
    [
      'password, JKS',
      { path: tlsFixture('truststore.jks'), password: 's3cret' },
      [`${at}.password: wrong for`],
    ],
    [
      'a password beyond ASCII',
      { path: tlsFixture('truststore-unicode.p12'), password: 'pässword' },
      [`${at}.password: wrong for`],
    ],
    [
      'no password where there must be one',
      { path: tlsFixture('truststore-java17.p12') },
      [`${at}.password: required for`],
    ],
    [
      'PEM that is called PKCS12',
      { type: 'PKCS12', path: tlsFixture('truststore.pem') },
      [`${at}.type:`, 'is PEM, not PKCS12', `set ${at}.type to PEM`],
    ],
    [
      'JKS that is called PEM',
      { type: 'PEM', path: tlsFixture('truststore.jks') },
      [`${at}.type:`, 'is JKS, not PEM'],
    ],
    [
      'JCEKS',
      { type: 'JKS', path: tlsFixture('truststore.jceks'), password },
      ['is JCEKS', 'keytool -importkeystore -srckeystore', '-srcstoretype JCEKS', '-deststoretype PKCS12'],
    ],
    [
      'BKS',
      { content: Buffer.from('0000000200000014', 'hex').toString('base64'), password },
      [`${at}.content:`, 'is BKS', 'BouncyCastleProvider'],
    ],
    [
      'a certificate in DER',
      { path: tlsFixture('private-ca.der') },
      ['one certificate in DER', 'openssl x509 -inform der'],
    ],
    [
      'an empty PKCS12',
      { path: tlsFixture('empty.p12'), password },
      [`${at}.path:`, 'empty.p12 is empty', 'keytool -importcert'],
    ],
    ['an empty JKS', { path: tlsFixture('empty.jks'), password }, ['is empty', '-storetype JKS']],
    ['PEM without a certificate', { content: '-----BEGIN NOTHING-----' }, ['has no certificate']],
    [
      'a file that is not there',
      { path: '/no/such/file.p12' },
      [`${at}.path: /no/such/file.p12 does not exist`],
    ],
    ['a folder', { path: '/' }, [`${at}.path: / cannot be read: EISDIR`]],
    ['no base64', { content: '!!!' }, [`${at}.content: is not base64`]],
    [
      'anything else',
      { content: Buffer.from('hello, world').toString('base64') },
      ['is not JKS, PKCS12 or PEM'],
    ],
    [
      'an alias that is not there',
      { path: tlsFixture('truststore.jks'), password, alias: 'apim' },
      [`${at}.alias:`, 'has no entry apim: it has other-ca, private-ca'],
    ],
    ['a type alone', { type: 'PKCS12' }, [`${at}.path: required`]],
  ])('%s', (_what, store, parts) => {
    const line = lineOf(() => trusting(store));
    for (const part of parts) expect(line).toContain(part);
    expect(line).not.toMatch(/s3cret|pässword|\n/u);
  });

  it.each<[string, StoreConfig, string]>([
    ['no key in it', { path: tlsFixture('truststore.jks'), password }, 'has no private key'],
    ['a JKS without its password', { path: tlsFixture('keystore.jks') }, 'keystore.password: required'],
    ['PEM without the key', { path: tlsFixture('intermediate.pem') }, 'cat client.key client.pem'],
    ['a sealed key', { path: tlsFixture('keystore-encrypted.pem') }, 'keystore.password: required'],
    [
      'another password of the key',
      { path: tlsFixture('keystore-encrypted.pem'), password: 's3cret' },
      'keystore.password: wrong for',
    ],
  ])('keystore: %s', (_what, store, part) => {
    expect(lineOf(() => ownCertificate(`${key}.keystore`, store))).toContain(part);
  });

  it('a path with a blank stays one word of the command', () => {
    const line = lineOf(() => openStore(at, { path: tlsFixture('truststore.jceks'), password }));
    expect(line).toMatch(/-srckeystore \S+truststore\.jceks -srcstoretype/u);
  });
});

describe('damaged bytes', () => {
  it.each([
    ['JKS', 'keystore.jks', readJks],
    ['PKCS12', 'truststore-openssl.p12', readPkcs12],
  ] as const)(
    '%s: cut off or changed, they are refused or read, never anything else',
    (_kind, file, open) => {
      const bytes = readFileSync(tlsFixture(file));
      fc.assert(
        fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), (at, value, cut) => {
          const damaged = cut ? bytes.subarray(0, at) : Buffer.from(bytes);
          if (!cut) damaged[at] = value;
          try {
            open(damaged, password);
          } catch (error) {
            expect(error).toBeInstanceOf(StoreError);
          }
        }),
        { numRuns: 60 },
      );
    },
  );

  it('of a JKS: without its password nothing vouches for it, and still it is read within its bounds', () => {
    const bytes = readFileSync(tlsFixture('truststore.jks'));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = value;
        try {
          readJks(damaged, undefined);
        } catch (error) {
          expect(error).toBeInstanceOf(StoreError);
        }
      }),
    );
  });
});
