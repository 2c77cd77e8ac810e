/**
 * JKS, Java's own store format: certificates in clear, keys protected by a method of Sun's, and a digest over
 * everything that is keyed with the password. Numbers are big-endian; texts have their length in two bytes before them.
 */
import { createHash, createPrivateKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { childAt as partOf, octetString, parseAsn1 } from './asn1.ts';
import { StoreError, type StoreEntry } from './store.ts';

const tags = { key: 1, certificate: 2 } as const;
const digestBytes = 20;
/** Sun's developers mixed this into the digest. */
const phrase = 'Mighty Aphrodite';

/**
 * Reads a store. As in Java, without a password the integrity is not checked and the keys cannot be read.
 *
 * @throws StoreError
 */
export function readJks(bytes: Buffer, password: string | undefined): readonly StoreEntry[] {
  const body = bytes.subarray(0, -digestBytes);
  if (password !== undefined) {
    const expected = sha1(utf16(password), Buffer.from(phrase), body);
    const found = bytes.subarray(-digestBytes);
    if (found.length !== digestBytes || !timingSafeEqual(found, expected))
      throw new StoreError('wrong-password', 'its digest does not fit the password');
  }
  try {
    return readEntries(body, password);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new StoreError('damaged', 'it is cut off', error);
  }
}

function readEntries(body: Buffer, password: string | undefined): readonly StoreEntry[] {
  let at = 4; // After the magic number.
  const number = (): number => {
    at += 4;
    return body.readUInt32BE(at - 4);
  };
  const take = (length: number): Buffer => {
    if (at + length > body.length) throw new StoreError('damaged', 'it is cut off');
    at += length;
    return body.subarray(at - length, at);
  };
  const text = (): string => take(take(2).readUInt16BE()).toString('utf8');

  const version = number();
  const certificate = (): Buffer => {
    if (version === 2) text(); // Always X.509.
    return take(number());
  };
  return Array.from({ length: number() }, () => {
    const tag = number();
    const alias = text();
    take(8); // The creation time.
    if (tag === tags.certificate) return { alias, certificates: [certificate()] };
    if (tag !== tags.key) throw new StoreError('damaged', `it has an entry of the unknown kind ${tag}`);
    const sealed = take(number());
    const certificates = Array.from({ length: number() }, certificate);
    return { alias, certificates, key: password === undefined ? undefined : unseal(sealed, password) };
  });
}

/**
 * Sun's protection of a key: a salt, the key under a stream of SHA-1 digests (each of the password and the digest
 * before it; the first one of the password and the salt), and a digest of password and key.
 */
function unseal(sealed: Buffer, password: string): KeyObject {
  const data = octetString(partOf(parseAsn1(sealed), 1));
  const secret = utf16(password);
  const plain = Buffer.from(data.subarray(digestBytes, -digestBytes));
  let stream: Buffer = data.subarray(0, digestBytes);
  for (let index = 0; index < plain.length; index += 1) {
    if (index % digestBytes === 0) stream = sha1(secret, stream);
    plain[index] = (plain[index] ?? 0) ^ (stream[index % digestBytes] ?? 0);
  }
  if (!sha1(secret, plain).equals(data.subarray(-digestBytes)))
    throw new StoreError('wrong-key-password', 'its key has another password');
  return createPrivateKey({ key: plain, format: 'der', type: 'pkcs8' });
}

function sha1(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** The characters of a password as Java encodes them. */
function utf16(password: string): Buffer {
  return Buffer.from(password, 'utf16le').swap16();
}
