/** What is due, and whose it is: the claim in a target's scan record. Pure. */
import type { ScanRecord } from '@federation-agent/contracts';
import { dueAfter, type Schedule } from './schedule.ts';

export interface TargetOf {
  readonly integrationId: string;
  readonly account: string;
  readonly region: string;
  readonly identity: string;
}

/**
 * The record as a process finds it at its start. A new one is due at once; a known one is asked for when the settings that
 * decide the catalog are others. Only at the start: two replicas with different settings would else go on for ever.
 */
export function introduced(
  record: ScanRecord | undefined,
  { integrationId, account, region, identity }: TargetOf,
  fingerprint: string,
  now: number,
): ScanRecord | undefined {
  if (record) {
    if (record.settings === fingerprint) return undefined;
    return { ...record, identity, settings: fingerprint, requestedAt: now };
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

/** Asks for a scan; one that runs already read before that. */
export function requested(at: number): (record: ScanRecord | undefined) => ScanRecord | undefined {
  return (record) => record && { ...record, requestedAt: at };
}

/** Whether a scan should start: due by schedule or asked for, and not claimed by somebody who lives. */
export function isDue({ dueAt, requestedAt, lastAttemptAt, claim }: ScanRecord, now: number): boolean {
  if (claim && claim.until > now) return false;
  return dueAt <= now || (requestedAt !== undefined && requestedAt > (lastAttemptAt ?? -1));
}

export function claimed(
  record: ScanRecord | undefined,
  instance: string,
  now: number,
  claimMs: number,
): ScanRecord | undefined {
  return record && isDue(record, now)
    ? { ...record, claim: { instance, until: now + claimMs }, lastAttemptAt: now }
    : undefined;
}

/** Undefined when the claim is no longer ours: stop. */
export function renewed(
  record: ScanRecord | undefined,
  instance: string,
  until: number,
): ScanRecord | undefined {
  return record?.claim?.instance === instance ? { ...record, claim: { instance, until } } : undefined;
}

export interface ScanEnd {
  readonly startedAt: number;
  readonly identity: string;
  readonly schedule: Schedule;
  /** 0 <= x < 1 */
  readonly fraction: number;
  /**
   * - `complete`: REST APIs, usage plans and every stage in scope were read;
   * - `partly`: some stages were not, and stand for themselves: on with the schedule;
   * - `failed`: the lists were not, or AWS went away: again after `retryMs` at the latest;
   * - `stopped`: this replica stops: due at once for another one.
   */
  readonly how: 'complete' | 'partly' | 'failed' | 'stopped';
  readonly failure?: string | undefined;
  readonly retryMs: number;
}

/** The record after a scan; undefined when the claim is no longer ours. */
export function released(
  record: ScanRecord | undefined,
  instance: string,
  { startedAt, identity, schedule, fraction, how, failure, retryMs }: ScanEnd,
): ScanRecord | undefined {
  if (record?.claim?.instance !== instance) return undefined;
  const { claim: _claim, ...unclaimed } = record;
  if (how === 'stopped') return { ...unclaimed, dueAt: startedAt };
  const { lastFailure: _before, ...rest } = unclaimed;
  const scheduled = dueAfter(schedule, startedAt, fraction);
  return {
    ...rest,
    identity,
    ...(how === 'complete' && { lastCompleteAt: startedAt }),
    ...(failure !== undefined && { lastFailure: failure.slice(0, 2_000) }),
    dueAt: how === 'failed' ? Math.min(scheduled, startedAt + retryMs) : scheduled,
  };
}
