/** What becomes of a target's scan record: who may scan it, when it is due, which usage plans are gone. Pure. */
import type { ScanRecord } from '@federation-agent/contracts';
import type { IntegrationSettings } from '../settings.ts';
import type { Lists } from './read.ts';
import { dueAfter } from './schedule.ts';

export interface TargetOf {
  readonly integrationId: string;
  readonly account: string;
  readonly region: string;
  readonly identity: string;
}

/** A new record is due at once; a known one as well when the settings that decide the catalog are others. */
export function introduced(
  record: ScanRecord | undefined,
  { integrationId, account, region, identity }: TargetOf,
  fingerprint: string,
  now: number,
): ScanRecord | undefined {
  if (!record) {
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
  if (record.settings === fingerprint && record.identity === identity) return undefined;
  return { ...record, identity, settings: fingerprint, requestedAt: now };
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
  readonly settings: IntegrationSettings;
  /** Undefined: complete. */
  readonly failure: string | undefined;
  readonly fraction: number;
  /** A scan that failed is tried again no later than this. */
  readonly retryMs: number;
}

export function released(
  record: ScanRecord | undefined,
  instance: string,
  end: ScanEnd,
): ScanRecord | undefined {
  if (record?.claim?.instance !== instance) return undefined;
  const { claim: _claim, lastFailure: _before, ...rest } = record;
  const { startedAt, settings, failure, fraction, retryMs } = end;
  const scheduled = dueAfter(settings.schedule, startedAt, fraction);
  if (failure === undefined) return { ...rest, lastCompleteAt: startedAt, dueAt: scheduled };
  return { ...rest, lastFailure: failure, dueAt: Math.min(scheduled, startedAt + retryMs) };
}

/** Takes in a complete read of the lists. Undefined when a newer one is there already. */
export function withLists(
  record: ScanRecord | undefined,
  { usagePlans, readAt }: Lists,
  { schedule }: Pick<IntegrationSettings, 'schedule'>,
): ScanRecord | undefined {
  if (!record || (record.usagePlansReadAt ?? -1) >= readAt) return undefined;
  const here = new Set(usagePlans.map((plan) => plan.id));
  const suspects = [...new Set([...Object.keys(record.usagePlans), ...Object.keys(record.gonePlans)])];
  const gone = suspects
    .filter((id) => !here.has(id))
    .map((id) => {
      const before = record.gonePlans[id];
      if (!before) return [id, { since: readAt, reads: 1, lastReadAt: readAt }] as const;
      if (!schedule.apart(before.lastReadAt, readAt)) return [id, before] as const;
      return [id, { ...before, reads: before.reads + 1, lastReadAt: readAt }] as const;
    });
  return {
    ...record,
    listsReadAt: readAt,
    usagePlansReadAt: readAt,
    usagePlans: Object.fromEntries(usagePlans.map(({ id, name }) => [id, { name }])),
    gonePlans: Object.fromEntries(gone),
  };
}
