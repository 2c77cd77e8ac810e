/** Scans that wait, because changes are heard as they happen. Pure. */
import type { Limits, ScanRecord } from '@federation-agent/contracts';
import { isDue } from './claim.ts';

/**
 * Whether a due scan may wait, because changes are heard as they happen: the last scan was complete and left nothing
 * open, no usage plan awaits the second read that proves it gone, and AWS sends the changes of this target. A requested
 * scan never waits.
 */
export function mayWait(
  record: ScanRecord,
  now: number,
  { scanBackstop, changesTrusted }: Pick<Limits, 'scanBackstop' | 'changesTrusted'>,
): boolean {
  const { requestedAt, requestedAll: all, lastFailure, lastCompleteAt, changeHeardAt, unsettled } = record;
  const open = [requestedAt, all, lastFailure, unsettled].some((one) => one !== undefined);
  return (
    !open &&
    Object.values(record.gonePlans).every(({ reads }) => reads > 1) &&
    lastCompleteAt !== undefined &&
    now - lastCompleteAt < scanBackstop &&
    changeHeardAt !== undefined &&
    now - changeHeardAt < changesTrusted
  );
}

/** The record when its due scan waits: until the next time of the schedule, when it is asked again. */
export function postponed(
  record: ScanRecord | undefined,
  { now, dueAt, limits }: { readonly now: number; readonly dueAt: number; readonly limits: Limits },
): ScanRecord | undefined {
  if (!record || !isDue(record, now) || !mayWait(record, now, limits)) return undefined;
  return { ...record, dueAt: Math.min(dueAt, (record.lastCompleteAt ?? 0) + limits.scanBackstop) };
}
