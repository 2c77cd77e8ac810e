/** Limits failed logins per address, with a small bucket in memory for each. */

export interface FailedLogins {
  /** Milliseconds until this address may try again; 0: now. */
  waitMs(address: string, now: number): number;
  failed(address: string, now: number): void;
}

export const maxFailures = 5;
/** One more try is allowed after this time. */
export const refillMs = 10_000;
const mostAddresses = 1_000;

export function createFailedLogins(): FailedLogins {
  /** When the bucket of an address is full again, epoch ms; an absent bucket is full. Ordered by the last failure. */
  const fullAt = new Map<string, number>();
  return {
    waitMs: (address, now) => {
      const empty = (fullAt.get(place(address)) ?? 0) - now - (maxFailures - 1) * refillMs;
      return Math.max(0, empty);
    },
    failed: (address, now) => {
      const key = place(address);
      const at = Math.max(fullAt.get(key) ?? 0, now) + refillMs;
      fullAt.delete(key);
      fullAt.set(key, at);
      const [oldest] = fullAt.keys();
      if (fullAt.size > mostAddresses && oldest !== undefined) fullAt.delete(oldest);
    },
  };
}

/** A host may have 2^64 IPv6 addresses, so its network counts. An IPv4 address inside IPv6 counts as itself. */
function place(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('%', 1).join('').split('::');
  const before = head.split(':').filter(Boolean);
  const after = (tail ?? '').split(':').filter(Boolean);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4).join(':');
}
