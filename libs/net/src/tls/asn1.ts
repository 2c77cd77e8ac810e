/** Reads DER, and the BER of older tools, with forge. Forge's byte strings become buffers here. */
// Parts of forge: all of it takes a while to load, in every process.
import asn1 from 'node-forge/lib/asn1.js';
import { StoreError } from './store.ts';

export type Asn1 = asn1.Asn1;

/** @throws StoreError */
export function parseAsn1(bytes: Buffer): Asn1 {
  try {
    return asn1.fromDer(bytes.toString('binary'));
  } catch (error) {
    throw new StoreError('damaged', 'it is cut off', error);
  }
}

const unknownForm = (): StoreError => new StoreError('damaged', 'it is of an unknown form');

/** The children of a sequence, a set or a tag. @throws StoreError */
export function childrenOf({ value }: Asn1): readonly Asn1[] {
  if (Array.isArray(value)) return value;
  throw unknownForm();
}

/** The child at this path. @throws StoreError */
export function childAt(node: Asn1, ...path: readonly number[]): Asn1 {
  let found = node;
  for (const index of path) {
    const next = childrenOf(found)[index];
    if (!next) throw unknownForm();
    found = next;
  }
  return found;
}

/** The bytes of an octet string; BER may have it in pieces. */
export function octetString({ value }: Asn1): Buffer {
  if (Array.isArray(value)) return Buffer.concat(value.map((part) => octetString(part)));
  return Buffer.from(value, 'binary');
}

/** The text of a string with two bytes per character; undefined for anything else. */
export function bmpString({ type, value }: Asn1): string | undefined {
  return type === asn1.Type.BMPSTRING && typeof value === 'string' ? value : undefined;
}

/** An object identifier, such as `1.2.840.113549.1.7.1`. @throws StoreError */
export function oid(node: Asn1): string {
  try {
    return asn1.derToOid(octetString(node).toString('binary'));
  } catch (error) {
    throw new StoreError('damaged', 'it is of an unknown form', error);
  }
}

/** A small whole number. @throws StoreError */
export function smallInteger(node: Asn1): number {
  const bytes = octetString(node);
  if (bytes.length < 1 || bytes.length > 4) throw unknownForm();
  return bytes.readIntBE(0, bytes.length);
}

/** The complete encoding. */
export function toDer(node: Asn1): Buffer {
  return Buffer.from(asn1.toDer(node).getBytes(), 'binary');
}
