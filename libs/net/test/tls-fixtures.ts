/** Certificates and stores for tests, as `scripts/make-tls-fixtures.sh` made them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Of every store, but for those called `unicode`. */
export const fixturePassword = 'changeit';

/** The stores with the key of a client and its chain, one for each kind that is read. */
export const keystores = [
  'keystore-java17.p12',
  'keystore-java8.p12',
  'keystore-openssl.p12',
  'keystore-openssl-legacy.p12',
  'keystore.jks',
  'keystore.pem',
  'keystore-encrypted.pem',
];

/** The path of a file such as `truststore-java8.p12`. */
export function tlsFixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
}

/** Key and certificates of a server, for `createServer` of `node:tls` and `node:https`. */
export function serverIdentity(name: string): { key: string; cert: string } {
  const pem = readFileSync(tlsFixture(name), 'utf8');
  return { key: pem, cert: pem };
}
