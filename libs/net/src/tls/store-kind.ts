/** Recognises the kind of a store by its bytes. */

export type StoreKind = 'JKS' | 'PKCS12' | 'PEM' | 'JCEKS' | 'BKS' | 'DER';

const sequence = 0x30;
const integer = 0x02;

/** Recognises it by the first bytes; undefined: an unknown kind. */
export function kindOf(bytes: Buffer): StoreKind | undefined {
  if (bytes.includes('-----BEGIN ')) return 'PEM';
  if (bytes.length < 8) return undefined;
  const magic = bytes.readUInt32BE(0);
  if (magic === 0xfeedfeed) return 'JKS';
  if (magic === 0xcececece) return 'JCEKS';
  // Bouncy Castle: version 1 or 2, then the length of a salt of 20 bytes.
  if ((magic === 1 || magic === 2) && bytes.readUInt32BE(4) === 20) return 'BKS';
  if (bytes[0] !== sequence) return undefined;
  // PKCS12 starts with its version, a number; a certificate starts with another sequence.
  const first = bytes[contentOffset(bytes)];
  if (first === integer) return 'PKCS12';
  return first === sequence ? 'DER' : undefined;
}

/** The offset of the content of the first DER or BER element. */
function contentOffset(bytes: Buffer): number {
  const length = bytes[1] ?? 0;
  return length > 0x80 ? 2 + (length & 0x7f) : 2;
}
