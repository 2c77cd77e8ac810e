/**
 * One scan of one target: reads the lists and writes them, reads the due stages and writes them, exports what changed.
 */
import type { Target } from '@federation-agent/aws-control-plane';
import { catalogKeys, type CatalogEntry, type ScanRecord } from '@federation-agent/contracts';
import { mapConcurrently } from '@federation-agent/base';
import { ClaimLostError, readEntries } from '../catalog/catalog.ts';
import { exportDocument, needsExport } from '../catalog/documents.ts';
import { retryBroker } from '../catalog/retry-broker.ts';
import type { Discovery, Integration } from '../deps.ts';
import type { ErrorSummary } from '../error-advice.ts';
import { createProgress } from '../progress.ts';
import { applyStages, refreshLists } from './apply.ts';
import { applyBesideLists } from './beside-lists.ts';
import { createBreaker } from './breaker.ts';
import { stageReadIntervals, type StageAge } from './quiet.ts';
import { readStages } from './read.ts';
import { apisInScope, isListed } from './scope.ts';
import type { Lists, StageName } from './seen.ts';

/** Calls under way at once; the budget limits their rate. */
const concurrency = 8;
/** After so many failures in a row the rest waits for the next scan. */
const failuresInARow = 2 * concurrency;

export interface ScanResult {
  /** After the scan. */
  readonly listedStages: number;
  readonly plans: number;
  readonly exports: number;
  /**
   * How many APIs had their stages read, how many were skipped, and how many GetStages a day takes for the APIs
   * after the scan.
   */
  readonly stages: NonNullable<ScanRecord['stages']>;
  /** Why the scan was not complete, one line per cause. The catalog keeps the last good state of what failed. */
  readonly failures: readonly ErrorSummary[];
  /** Something waits for another read: a stage that was not found, or an export that failed. */
  readonly unsettled: boolean;
  /** AWS went away during the scan: the rest was not tried. */
  readonly gaveUp: boolean;
}

export interface ScanRun {
  /** Epoch ms: when the scan began, the time that its reads count for. */
  readonly readAt: number;
  /**
   * Epoch ms: when the last scan began that read everything that was due. Undefined: this scan reads the stages of all
   * APIs.
   */
  readonly from: number | undefined;
  /** False: another replica may have taken the scan over, so nothing more is written. */
  readonly stillMine: () => boolean;
  readonly signal: AbortSignal;
  /** Told after every API. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

/**
 * @throws AwsError when the lists could not be read in full: nothing was written; AwsCallStopped at the signal;
 *   ClaimLostError
 */
export async function runOnce(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  run: ScanRun,
): Promise<ScanResult> {
  const { failures: ofLists, ...listsRead } = await listsOf(discovery, integration, target, run);
  const { lists, restApiIds } = listsRead;
  const { due, read, failures, gaveUp } = await scanStages(discovery, integration, target, run, listsRead);
  const beside = gaveUp
    ? []
    : await applyBesideLists(discovery, integration, target, run, listsRead.hasBeside);
  const after = await stagesAfter(discovery, integration, target);
  const ofApi = Map.groupBy(after, ({ restApiId }) => restApiId);
  const { readsPerDay } = stageReadIntervals(run.readAt, integration.settings);
  const perDay = readsPerDay(restApiIds.map((id) => ofApi.get(id) ?? []));
  const open = after.some((one) => one.open);
  const toExport = after.map(({ keyToExport }) => keyToExport).filter((key) => key !== undefined);
  const { tried, failed } = gaveUp
    ? { tried: 0, failed: 0 }
    : await exportEach(discovery, integration, target, run, toExport);
  return {
    stages: { read, quiet: restApiIds.length - due, perDay },
    listedStages: after.filter(({ listed }) => listed).length,
    plans: lists.usagePlans.length,
    exports: tried,
    unsettled: open || failed > 0,
    failures: distinct([...ofLists, ...failures, ...beside]),
    gaveUp,
  };
}

interface ListsRead {
  readonly lists: Lists;
  /** The APIs in scope. */
  readonly restApiIds: readonly string[];
  /** What the catalog has of each API, with the lists written. */
  readonly known: ReadonlyMap<string, readonly KnownStage[]>;
  /** Earlier scans have read something beside the lists. */
  readonly hasBeside: boolean;
}

/** What the rest of the scan needs. The entries themselves are not held during the minutes that a scan takes. */
async function listsOf(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  { readAt, stillMine, signal }: ScanRun,
): Promise<ListsRead & Pick<ScanResult, 'failures'>> {
  const reading = { priority: 'scan', readAt, stillMine, signal } as const;
  const { lists, entries, failures } = await refreshLists(discovery, integration, target, reading);
  const restApiIds = apisInScope(lists.apis, entries, integration.settings);
  const { v2Unread } = lists;
  const known = Map.groupBy(entries.map(knownStage), (one) => one.restApiId);
  const hasBeside = entries.some(({ addresses, accountThrottle }) => addresses ?? accountThrottle);
  const unread = v2Unread && !v2Unread.refused ? [v2Unread] : [];
  return {
    lists,
    failures: [...failures, ...unread],
    restApiIds,
    known,
    hasBeside,
  };
}

interface StagesScanned extends Pick<ScanResult, 'failures' | 'gaveUp'> {
  /** How many APIs had to be read. */
  readonly due: number;
  readonly read: number;
}

interface KnownStage extends StageAge, StageName {}

function knownStage({ restApiId, stage, verified, changedAt, ...rest }: CatalogEntry): KnownStage {
  const { degraded, missing, stageCreatedAt, stageUpdatedAt } = rest;
  return {
    restApiId,
    stage,
    verified,
    changedAt,
    ...(degraded && { degraded }),
    ...(missing && { missing }),
    ...(stageCreatedAt !== undefined && { stageCreatedAt }),
    ...(stageUpdatedAt !== undefined && { stageUpdatedAt }),
  };
}

/**
 * What the catalog has of the target once the stages are written; an export changes none of it. It is read again,
 * because commands and ingests write too while a scan takes its minutes.
 */
function stagesAfter(discovery: Discovery, integration: Integration, { account, region }: Target) {
  const { settings } = integration;
  const ofTarget = catalogKeys.ofTarget(settings.integrationId, account, region);
  return retryBroker(discovery, () =>
    discovery.catalog.select(ofTarget, ({ key, value }) => ({
      ...knownStage(value),
      listed: isListed(value, settings),
      open: isOpen(value),
      keyToExport: isExportDue(discovery, integration, value) ? key : undefined,
    })),
  );
}

/** A stage that a plan still names stays missing for as long as it does. */
function isOpen({ missing, exportFailed, plans }: CatalogEntry): boolean {
  return missing ? plans.every(({ detached }) => detached !== undefined) : exportFailed !== undefined;
}

function isExportDue({ clock, limits }: Discovery, { settings }: Integration, entry: CatalogEntry): boolean {
  return isListed(entry, settings) && needsExport(entry, clock.now(), limits);
}

/** Writes each API as soon as it is read, so that a scan that dies leaves its work behind. */
async function scanStages(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  { readAt, from, stillMine, signal, onProgress }: ScanRun,
  { lists, restApiIds, known }: ListsRead,
): Promise<StagesScanned> {
  const { settings } = integration;
  const breaker = createBreaker(failuresInARow);
  const failures: ErrorSummary[] = [];
  const { isDue } = stageReadIntervals(readAt, settings);
  const due = restApiIds.filter((id) => isDue(id, known.get(id) ?? [], from));
  const progress = progressOf(discovery, integration, target, (done, total) => [
    `scan: the stages of ${done} of ${total} APIs are read`,
    { done, total, failed: failures.length },
  ]);
  let read = 0;
  await mapConcurrently(due, concurrency, async (restApiId) => {
    if (breaker.tripped()) return;
    if (!stillMine()) throw new ClaimLostError();
    const { apiType } = lists.apis.get(restApiId) ?? {};
    const api = { restApiId, ...(apiType !== undefined && { apiType }) };
    const stages = await readStages(target, api, 'scan', signal);
    breaker.note(stages.kind === 'failed' && stages.notNow ? 'not now' : 'ok');
    if (stages.kind === 'failed')
      failures.push({ code: stages.code, reason: `stages of ${restApiId}: ${stages.reason}` });
    const seen = { lists, restApiId, stages };
    const { account, region } = target;
    const names = (known.get(restApiId) ?? []).map(({ stage }) => stage);
    const before = await readEntries(
      discovery,
      settings.integrationId,
      { account, region, restApiId },
      names,
    );
    const written = await applyStages(discovery, integration, target, seen, before, stillMine);
    failures.push(...written.failures);
    read += 1;
    progress(read, due.length);
    onProgress?.({ done: read, total: due.length });
  });
  return { due: due.length, read, failures, gaveUp: breaker.tripped() };
}

/** @returns how many exports were tried, and how many of them failed */
async function exportEach(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  { stillMine, signal }: ScanRun,
  keys: readonly string[],
): Promise<{ readonly tried: number; readonly failed: number }> {
  const breaker = createBreaker(failuresInARow);
  const progress = progressOf(discovery, integration, target, (done, total) => [
    `scan: ${done} of ${total} documents are exported`,
    { done, total },
  ]);
  let [tried, failed] = [0, 0];
  await mapConcurrently(keys, concurrency, async (key) => {
    if (breaker.tripped()) return;
    if (!stillMine()) throw new ClaimLostError();
    // An ingest may have exported it meanwhile.
    const current = await retryBroker(discovery, () => discovery.catalog.get(key));
    if (!current || !isExportDue(discovery, integration, current.value)) return;
    tried += 1;
    const after = await exportDocument(discovery, target, current.value, 'scan', signal);
    breaker.note(after?.exportFailed ? 'not now' : 'ok');
    if (after?.exportFailed) failed += 1;
    progress(tried, keys.length);
  });
  return { tried, failed };
}

function progressOf(
  { telemetry, clock }: Discovery,
  { settings: { integrationId } }: Integration,
  { account, region }: Target,
  words: (done: number, total: number) => readonly [message: string, facts: object],
): ReturnType<typeof createProgress> {
  return createProgress(clock, (done, total) => {
    const [message, facts] = words(done, total);
    telemetry.log.info({ integrationId, account, region, ...facts }, message);
  });
}

function distinct(failures: readonly ErrorSummary[]): ErrorSummary[] {
  return [...new Map(failures.map((failure) => [failure.reason, failure])).values()];
}
