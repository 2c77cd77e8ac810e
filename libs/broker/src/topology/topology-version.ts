/** The version in the description of a stream or consumer, and what it means for a replica of another version. */
import { topologyVersion } from '@federation-agent/contracts';

export const topologyDescription = `federation topology v${topologyVersion}`;

/** Marks a bucket into which records are still being copied. */
export const movingDescription = 'federation move, not ended';

/** 0 when the description is not ours. */
export function versionOf(description: string | undefined): number {
  return Number(/^federation topology v(\d+)$/u.exec(description ?? '')?.[1] ?? 0);
}

/** Older than ours: update it. The same or newer: leave it. */
export function isOlder(description: string | undefined): boolean {
  return versionOf(description) < topologyVersion;
}
