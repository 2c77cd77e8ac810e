/**
 * Claim check: a value above `claimCheckBytes` is stored, and a reference to it is sent, because the broker limits a
 * message to 1 MiB.
 */
import { claimCheckBytes, type Claim, type PayloadRef } from '@federation-agent/contracts';
import { PayloadMissingError } from '../errors.ts';
import type { ChunkStore } from './chunk-store.ts';

/** The value itself, or a reference to its JSON in the store. */
export async function toClaim(store: ChunkStore, value: unknown): Promise<Claim> {
  const json = Buffer.from(JSON.stringify(value));
  return json.length > claimCheckBytes ? { ref: await store.put(json) } : { inline: value };
}

/** The same for a value that is already JSON. */
export async function toClaimOfJson(store: ChunkStore, json: Buffer): Promise<Claim> {
  return json.length > claimCheckBytes
    ? { ref: await store.put(json) }
    : { inline: JSON.parse(json.toString('utf8')) as unknown };
}

/** The claim on a value that is already JSON text, as JSON text itself. */
export async function toClaimText(store: ChunkStore, json: string): Promise<string> {
  const isLarge = Buffer.byteLength(json) > claimCheckBytes;
  return isLarge ? JSON.stringify({ ref: await store.put(Buffer.from(json)) }) : `{"inline":${json}}`;
}

/** @throws PayloadMissingError when the stored value is gone */
export async function fromClaim(store: ChunkStore, claim: Claim): Promise<unknown> {
  if ('inline' in claim) return claim.inline;
  return JSON.parse((await jsonOf(store, claim.ref)).toString('utf8')) as unknown;
}

/** The JSON behind a reference. @throws PayloadMissingError when it is gone */
export async function jsonOf(store: ChunkStore, ref: PayloadRef): Promise<Buffer> {
  const json = await store.get(ref);
  if (json === undefined) throw new PayloadMissingError(ref.sha256);
  return json;
}
