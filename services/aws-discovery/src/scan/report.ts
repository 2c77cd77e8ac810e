/** What a scan tells the outside: log, metrics, event, health. */
import type { Target } from '@federation-agent/aws-control-plane';
import type { ScanRecord } from '@federation-agent/contracts';
import { publishEvent, type Health } from '@federation-agent/service-kit';
import type { Discovery } from '../deps.ts';
import type { ScanResult } from './run-once.ts';

/** Name of a target, or of one that waits for its account, in the health report. */
export function healthComponent(integrationId: string, label: string): string {
  return `aws:${integrationId}:${label}`;
}

/** Every replica tells the health of every target, whoever scanned it: it is in the record. Never required. */
export function reportHealth(health: Health, record: ScanRecord): void {
  const { integrationId, account, region, identity, lastCompleteAt, lastAttemptAt, lastFailure } = record;
  const time = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());
  health.set(healthComponent(integrationId, `${account}/${region}`), {
    status: lastFailure === undefined ? 'up' : 'degraded',
    ...(lastFailure !== undefined && { detail: lastFailure }),
    data: { identity, lastCompleteScan: time(lastCompleteAt), lastScan: time(lastAttemptAt) },
  });
}

export interface ScanReport {
  readonly integrationId: string;
  readonly startedAt: number;
  /** Undefined: complete. */
  readonly failure: string | undefined;
  /** Undefined: the lists could not be read. */
  readonly result: ScanResult | undefined;
}

export function reportScan(
  { broker, clock, metrics, telemetry }: Discovery,
  { account, region }: Target,
  { integrationId, startedAt, failure, result }: ScanReport,
): void {
  const at = clock.now();
  const durationMs = at - startedAt;
  const what = failure === undefined ? 'completed' : 'incomplete';
  const { apis = 0, plans = 0, exports = 0 } = result ?? {};
  const counts = { apis, plans, exports };
  const failures = result && !result.gaveUp ? result.failures : [failure ?? ''].filter(Boolean);
  metrics.scans.inc({ account, region, result: what });
  metrics.scanSeconds.observe(durationMs / 1_000);
  if (result) metrics.apis.set({ account, region }, apis);
  if (failure === undefined) metrics.lastComplete.set({ account, region }, startedAt / 1_000);
  const facts = { integrationId, account, region, ...(result && counts), durationMs };
  if (failure === undefined) telemetry.log.info(facts, 'scan completed');
  else telemetry.log.warn({ ...facts, reason: failure }, 'scan incomplete: the last good catalog stays');
  publishEvent(broker, 'scan', what, {
    at,
    integrationId,
    account,
    region,
    what,
    ...counts,
    durationMs,
    failures: failures.slice(0, 20),
  });
}
