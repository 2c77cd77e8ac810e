/** The version in a stream's or consumer's description, and what it means for a replica that knows another one. */
import { topologyVersion } from '@federation-agent/contracts';

export const topologyDescription = `federation topology v${topologyVersion}`;

/** A bucket whose records are still being copied into it. */
export const movingDescription = 'federation move, not ended';

/** 0 for a description that is not ours. */
export function versionOf(description: string | undefined): number {
  return Number(/^federation topology v(\d+)$/u.exec(description ?? '')?.[1] ?? 0);
}

/** Older than ours: update it. Same or newer: leave it. */
export function isOlder(description: string | undefined): boolean {
  return versionOf(description) < topologyVersion;
}
