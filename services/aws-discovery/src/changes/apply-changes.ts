/** Reads again what changed in one target, and writes it into the catalog. */
import type { Target } from '@federation-agent/aws-control-plane';
import { catalogKeys, type CatalogEntry } from '@federation-agent/contracts';
import { mapConcurrently } from '@federation-agent/base';
import { changeRecord } from '@federation-agent/broker';
import { readCatalogOfApi } from '../catalog/catalog.ts';
import { exportDocument, needsExport } from '../catalog/documents.ts';
import { retryBroker } from '../catalog/retry-broker.ts';
import type { Discovery, Integration } from '../deps.ts';
import type { ErrorSummary } from '../error-advice.ts';
import { applyStages, refreshChangedLists } from '../scan/apply.ts';
import { requestedAll, withScanRequested } from '../scan/claim.ts';
import { readStages } from '../scan/read.ts';
import { apisInScope, isListed } from '../scan/scope.ts';
import type { Lists } from '../scan/seen.ts';
import type { Gathered } from './gathered.ts';

/** More APIs than this are left to a scan, which several replicas share, and which another one takes up. */
const mostApis = 50;
/** Calls under way at once; the budget limits their rate. */
const concurrency = 8;

/**
 * The lists, then the stages of the APIs that changed or are new, then the documents that are due. The same calls as
 * those of a scan, with its priority. Nothing is taken from the messages but ids.
 *
 * @returns why some of it is not in the catalog; empty: all is
 * @throws AwsError when the lists could not be read in full; AwsCallStopped at the signal; BrokerUnavailableError
 */
export async function applyChanges(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  { apiIds, domains }: Pick<Gathered, 'apiIds' | 'domains'>,
  signal: AbortSignal,
): Promise<readonly ErrorSummary[]> {
  const { integrationId } = integration.settings;
  const readAt = discovery.clock.now();
  const reading = { priority: 'scan', readAt, signal } as const;
  const read = await refreshChangedLists(discovery, integration, target, reading);
  const written = 'unchanged' in read ? undefined : read;
  const added = (written?.entries ?? []).filter(({ firstSeenAt }) => firstSeenAt === read.lists.readAt);
  const wanted = [...new Set([...apiIds, ...added.map(({ restApiId }) => restApiId)])].filter((id) =>
    read.lists.apis.has(id),
  );
  const many = wanted.length > mostApis;
  const ofApis = await mapConcurrently(many ? [] : wanted, concurrency, (id) =>
    readApi(discovery, integration, target, { lists: read.lists, restApiId: id }, signal),
  );
  const { v2Unread } = read.lists;
  const unread = v2Unread && !v2Unread.refused ? [v2Unread] : [];
  const failures = [...(written?.failures ?? []), ...unread, ...ofApis.flat()];
  // No message names an API that is new in a plan: the next try would not know that it was not read.
  const toScan = domains || (failures.length > 0 && added.length > 0);
  if (many || toScan) {
    const key = catalogKeys.scan(integrationId, target.account, target.region);
    const ask = (many ? requestedAll : withScanRequested)(readAt);
    await retryBroker(discovery, () => changeRecord(discovery.scans, key, ask));
  }
  return failures;
}

async function readApi(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  { lists, restApiId }: { readonly lists: Lists; readonly restApiId: string },
  signal: AbortSignal,
): Promise<readonly ErrorSummary[]> {
  const { settings } = integration;
  const { account, region } = target;
  const before = await retryBroker(discovery, () =>
    readCatalogOfApi(discovery, settings.integrationId, { account, region, restApiId }),
  );
  const known = [...before.values()].map(({ value }) => value);
  const api = lists.apis.get(restApiId);
  if (!api || apisInScope(new Map([[restApiId, api]]), known, settings).length === 0) return [];
  const stages = await readStages(target, { ...api, restApiId }, 'scan', signal);
  const seen = { lists, restApiId, stages };
  const { entries, failures } = await applyStages(discovery, integration, target, seen, before);
  const unread =
    stages.kind === 'failed'
      ? [{ code: stages.code, reason: `stages of ${restApiId}: ${stages.reason}` }]
      : [];
  const unexported: ErrorSummary[] = [];
  for (const entry of entries) {
    const reason = await exportIfDue(discovery, integration, target, entry, signal);
    if (reason !== undefined)
      unexported.push({
        code: 'aws-unavailable',
        reason: `document of ${restApiId}/${entry.stage}: ${reason}`,
      });
  }
  return [...failures, ...unread, ...unexported];
}

/** One that failed before is tried again although its pause is not over: somebody has just changed the API. */
async function exportIfDue(
  discovery: Discovery,
  { settings }: Integration,
  target: Target,
  entry: CatalogEntry,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { exportFailed: _before, ...afresh } = entry;
  if (!isListed(entry, settings) || !needsExport(afresh, discovery.clock.now(), discovery.limits))
    return undefined;
  const after = await exportDocument(discovery, target, entry, 'scan', signal);
  return after?.exportFailed?.reason;
}
