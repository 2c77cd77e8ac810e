/** What a scan reports when it has ended: log, metrics, event. */
import type { Target } from '@federation-agent/aws-control-plane';
import { publishEvent } from '@federation-agent/broker';
import type { Discovery } from '../deps.ts';
import { fixForCode, type ErrorSummary } from '../error-advice.ts';
import type { ScanResult } from './run-once.ts';

export interface ScanReport {
  readonly integrationId: string;
  /** Epoch ms: when the scan began. */
  readonly readAt: number;
  /** Undefined: complete. */
  readonly failure: ErrorSummary | undefined;
  /** Undefined: the lists could not be read. */
  readonly result: ScanResult | undefined;
}

export function reportScan(
  { broker, clock, metrics, telemetry }: Discovery,
  { account, region }: Target,
  { integrationId, readAt, failure, result }: ScanReport,
): void {
  const at = clock.now();
  const durationMs = at - readAt;
  const what = failure === undefined ? 'completed' : 'incomplete';
  const { listedStages = 0, plans = 0, exports = 0 } = result ?? {};
  // For APIM a listed stage is an API.
  const counts = { apis: listedStages, plans, exports };
  const failures = result && !result.gaveUp ? result.failures : failure ? [failure] : [];
  metrics.scans.inc({ integration: integrationId, account, region, result: what });
  metrics.scanSeconds.observe(durationMs / 1_000);
  const { read, quiet } = result?.stages ?? {};
  const facts = { integrationId, account, region, ...(result && { ...counts, read, quiet }), durationMs };
  if (failure === undefined) {
    telemetry.log.info(facts, 'scan completed');
  } else {
    telemetry.log.warn(
      { ...facts, ...failure, failed: failures.length, fix: fixForCode(failure.code) },
      result && !result.gaveUp
        ? 'scan incomplete: what could not be read keeps its last good state, the rest is up to date'
        : 'scan incomplete: the last good catalog stays; it is tried again within minutes',
    );
  }
  publishEvent(broker, 'scan', {
    at,
    integrationId,
    actor: { kind: 'agent' },
    outcome: failure === undefined ? 'ok' : 'failed',
    account,
    region,
    what,
    ...counts,
    durationMs,
    failures: failures.slice(0, 20).map(({ reason }) => reason),
  });
}
