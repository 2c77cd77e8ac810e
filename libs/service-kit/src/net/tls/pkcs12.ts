/**
 * PKCS12, of Java 8 (RC2 and 3DES), of Java 17 and OpenSSL 3 (PBES2, AES). Node's own `pfx` refuses stores without a key,
 * and what OpenSSL calls legacy.
 */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import forge from 'node-forge';
import { StoreError, type StoreEntry } from './store.ts';

/**
 * Reads a store. Every certificate is an entry, also one without Java's mark of a trusted one: OpenSSL does not set it, and
 * Java then sees an empty store. A key brings its certificate and those that issued it.
 *
 * @throws StoreError
 */
export function readPkcs12(bytes: Buffer, password: string | undefined): readonly StoreEntry[] {
  const bags = open(bytes, password).safeContents.flatMap(({ safeBags }) => safeBags);
  try {
    const certificates = bags
      .filter(({ type }) => type === forge.pki.oids['certBag'])
      .map((bag) => ({ bag, certificate: certificateOf(bag) }));
    const keys = bags.flatMap((bag) =>
      bag.type === forge.pki.oids['keyBag'] || bag.type === forge.pki.oids['pkcs8ShroudedKeyBag']
        ? [keyOf(bag)]
        : [],
    );
    const all = certificates.map(({ certificate }) => certificate);
    return certificates.map(({ bag, certificate }) => {
      const key = keys.find((one) => certificate.checkPrivateKey(one));
      const chain = key ? chainOf(certificate, all) : [certificate];
      return { alias: aliasOf(bag), certificates: chain.map(({ raw }) => raw), key };
    });
  } catch (error) {
    throw new StoreError('damaged', 'it holds something that is neither a certificate nor a key', error);
  }
}

function open(bytes: Buffer, password: string | undefined): forge.pkcs12.Pkcs12Pfx {
  const parse = (): forge.asn1.Asn1 => {
    try {
      return forge.asn1.fromDer(bytes.toString('binary'));
    } catch (error) {
      throw new StoreError('damaged', 'it is cut off', error);
    }
  };
  if (password === undefined) return openWithoutPassword(parse());
  try {
    return forge.pkcs12.pkcs12FromAsn1(parse(), false, password);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    // The integrity was right: what cannot be decrypted has its password as UTF-8, which forge leaves to the caller.
    if (isAscii(password) || isWrongPassword(error)) throw faultOf(error);
    try {
      return forge.pkcs12.pkcs12FromAsn1(
        withoutMac(parse()),
        false,
        Buffer.from(password, 'utf8').toString('binary'),
      );
    } catch (again) {
      throw faultOf(again);
    }
  }
}

/** As Java does it: without a password the integrity is not checked, and what is encrypted stays closed. */
function openWithoutPassword(pfx: forge.asn1.Asn1): forge.pkcs12.Pkcs12Pfx {
  try {
    return forge.pkcs12.pkcs12FromAsn1(withoutMac(pfx), false);
  } catch (error) {
    throw new StoreError('no-password', 'it is encrypted', error);
  }
}

/** version, content, integrity. */
function withoutMac(pfx: forge.asn1.Asn1): forge.asn1.Asn1 {
  if (Array.isArray(pfx.value)) pfx.value.length = Math.min(pfx.value.length, 2);
  return pfx;
}

const isAscii = (text: string): boolean => /^[\u0020-\u007e]*$/u.test(text);

function isWrongPassword(error: unknown): boolean {
  return Error.isError(error) && /invalid password/iu.test(error.message);
}

function faultOf(error: unknown): StoreError {
  const closed = Error.isError(error) && /decrypt|invalid password/iu.test(error.message);
  return closed
    ? new StoreError('wrong-password', 'its integrity does not fit the password', error)
    : new StoreError('damaged', 'it is cut off, or of a form that nobody knows', error);
}

/** forge parses certificates and keys with RSA; of all others it gives the ASN.1. */
function certificateOf({ asn1, cert }: forge.pkcs12.Bag): X509Certificate {
  const found = cert ? forge.pki.certificateToAsn1(cert) : asn1;
  return new X509Certificate(toDer(found));
}

function keyOf({ asn1, key }: forge.pkcs12.Bag): KeyObject {
  const info = key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(key)) : asn1;
  return createPrivateKey({ key: toDer(info), format: 'der', type: 'pkcs8' });
}

function toDer(value: forge.asn1.Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(value).getBytes(), 'binary');
}

function aliasOf({ attributes }: forge.pkcs12.Bag): string | undefined {
  const { friendlyName } = attributes as { readonly friendlyName?: readonly string[] };
  return friendlyName?.[0];
}

/** From a certificate to the last one that issued it, as far as the store has them. */
function chainOf(certificate: X509Certificate, all: readonly X509Certificate[]): readonly X509Certificate[] {
  const chain = [certificate];
  for (let last = certificate; ;) {
    const issuer = all.find((one) => !chain.includes(one) && last.checkIssued(one));
    if (!issuer) return chain;
    chain.push(issuer);
    last = issuer;
  }
}
