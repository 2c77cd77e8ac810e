/** What a complete read of the lists writes into a target's scan record. Pure. */
import type { ScanRecord } from '@federation-agent/contracts';
import type { IntegrationSettings } from '../settings.ts';
import type { Lists } from './seen.ts';

/** A record is one broker message, so only the latest missing plans are remembered, some 90 bytes each. */
const goneRemembered = 2_000;

/**
 * Adds a complete read. For a plan that is missing it counts the reads that are at least a schedule interval apart:
 * subscription-manager ends keys by this count.
 *
 * @param digest of the lists; when the catalog was written from lists with the same digest, it is current
 * @returns undefined when there is already a newer read
 */
export function withPlans(
  record: ScanRecord | undefined,
  { usagePlans, readAt }: Pick<Lists, 'usagePlans' | 'readAt'>,
  { schedule }: Pick<IntegrationSettings, 'schedule'>,
  digest: string,
): ScanRecord | undefined {
  if (!record || (record.usagePlansReadAt ?? -1) >= readAt) return undefined;
  const here = new Set(usagePlans.map((plan) => plan.id));
  const known = new Set([...Object.keys(record.usagePlans), ...Object.keys(record.gonePlans)]);
  const gone = [...known]
    .filter((id) => !here.has(id))
    .map((id) => {
      const before = record.gonePlans[id];
      if (!before) return [id, { since: readAt, reads: 1, lastReadAt: readAt }] as const;
      if (!schedule.apart(before.lastReadAt, readAt)) return [id, before] as const;
      return [id, { ...before, reads: before.reads + 1, lastReadAt: readAt }] as const;
    })
    .toSorted(([, a], [, b]) => b.since - a.since)
    .slice(0, goneRemembered);
  const { listsDigest: written, ...rest } = record;
  return {
    ...(written === digest ? withListsRead(record, readAt) : rest),
    usagePlansReadAt: readAt,
    usagePlans: Object.fromEntries(usagePlans.map(({ id, name }) => [id, { name }])),
    gonePlans: Object.fromEntries(gone),
  };
}

/**
 * Call it after the entries of that read were written: before that, the catalog is a mix of two reads.
 *
 * @param digest of the lists; undefined when not every entry could be written
 */
export function withListsWritten(
  record: ScanRecord | undefined,
  readAt: number,
  digest: string | undefined,
): ScanRecord | undefined {
  if (!record) return undefined;
  const { listsDigest: written, ...rest } = record;
  // A newer read overtook this one, and this one may have written over entries that the newer read left unchanged.
  if ((record.listsReadAt ?? -1) >= readAt)
    return written === undefined || written === digest ? undefined : rest;
  return { ...withListsRead(rest, readAt), ...(digest !== undefined && { listsDigest: digest }) };
}

function withListsRead(record: ScanRecord, readAt: number): ScanRecord {
  const { listsTrouble: _over, ...rest } = record;
  return { ...rest, listsReadAt: Math.max(record.listsReadAt ?? -1, readAt) };
}
