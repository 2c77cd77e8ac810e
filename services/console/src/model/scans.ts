/** Targets and ingest jobs as the API shows them. Pure. */
import { budgetKey, type BudgetRecord, type IngestJob, type ScanRecord } from '@federation-agent/contracts';
import type { Ingest, Progress, ScanTarget } from '../api/index.ts';
import { compare } from './search.ts';

/** @param now epoch ms @param stages of the target in the catalog */
export function scanTarget(
  record: ScanRecord,
  {
    budget,
    now,
    stages,
  }: { readonly budget: BudgetRecord | undefined; readonly now: number; readonly stages: number },
): ScanTarget {
  const { integrationId, account, region, lastCompleteAt, lastAttemptAt, lastFailure, dueAt, claim } = record;
  const { changeHeardAt } = record;
  const scanning = claim !== undefined && claim.until > now;
  return {
    integrationId,
    account,
    region,
    state: stateOf(record, scanning),
    stages,
    ...(lastCompleteAt !== undefined && { lastCompleteAt }),
    ...(lastAttemptAt !== undefined && { lastAttemptAt }),
    ...(lastFailure !== undefined && { failure: lastFailure }),
    dueAt,
    ...(changeHeardAt !== undefined && { changeHeardAt }),
    ...(scanning && { scannedBy: claim.instance }),
    ...(scanning && claim.progress && { progress: progressOf(claim.progress, lastAttemptAt ?? now, now) }),
    ...(budget && { budget: { rate: budget.rate, configured: budget.configured.rate } }),
  };
}

function stateOf(record: ScanRecord, scanning: boolean): ScanTarget['state'] {
  const { lastFailure, listsReadAt, lastAttemptAt, lastCompleteAt, requestedAt } = record;
  if (scanning) return 'scanning';
  if (requestedAt !== undefined) return 'requested';
  if (lastFailure !== undefined)
    return listsReadAt !== undefined && listsReadAt >= (lastAttemptAt ?? 0) ? 'partly-stale' : 'stale';
  return lastCompleteAt === undefined ? 'never' : 'up-to-date';
}

export function ingestOf(job: IngestJob, now: number): Ingest {
  const { ingestJobId, integrationId, state, total, nextItem, nextBatch, createdAt, lastBatchAt, claim } =
    job;
  const done = state === 'done' ? total : Math.min(nextItem, total);
  const running = state === 'running';
  return {
    ingestJobId,
    integrationId,
    state,
    progress: running ? progressOf({ done, total }, createdAt, now) : { done, total },
    batches: nextBatch,
    createdAt,
    ...(lastBatchAt !== undefined && { lastBatchAt }),
    ...(claim && claim.until > now && { drivenBy: claim.instance }),
  };
}

/** With the mean rate since the start, and what it means for the rest. */
export function progressOf(
  { done, total }: { readonly done: number; readonly total: number },
  since: number,
  now: number,
): Progress {
  const seconds = (now - since) / 1_000;
  if (done === 0 || seconds <= 0) return { done, total };
  const rate = done / seconds;
  return { done, total, rate, leftMs: Math.round(((total - done) / rate) * 1_000) };
}

export function newestFirst(jobs: readonly IngestJob[]): IngestJob[] {
  return jobs.toSorted((a, b) => b.createdAt - a.createdAt || compare(a.ingestJobId, b.ingestJobId));
}

export function targetsInOrder(records: readonly ScanRecord[]): ScanRecord[] {
  return records.toSorted(
    (a, b) =>
      compare(budgetKey(a.account, a.region), budgetKey(b.account, b.region)) ||
      compare(a.integrationId, b.integrationId),
  );
}
