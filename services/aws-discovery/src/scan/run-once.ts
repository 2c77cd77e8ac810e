/** One scan of one target: read the lists and write them, read the stages that are due and write them, export what changed. */
import type { Target } from '@federation-agent/aws-control-plane';
import { catalogKeys, type CatalogEntry, type ScanRecord } from '@federation-agent/contracts';
import { ClaimLostError, readCatalog, type CatalogOfTarget } from '../catalog/catalog.ts';
import { exportDocument, needsExport } from '../catalog/documents.ts';
import type { Discovery, Integration } from '../deps.ts';
import type { Trouble } from '../explain.ts';
import { createProgress } from '../progress.ts';
import { applyStages, refreshLists } from './apply.ts';
import { createBreaker } from './breaker.ts';
import { inLanes } from './lanes.ts';
import { quietAt } from './quiet.ts';
import { readStages } from './read.ts';
import { apisInScope, isListed } from './scope.ts';
import type { Lists } from './seen.ts';

/** Calls on the way at once; the budget sets the pace. */
const lanes = 8;
/** After so many failures in a row the rest is left to the next scan. */
const failuresInARow = 2 * lanes;

export interface ScanResult {
  /** Stages that are listed after it. */
  readonly apis: number;
  readonly plans: number;
  readonly exports: number;
  /** REST APIs whose stages were read, and left alone; GetStages of a day, as the APIs are after it. */
  readonly stages: NonNullable<ScanRecord['stages']>;
  /** Why it was not complete, one line per cause. The catalog keeps the last good state of what is named here. */
  readonly failures: readonly Trouble[];
  /** AWS went away in the middle: the rest was not tried. */
  readonly gaveUp: boolean;
}

export interface ScanRun {
  /** Epoch ms; the reads count as of then. */
  readonly startedAt: number;
  /** Epoch ms: when the last scan began that read all it had to. Undefined: this one reads the stages of all APIs. */
  readonly from: number | undefined;
  /** False: another replica may have taken the scan over; what is left is not written. */
  readonly stillMine: () => boolean;
  readonly signal: AbortSignal;
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
  const { startedAt, ...rest } = run;
  const written = await refreshLists(discovery, integration, target, {
    priority: 'scan',
    readAt: startedAt,
    ...rest,
  });
  const { lists } = written;
  const scanned = await scanStages(discovery, integration, target, run, lists, written.entries);
  const { restApiIds, read, failures, gaveUp } = scanned;
  const exports = gaveUp ? 0 : await exportChanged(discovery, integration, target, run);
  const listed = await readCatalog(discovery, integration.settings.integrationId, target);
  const after = entriesByApi(listed);
  const { readsPerDay } = quietAt(startedAt, integration.settings);
  const perDay = readsPerDay(restApiIds.map((id) => after.get(id) ?? []));
  return {
    stages: { read, quiet: restApiIds.length - scanned.due, perDay },
    apis: [...listed.values()].filter(({ value }) => isListed(value, integration.settings)).length,
    plans: lists.usagePlans.length,
    exports,
    failures: distinct([...written.failures, ...failures]),
    gaveUp,
  };
}

interface StagesScanned extends Pick<ScanResult, 'failures' | 'gaveUp'> {
  /** All in scope. */
  readonly restApiIds: readonly string[];
  /** How many of them had to be read, and were. */
  readonly due: number;
  readonly read: number;
}

function entriesByApi(catalog: CatalogOfTarget): ReadonlyMap<string, readonly CatalogEntry[]> {
  const entries = [...catalog.values()].map(({ value }) => value);
  return Map.groupBy(entries, ({ restApiId }) => restApiId);
}

/** Each API is written as soon as it is read: a scan that dies leaves what it did. */
async function scanStages(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  { startedAt, from, stillMine, signal }: ScanRun,
  lists: Lists,
  entries: readonly CatalogEntry[],
): Promise<StagesScanned> {
  const { settings } = integration;
  const catalog = await readCatalog(discovery, settings.integrationId, target);
  const byApi = Map.groupBy(catalog, ([, { value }]) => value.restApiId);
  const breaker = createBreaker(failuresInARow);
  const failures: Trouble[] = [];
  const restApiIds = apisInScope(lists.restApis, entries, settings);
  const { isDue } = quietAt(startedAt, settings);
  const entriesOf = (id: string) => (byApi.get(id) ?? []).map(([, { value }]) => value);
  const due = restApiIds.filter((id) => isDue(id, entriesOf(id), from));
  const progress = progressOf(discovery, integration, target, (done, total) => [
    `scan: the stages of ${done} of ${total} REST APIs are read`,
    { done, total, failed: failures.length },
  ]);
  let read = 0;
  await inLanes(due, lanes, async (restApiId) => {
    if (breaker.tripped()) return;
    if (!stillMine()) throw new ClaimLostError();
    const stages = await readStages(target, restApiId, 'scan', signal);
    breaker.note(stages.kind === 'failed' && stages.notNow ? 'not now' : 'ok');
    if (stages.kind === 'failed')
      failures.push({ code: stages.code, reason: `stages of ${restApiId}: ${stages.reason}` });
    const seen = { lists, restApiId, stages };
    const before = new Map(byApi.get(restApiId));
    const written = await applyStages(discovery, integration, target, seen, before, stillMine);
    failures.push(...written.failures);
    read += 1;
    progress(read, due.length);
  });
  return { restApiIds, due: due.length, read, failures, gaveUp: breaker.tripped() };
}

/** @returns how many exports were tried */
async function exportChanged(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  { stillMine, signal }: ScanRun,
): Promise<number> {
  const { catalog, clock, limits } = discovery;
  const { settings } = integration;
  const due = (entry: CatalogEntry): boolean =>
    isListed(entry, settings) && needsExport(entry, clock.now(), limits);
  const entries = await readCatalog(discovery, settings.integrationId, target);
  const changed = [...entries.values()].map(({ value }) => value).filter(due);
  const breaker = createBreaker(failuresInARow);
  const progress = progressOf(discovery, integration, target, (done, total) => [
    `scan: ${done} of ${total} OpenAPI documents are exported`,
    { done, total },
  ]);
  let tried = 0;
  await inLanes(changed, lanes, async (entry) => {
    if (breaker.tripped()) return;
    if (!stillMine()) throw new ClaimLostError();
    // An ingest may have exported it meanwhile.
    const current = await catalog.get(catalogKeys.entry(settings.integrationId, entry));
    if (!current || !due(current.value)) return;
    tried += 1;
    const after = await exportDocument(discovery, target, current.value, 'scan', signal);
    breaker.note(after?.exportFailed ? 'not now' : 'ok');
    progress(tried, changed.length);
  });
  return tried;
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

function distinct(failures: readonly Trouble[]): Trouble[] {
  return [...new Map(failures.map((failure) => [failure.reason, failure])).values()];
}
