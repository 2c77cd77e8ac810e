/** Password encryption of PKCS12: its own schemes (RFC 7292, with 3DES or RC2) and PBES2 (RFC 8018, with AES). */
import { createDecipheriv, hash, pbkdf2Sync } from 'node:crypto';
import asn1 from 'node-forge/lib/asn1.js';
import forgeRc2 from 'node-forge/lib/rc2.js';
import util from 'node-forge/lib/util.js';
import { childAt, childrenOf, octetString, oid, smallInteger, type Asn1 } from './asn1.ts';
import { StoreError } from './store.ts';

/** Purposes of derived bytes (RFC 7292, B.3). */
export const purposes = { key: 1, iv: 2, mac: 3 } as const;

const pbes2 = '1.2.840.113549.1.5.13';

/** PKCS12's own schemes, all with SHA-1. */
const own: Readonly<Record<string, { readonly cipher: string; readonly keyBytes: number }>> = {
  '1.2.840.113549.1.12.1.3': { cipher: 'des-ede3-cbc', keyBytes: 24 },
  '1.2.840.113549.1.12.1.4': { cipher: 'des-ede-cbc', keyBytes: 16 },
  '1.2.840.113549.1.12.1.5': { cipher: 'rc2', keyBytes: 16 },
  '1.2.840.113549.1.12.1.6': { cipher: 'rc2', keyBytes: 5 },
};

const ciphers: Readonly<Record<string, { readonly cipher: string; readonly keyBytes: number }>> = {
  '2.16.840.1.101.3.4.1.2': { cipher: 'aes-128-cbc', keyBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { cipher: 'aes-192-cbc', keyBytes: 24 },
  '2.16.840.1.101.3.4.1.42': { cipher: 'aes-256-cbc', keyBytes: 32 },
  '1.2.840.113549.3.7': { cipher: 'des-ede3-cbc', keyBytes: 24 },
};

const hmacs: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};

/** No tool uses nearly as many rounds; more would only block the process. */
const mostRounds = 10_000_000;

/**
 * Decrypts what is encrypted under an AlgorithmIdentifier.
 *
 * @throws StoreError `wrong-password` when the padding of the result is wrong
 */
export function decrypt(algorithm: Asn1, sealed: Buffer, password: string): Buffer {
  const scheme = oid(childAt(algorithm, 0));
  const plan = own[scheme];
  if (plan) {
    const salt = octetString(childAt(algorithm, 1, 0));
    const rounds = iterationsOf(childAt(algorithm, 1, 1));
    const derive = (purpose: number, length: number): Buffer =>
      deriveBytes('sha1', { password, salt, purpose, rounds, length });
    return decipher(plan.cipher, derive(purposes.key, plan.keyBytes), derive(purposes.iv, 8), sealed);
  }
  if (scheme !== pbes2) throw new StoreError('damaged', `it is encrypted in an unknown way (${scheme})`);
  const derivation = childAt(algorithm, 1, 0, 1);
  const [, , ...optional] = childrenOf(derivation);
  const prf = optional.find(({ type }) => type === asn1.Type.SEQUENCE);
  const digest = hmacs[prf ? oid(childAt(prf, 0)) : '1.2.840.113549.2.7'];
  const cipher = ciphers[oid(childAt(algorithm, 1, 1, 0))];
  if (digest === undefined || !cipher) throw new StoreError('damaged', 'it is encrypted in an unknown way');
  const salt = octetString(childAt(derivation, 0));
  const key = pbkdf2Sync(password, salt, iterationsOf(childAt(derivation, 1)), cipher.keyBytes, digest);
  return decipher(cipher.cipher, key, octetString(childAt(algorithm, 1, 1, 1)), sealed);
}

/** @throws StoreError */
export function iterationsOf(node: Asn1): number {
  const rounds = smallInteger(node);
  if (rounds < 1 || rounds > mostRounds) throw new StoreError('damaged', 'it is of an unknown form');
  return rounds;
}

function decipher(cipher: string, key: Buffer, iv: Buffer, sealed: Buffer): Buffer {
  try {
    if (cipher === 'rc2') return rc2(key, iv, sealed);
    const opener = createDecipheriv(cipher, key, iv);
    return Buffer.concat([opener.update(sealed), opener.final()]);
  } catch (error) {
    throw new StoreError('wrong-password', 'it does not open with the password', error);
  }
}

/** OpenSSL has RC2 only in its legacy provider, which Node does not load. */
function rc2(key: Buffer, iv: Buffer, sealed: Buffer): Buffer {
  const opener = forgeRc2.createDecryptionCipher(key.toString('binary'), key.length * 8);
  opener.start(iv.toString('binary'));
  opener.update(util.createBuffer(sealed.toString('binary')));
  if (!opener.finish()) throw new Error('the padding is wrong');
  return Buffer.from(opener.output.getBytes(), 'binary');
}

/**
 * PKCS12's own derivation of bytes from a password (RFC 7292, B.2). Java 8 uses 100,000 rounds, which take a second in
 * plain JavaScript. So this code does little besides the digests.
 *
 * @param digest sha1, sha224, sha256, sha384 or sha512
 */
export function deriveBytes(
  digest: string,
  {
    password,
    salt,
    purpose,
    rounds,
    length,
  }: { password: string; salt: Buffer; purpose: number; rounds: number; length: number },
): Buffer {
  const block = digest === 'sha384' || digest === 'sha512' ? 128 : 64;
  // The characters of the password, followed by a zero character.
  const secret = Buffer.from(`${password}\0`, 'utf16le').swap16();
  const diversifier = Buffer.alloc(block, purpose);
  const input = Buffer.concat([repeated(salt, block), repeated(secret, block)]);
  const derived: Buffer[] = [];
  for (let bytes = 0; bytes < length;) {
    let part = hash(digest, Buffer.concat([diversifier, input]), 'buffer');
    for (let round = 1; round < rounds; round += 1) part = hash(digest, part, 'buffer');
    derived.push(part);
    bytes += part.length;
    const addend = Buffer.alloc(block, part);
    for (let start = 0; start < input.length; start += block) addOneMore(input, start, addend);
  }
  return Buffer.concat(derived).subarray(0, length);
}

/** Repeats the bytes until they fill whole blocks. */
function repeated(bytes: Buffer, block: number): Buffer {
  return bytes.length === 0 ? bytes : Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes);
}

/** Adds the addend and one to a block of the input, read as a number of the block's length; overflow is dropped. */
function addOneMore(input: Buffer, start: number, addend: Buffer): void {
  let carry = 1;
  for (let index = addend.length - 1; index >= 0; index -= 1) {
    const sum = (input[start + index] ?? 0) + (addend[index] ?? 0) + carry;
    input[start + index] = sum & 0xff;
    carry = sum >> 8;
  }
}
