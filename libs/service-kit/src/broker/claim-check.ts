/** Claim check: a value above `claimCheckBytes` travels as a reference, since the broker's limit for a message is 1 MiB. */
import { claimCheckBytes, type Claim } from '@federation-agent/contracts';
import { PayloadMissingError } from '../errors.ts';
import type { ChunkStore } from './chunk-store.ts';

/** The value itself, or a reference to its JSON in the store. */
export async function toClaim(store: ChunkStore, value: unknown): Promise<Claim> {
  const json = Buffer.from(JSON.stringify(value));
  return json.length > claimCheckBytes ? { ref: await store.put(json) } : { inline: value };
}

/** @throws PayloadMissingError when what it refers to is gone */
export async function fromClaim(store: ChunkStore, claim: Claim): Promise<unknown> {
  if ('inline' in claim) return claim.inline;
  const json = await store.get(claim.ref);
  if (json === undefined) throw new PayloadMissingError(claim.ref.sha256);
  return JSON.parse(json.toString('utf8')) as unknown;
}
