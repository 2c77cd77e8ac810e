/** Which scan is due, and which replica has it: the claim in a target's scan record. Pure. */
import type { ScanRecord } from '@federation-agent/contracts';
import { formatSummary, type ErrorSummary } from '../error-advice.ts';
import { dueAfter, type Schedule } from './schedule.ts';

export interface ScanTarget {
  readonly integrationId: string;
  readonly account: string;
  readonly region: string;
  readonly identity: string;
}

/** An attempt this far in the future was made by a wrong clock (a host before its time was set), or by hand. */
const wrongClock = 60 * 60_000;

/**
 * The record as a process registers its target at the start. A new target is due at once. A known one gets a scan
 * request when the settings that decide the catalog have changed. This happens only at the start: otherwise two
 * replicas with different settings would request scans forever. A record whose times are in the future is due too,
 * because nobody would scan it until then. Both kinds of scan read the stages of all APIs.
 */
export function registeredTarget(
  record: ScanRecord | undefined,
  { integrationId, account, region, identity }: ScanTarget,
  fingerprint: string,
  now: number,
): ScanRecord | undefined {
  if (record) {
    const { claim: _claim, lastAttemptAt = -1, ...rest } = record;
    if (lastAttemptAt > now + wrongClock)
      return { ...rest, identity, settings: fingerprint, dueAt: now, requestedAll: true };
    if (record.settings === fingerprint) return undefined;
    return { ...record, identity, settings: fingerprint, requestedAt: now, requestedAll: true };
  }
  return {
    integrationId,
    account,
    region,
    identity,
    settings: fingerprint,
    dueAt: now,
    usagePlans: {},
    gonePlans: {},
  };
}

/** Asks for a scan. A scan that is already running has read before this, so another one follows it. */
export function withScanRequested(at: number): (record: ScanRecord | undefined) => ScanRecord | undefined {
  return (record) => record && { ...record, requestedAt: at };
}

/** The same, but the scan reads the stages of all APIs, also of those that have not changed for long. */
export function requestedAll(at: number): (record: ScanRecord | undefined) => ScanRecord | undefined {
  return (record) => record && { ...record, requestedAt: at, requestedAll: true };
}

/**
 * Whether DISCOVER asks for a scan of the stages of all APIs. Not when the last such read is younger than the schedule,
 * and not when such a scan is already requested or running. The first scan of a target is one.
 */
export function needsFullScan(record: ScanRecord, schedule: Schedule, now: number): boolean {
  const { requestedAll: asked, claim, lastCompleteAt, stagesReadAt = lastCompleteAt } = record;
  if (asked === true || claim?.all === true || stagesReadAt === undefined) return false;
  return schedule.apart(stagesReadAt, now);
}

/**
 * Remembers that the lists could not be read, from the first failure until they can be read again. A failure to read
 * the stages of one API does not count.
 *
 * @param since when that read began
 */
export function withListsTrouble(
  since: number,
  reason: string,
): (record: ScanRecord | undefined) => ScanRecord | undefined {
  return (record) =>
    record && !record.listsTrouble && (record.listsReadAt ?? -1) < since
      ? { ...record, listsTrouble: { since, reason: reason.slice(0, 500) } }
      : undefined;
}

/** Whether a scan should start: it is due by schedule or requested, and no live replica has claimed it. */
export function isDue({ dueAt, requestedAt, claim }: ScanRecord, now: number): boolean {
  if (claim && claim.until > now) return false;
  return dueAt <= now || requestedAt !== undefined;
}

/** The targets to claim now, as many as there is room for. Those with the oldest attempt come first. */
export function nextToScan<T extends { readonly record: ScanRecord }>(
  targets: readonly T[],
  now: number,
  room: number,
): T[] {
  return targets
    .filter(({ record }) => isDue(record, now))
    .toSorted((a, b) => (a.record.lastAttemptAt ?? 0) - (b.record.lastAttemptAt ?? 0))
    .slice(0, Math.max(0, room));
}

/**
 * Removes the request from the record: a request from now on asks for another scan. The time of the request is not
 * compared with anything, because it comes from another host's clock. The target stays due until the claim is released,
 * in case its holder dies; a requested scan of all stages stays requested too.
 */
export function claimed(
  record: ScanRecord | undefined,
  instance: string,
  now: number,
  claimMs: number,
): ScanRecord | undefined {
  if (!record || !isDue(record, now)) return undefined;
  const { requestedAt: _served, requestedAll: asked, claim: dead, ...rest } = record;
  const dueAt = Math.min(record.dueAt, now);
  const all = asked === true || dead?.all === true || record.lastCompleteAt === undefined;
  const claim = { instance, until: now + claimMs, ...(all && { all }) };
  return { ...rest, claim, lastAttemptAt: now, dueAt };
}

/** Undefined when the claim is no longer ours: then stop. */
export function renewed(
  record: ScanRecord | undefined,
  instance: string,
  until: number,
  progress?: ScanProgress,
): ScanRecord | undefined {
  if (record?.claim?.instance !== instance) return undefined;
  return { ...record, claim: { ...record.claim, until, ...(progress && { progress }) } };
}

export type ScanProgress = NonNullable<NonNullable<ScanRecord['claim']>['progress']>;

export interface ScanEnd {
  /** Epoch ms: when the scan began. */
  readonly readAt: number;
  readonly identity: string;
  readonly schedule: Schedule;
  /** 0 <= x < 1 */
  readonly fraction: number;
  /**
   * - `complete`: it read REST APIs, usage plans and every due stage in scope;
   * - `partly`: some stages could not be read, and their entries say so: the schedule goes on;
   * - `failed`: it could not read the lists, or AWS went away: again after `retryMs` at the latest;
   * - `stopped`: this replica stops: another one scans at once.
   */
  readonly how: 'complete' | 'partly' | 'failed' | 'stopped';
  readonly failure?: ErrorSummary | undefined;
  /** As in the record; ignored when the scan failed or was stopped. */
  readonly stages?: ScanRecord['stages'] | undefined;
  /** As in the record. */
  readonly unsettled?: boolean | undefined;
  readonly retryMs: number;
}

/** The record after a scan; undefined when the claim is no longer ours. */
export function released(
  record: ScanRecord | undefined,
  instance: string,
  { readAt, identity, schedule, fraction, how, failure, stages, unsettled, retryMs }: ScanEnd,
): ScanRecord | undefined {
  if (record?.claim?.instance !== instance) return undefined;
  const { claim, ...unclaimed } = record;
  const again = claim.all === true && { requestedAll: true };
  if (how === 'stopped') return { ...unclaimed, ...again, dueAt: readAt };
  const { lastFailure: _before, unsettled: _was, ...rest } = unclaimed;
  // A failure of one API is noted in its entries, and those are read at every scan.
  const readAll = stages?.quiet === 0 && { stagesReadAt: readAt };
  const scheduled = dueAfter(schedule, readAt, fraction);
  return {
    ...rest,
    identity,
    ...(how === 'complete' && { lastCompleteAt: readAt }),
    ...(how === 'failed' ? again : { ...(stages && { stages }), ...readAll }),
    ...(unsettled === true && { unsettled }),
    ...(failure !== undefined && { lastFailure: formatSummary(failure).slice(0, 2_000) }),
    dueAt: how === 'failed' ? Math.min(scheduled, readAt + retryMs) : scheduled,
  };
}
