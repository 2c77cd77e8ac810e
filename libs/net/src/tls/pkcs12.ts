/**
 * PKCS12 (RFC 7292) from Java 8 (RC2 and 3DES), and from Java 17 and OpenSSL 3 (PBES2, AES). Node's own `pfx` refuses
 * stores without a key and what OpenSSL calls legacy; forge takes more than a second for the rounds of Java 8.
 */
import { createHmac, createPrivateKey, timingSafeEqual, X509Certificate, type KeyObject } from 'node:crypto';
import { childAt, childrenOf, octetString, oid, parseAsn1, toDer, bmpString, type Asn1 } from './asn1.ts';
import { decrypt, deriveBytes, purposes, iterationsOf } from './pbe.ts';
import { StoreError, type StoreEntry } from './store.ts';

const data = '1.2.840.113549.1.7.1';
const encryptedData = '1.2.840.113549.1.7.6';
const bagKinds = {
  key: '1.2.840.113549.1.12.10.1.1',
  sealedKey: '1.2.840.113549.1.12.10.1.2',
  certificate: '1.2.840.113549.1.12.10.1.3',
} as const;
const friendlyName = '1.2.840.113549.1.9.20';

const digests: Readonly<Record<string, { readonly name: string; readonly bytes: number }>> = {
  '1.3.14.3.2.26': { name: 'sha1', bytes: 20 },
  '2.16.840.1.101.3.4.2.4': { name: 'sha224', bytes: 28 },
  '2.16.840.1.101.3.4.2.1': { name: 'sha256', bytes: 32 },
  '2.16.840.1.101.3.4.2.2': { name: 'sha384', bytes: 48 },
  '2.16.840.1.101.3.4.2.3': { name: 'sha512', bytes: 64 },
};

/**
 * Reads a store. Every certificate is an entry, also one without Java's mark for trusted certificates: OpenSSL does not
 * set that mark, and then Java sees an empty store. A key has its certificate and those that issued it. As in Java,
 * without a password the integrity is not checked and encrypted parts stay closed.
 *
 * @throws StoreError
 */
export function readPkcs12(bytes: Buffer, password: string | undefined): readonly StoreEntry[] {
  const store = parseAsn1(bytes);
  const content = octetString(childAt(store, 1, 1, 0));
  const integrity = childrenOf(store)[2];
  if (integrity && password !== undefined) checkIntegrity(integrity, content, password);
  const bags = childrenOf(parseAsn1(content)).flatMap((safe) => childrenOf(openSafe(safe, password)));
  const certificates = bags
    .filter((bag) => oid(childAt(bag, 0)) === bagKinds.certificate)
    .map((bag) => ({
      alias: aliasOf(bag),
      certificate: parseCertificate(octetString(childAt(bag, 1, 0, 1, 0))),
    }));
  const keys = bags.flatMap((bag) => keysOf(bag, password));
  const all = certificates.map(({ certificate }) => certificate);
  return certificates.map(({ alias, certificate }) => {
    const key = keys.find((one) => certificate.checkPrivateKey(one));
    const chain = key ? chainOf(certificate, all) : [certificate];
    return { alias, certificates: chain.map(({ raw }) => raw), key };
  });
}

/** Checks the digest of the content, which is keyed with the password. */
function checkIntegrity(integrity: Asn1, content: Buffer, password: string): void {
  const digest = digests[oid(childAt(integrity, 0, 0, 0))];
  if (!digest) throw new StoreError('damaged', 'its integrity is of an unknown kind');
  const rounds = childrenOf(integrity)[2];
  const key = deriveBytes(digest.name, {
    password,
    salt: octetString(childAt(integrity, 1)),
    purpose: purposes.mac,
    rounds: rounds ? iterationsOf(rounds) : 1,
    length: digest.bytes,
  });
  const expected = createHmac(digest.name, key).update(content).digest();
  const found = octetString(childAt(integrity, 0, 1));
  if (found.length !== expected.length || !timingSafeEqual(found, expected))
    throw new StoreError('wrong-password', 'its integrity does not fit the password');
}

/** The bags of a safe; an encrypted safe is decrypted first. */
function openSafe(safe: Asn1, password: string | undefined): Asn1 {
  const kind = oid(childAt(safe, 0));
  if (kind === data) return parseAsn1(octetString(childAt(safe, 1, 0)));
  if (kind !== encryptedData)
    throw new StoreError('damaged', 'it is encrypted for a key, not with a password');
  const sealed = childAt(safe, 1, 0, 1);
  return parseAsn1(decrypt(childAt(sealed, 1), octetString(childAt(sealed, 2)), required(password)));
}

function keysOf(bag: Asn1, password: string | undefined): readonly KeyObject[] {
  const value = childAt(bag, 1, 0);
  switch (oid(childAt(bag, 0))) {
    case bagKinds.sealedKey:
      // A truststore may have a key that nobody needs.
      return password === undefined
        ? []
        : [parseKey(decrypt(childAt(value, 0), octetString(childAt(value, 1)), password))];
    case bagKinds.key:
      return [parseKey(toDer(value))];
    default:
      return [];
  }
}

function required(password: string | undefined): string {
  if (password === undefined) throw new StoreError('no-password', 'it is encrypted');
  return password;
}

function aliasOf(bag: Asn1): string | undefined {
  const attributes = childrenOf(bag)[2];
  const named =
    attributes && childrenOf(attributes).find((attribute) => oid(childAt(attribute, 0)) === friendlyName);
  return named && bmpString(childAt(named, 1, 0));
}

function parseCertificate(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (error) {
    throw new StoreError('damaged', 'it has a certificate that cannot be read', error);
  }
}

function parseKey(der: Buffer): KeyObject {
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch (error) {
    throw new StoreError('damaged', 'it has a private key that cannot be read', error);
  }
}

/** The chain from a certificate to its last issuer, as far as the store has it. */
function chainOf(certificate: X509Certificate, all: readonly X509Certificate[]): readonly X509Certificate[] {
  const chain = [certificate];
  for (let last = certificate; ;) {
    const issuer = all.find((one) => !chain.includes(one) && last.checkIssued(one));
    if (!issuer) return chain;
    chain.push(issuer);
    last = issuer;
  }
}
