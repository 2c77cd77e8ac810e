/** What is due, and whose it is: the claim in a target's scan record. Pure. */
import type { ScanRecord } from '@federation-agent/contracts';
import { formatSummary, type ErrorSummary } from '../error-advice.ts';
import { dueAfter, type Schedule } from './schedule.ts';

export interface ScanTarget {
  readonly integrationId: string;
  readonly account: string;
  readonly region: string;
  readonly identity: string;
}

/** An attempt so far in the future was made by a clock that was wrong: before its host had the time, or by hand. */
const wrongClock = 60 * 60_000;

/**
 * The record as a process finds it at its start. A new one is due at once; a known one is asked for when the settings that
 * decide the catalog are others. Only at the start: two replicas with different settings would else go on for ever. So is
 * one whose times lie in the future, which nobody would scan until then. Both read all there is.
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

/** Asks for a scan; one that runs already read before that, so another one follows it. */
export function withScanRequested(at: number): (record: ScanRecord | undefined) => ScanRecord | undefined {
  return (record) => record && { ...record, requestedAt: at };
}

/** The same, and the stages of all APIs are read, also of those that have not changed for long. */
export function requestedAll(at: number): (record: ScanRecord | undefined) => ScanRecord | undefined {
  return (record) => record && { ...record, requestedAt: at, requestedAll: true };
}

/**
 * Whether DISCOVER asks for the stages of all APIs: not when the last read of all is younger than the schedule, and not when
 * such a scan is on its way. The first one is.
 */
export function needsFullScan(record: ScanRecord, schedule: Schedule, now: number): boolean {
  const { requestedAll: asked, claim, lastCompleteAt, stagesReadAt = lastCompleteAt } = record;
  if (asked === true || claim?.all === true || stagesReadAt === undefined) return false;
  return schedule.apart(stagesReadAt, now);
}

/**
 * The lists could not be read: remembered from the first time on until they are. What failed after they were, the stages of
 * one API, is no trouble with them.
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

/** Whether a scan should start: due by schedule or asked for, and not claimed by somebody who lives. */
export function isDue({ dueAt, requestedAt, claim }: ScanRecord, now: number): boolean {
  if (claim && claim.until > now) return false;
  return dueAt <= now || requestedAt !== undefined;
}

/** Those to claim now, as many as there is room for: the one that was not looked at for longest first. */
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
 * Takes what was asked for out of the record: whoever asks from now on asks for another scan. When it was asked is compared
 * with nothing, for that was another host's clock. Until it is released it stays due, should its holder die; and one of all
 * stages stays one.
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

/** Undefined when the claim is no longer ours: stop. */
export function renewed(
  record: ScanRecord | undefined,
  instance: string,
  until: number,
): ScanRecord | undefined {
  return record?.claim?.instance === instance ? { ...record, claim: { ...record.claim, until } } : undefined;
}

export interface ScanEnd {
  readonly startedAt: number;
  readonly identity: string;
  readonly schedule: Schedule;
  /** 0 <= x < 1 */
  readonly fraction: number;
  /**
   * - `complete`: REST APIs, usage plans and every stage in scope that was due were read;
   * - `partly`: some stages were not, and stand for themselves: on with the schedule;
   * - `failed`: the lists were not, or AWS went away: again after `retryMs` at the latest;
   * - `stopped`: this replica stops: due at once for another one.
   */
  readonly how: 'complete' | 'partly' | 'failed' | 'stopped';
  readonly failure?: ErrorSummary | undefined;
  /** As in the record; of no use when it failed or was stopped. */
  readonly stages?: ScanRecord['stages'] | undefined;
  readonly retryMs: number;
}

/** The record after a scan; undefined when the claim is no longer ours. */
export function released(
  record: ScanRecord | undefined,
  instance: string,
  { startedAt, identity, schedule, fraction, how, failure, stages, retryMs }: ScanEnd,
): ScanRecord | undefined {
  if (record?.claim?.instance !== instance) return undefined;
  const { claim, ...unclaimed } = record;
  const again = claim.all === true && { requestedAll: true };
  if (how === 'stopped') return { ...unclaimed, ...again, dueAt: startedAt };
  const { lastFailure: _before, ...rest } = unclaimed;
  // What one API refused stands in its entries, which are looked at every time.
  const readAll = stages?.quiet === 0 && { stagesReadAt: startedAt };
  const scheduled = dueAfter(schedule, startedAt, fraction);
  return {
    ...rest,
    identity,
    ...(how === 'complete' && { lastCompleteAt: startedAt }),
    ...(how === 'failed' ? again : { ...(stages && { stages }), ...readAll }),
    ...(failure !== undefined && { lastFailure: formatSummary(failure).slice(0, 2_000) }),
    dueAt: how === 'failed' ? Math.min(scheduled, startedAt + retryMs) : scheduled,
  };
}
