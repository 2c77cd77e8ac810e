/** What a complete read of the lists leaves in a target's scan record. Pure. */
import type { ScanRecord } from '@federation-agent/contracts';
import type { IntegrationSettings } from '../settings.ts';
import type { Lists } from './seen.ts';

/** A record is one broker message: the latest of the plans that are gone are remembered, some 90 bytes each. */
const goneRemembered = 2_000;

/**
 * Takes in a complete read. A plan that is no longer there is counted by reads a schedule apart: subscription-manager ends
 * keys by it.
 *
 * @param digest of the lists; where the catalog was written from the same, that stands
 * @returns undefined when a newer read is there already
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
 * After the entries of that read were written: until then the catalog is half of the one and half of the other.
 *
 * @param digest of its lists; undefined when not every entry could be written
 */
export function withListsWritten(
  record: ScanRecord | undefined,
  readAt: number,
  digest: string | undefined,
): ScanRecord | undefined {
  if (!record) return undefined;
  const { listsDigest: written, ...rest } = record;
  // It was outrun, and may have written over what the newer read had left as it was.
  if ((record.listsReadAt ?? -1) >= readAt)
    return written === undefined || written === digest ? undefined : rest;
  return { ...withListsRead(rest, readAt), ...(digest !== undefined && { listsDigest: digest }) };
}

function withListsRead(record: ScanRecord, readAt: number): ScanRecord {
  const { listsTrouble: _over, ...rest } = record;
  return { ...rest, listsReadAt: Math.max(record.listsReadAt ?? -1, readAt) };
}
