/** Exports documents into the document store, but only changed ones, and removes those that no entry names any more. */
import {
  AwsBadRequest,
  AwsNotFound,
  isRefused,
  type Priority,
  type Target,
} from '@federation-agent/aws-control-plane';
import {
  catalogKeys,
  type ApiEvent,
  type CatalogEntry,
  type DocumentState,
  type Limits,
} from '@federation-agent/contracts';
import { changeRecord, publishEvent } from '@federation-agent/broker';
import { apiEvent } from './api-event.ts';
import { retryBroker } from './retry-broker.ts';
import type { Discovery } from '../deps.ts';
import { errorAdvice, type ErrorAdvice } from '../error-advice.ts';
import { toAsyncApi } from '../mapping/async-api.ts';
import { exportCacheKey, toDocument, type ParsedDocument } from '../mapping/document.ts';

const day = 24 * 60 * 60 * 1_000;
/** A slow safety net: a change that the cache key does not show is noticed after a week, and up to three days more. */
const backstop = 7 * day;
const backstopSpread = 3 * day;

/**
 * Whether the stage's document should be exported: its deployment changed, or a week has passed. A failed export is
 * tried again less and less often, but at least daily, so that a stage that cannot be exported costs little.
 */
export function needsExport(
  entry: CatalogEntry,
  now: number,
  { scanInterval }: Pick<Limits, 'scanInterval'>,
): boolean {
  const { document, exportFailed, missing, verified } = entry;
  if (missing || !verified) return false;
  if (exportFailed?.cacheKey === exportCacheKey(entry)) {
    // Waits one scan, then two, then four; half an interval less, since scans do not come on the second.
    const pause = (2 ** (exportFailed.attempts - 1) - 0.5) * scanInterval;
    return now >= exportFailed.lastAt + Math.min(pause, day);
  }
  if (document.state === 'pending') return true;
  if (document.cacheKey !== exportCacheKey(entry)) return true;
  return now >= document.exportedAt + backstop + spread(entry.uniqueId) * backstopSpread;
}

/**
 * 0 <= x < 1, always the same for one API. It spreads exports that were made together, so that they are not repeated
 * together.
 */
function spread(uniqueId: string): number {
  let hash = 0;
  for (const character of uniqueId) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 65_536;
  return hash / 65_536;
}

type Outcome =
  | { readonly kind: 'document'; readonly document: DocumentState; readonly why?: ErrorAdvice }
  | { readonly kind: 'failed'; readonly cacheKey: string; readonly why: ErrorAdvice }
  | { readonly kind: 'gone' };

/**
 * Exports one stage and writes the result. A stage is exported only once at a time. The last good document stays,
 * unless AWS refuses the export for good.
 *
 * @returns the entry after that; undefined when it has left the catalog
 * @throws AwsCallStopped at the signal; BrokerUnavailableError
 */
export function exportDocument(
  discovery: Discovery,
  target: Target,
  entry: CatalogEntry,
  priority: Priority,
  signal: AbortSignal,
): Promise<CatalogEntry | undefined> {
  const { exporting } = discovery;
  const key = catalogKeys.entry(entry.integrationId, entry);
  const underWay = exporting.get(key);
  if (underWay) return underWay;
  const started = run().finally(() => exporting.delete(key));
  exporting.set(key, started);
  return started;

  async function run(): Promise<CatalogEntry | undefined> {
    const { catalog, clock, metrics, telemetry, broker } = discovery;
    const { uniqueId, integrationId } = entry;
    const outcome = await readExport(discovery, target, entry, priority, signal);
    metrics.exports.inc({ result: outcome.kind === 'document' ? outcome.document.state : outcome.kind });
    if ('why' in outcome) {
      const { account, region, restApiId, stage } = entry;
      telemetry.log.warn(
        { integrationId, uniqueId, account, region, restApiId, stage, ...outcome.why },
        outcome.kind === 'failed'
          ? 'the OpenAPI document of an API could not be exported: the last good one stays; the export is tried again, less and less often'
          : 'AWS cannot export the OpenAPI document of an API: it is listed without one until its stage is deployed again',
      );
    }
    const after = await retryBroker(discovery, () =>
      changeRecord(catalog, key, (current) => current && withOutcome(current, outcome, clock.now())),
    );
    const event = after && whatHappened(entry, after.value);
    if (event) publishEvent(broker, 'api', apiEvent(clock.now(), { integrationId, uniqueId }, event));
    return after?.value;
  }
}

const asJson =
  'AWS exports only models of the content type application/json: give the API such models and deploy it';
const deployed = 'give the API a route in AWS and deploy the stage; else leave it as it is';
const elsewhere =
  'export the stage in the AWS console; if that works, check the proxy and endpointUrl: something else answers in place of AWS';

/** An export of a REST or HTTP API; AWS cannot export a WebSocket API, whose document is made of its routes. */
async function readDocument(
  { reads, v2 }: Target,
  { restApiId, apiType, stage, version, ...entry }: CatalogEntry,
  priority: Priority,
  signal: AbortSignal,
): Promise<ParsedDocument> {
  if (apiType !== 'WEBSOCKET') {
    const read = apiType === 'HTTP' ? v2 : reads;
    return toDocument(await read.exportDocument(restApiId, stage, priority, signal), version);
  }
  const [routes, models] = await Promise.all([
    v2.routes(restApiId, priority, signal),
    v2.models(restApiId, priority, signal).catch((error: unknown) => {
      // The document is worth having without what messages look like.
      if (isRefused(error)) return [];
      throw error;
    }),
  ]);
  return toAsyncApi({ ...entry, version }, routes, models);
}

async function readExport(
  discovery: Discovery,
  target: Target,
  entry: CatalogEntry,
  priority: Priority,
  signal: AbortSignal,
): Promise<Outcome> {
  const made = { cacheKey: exportCacheKey(entry), exportedAt: discovery.clock.now() };
  let parsed: ParsedDocument;
  try {
    parsed = await readDocument(target, entry, priority, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    const why = errorAdvice(error);
    if (error instanceof AwsBadRequest) {
      const document = { state: 'unavailable', ...made, reason: why.reason } as const;
      return { kind: 'document', document, why: { ...why, fix: entry.apiType ? deployed : asJson } };
    }
    // The stage was deleted between list and export; the next read shows it.
    return error instanceof AwsNotFound ? { kind: 'gone' } : { kind: 'failed', cacheKey: made.cacheKey, why };
  }
  if (!parsed.ok) {
    const why = { code: 'aws-unreadable-answer', reason: parsed.reason, fix: elsewhere };
    return { kind: 'failed', cacheKey: made.cacheKey, why };
  }
  const ref = await retryBroker(discovery, () => discovery.documents.put(parsed.content));
  const { facts } = parsed;
  return { kind: 'document', document: { state: 'stored', ...made, ref, ...(facts && { facts }) } };
}

function withOutcome(current: CatalogEntry, outcome: Outcome, now: number): CatalogEntry | undefined {
  const { exportFailed, ...rest } = current;
  switch (outcome.kind) {
    case 'document':
      return { ...rest, document: outcome.document };
    case 'failed': {
      const {
        cacheKey,
        why: { reason },
      } = outcome;
      const before = exportFailed?.cacheKey === cacheKey ? exportFailed.attempts : 0;
      return { ...current, exportFailed: { cacheKey, reason, attempts: before + 1, lastAt: now } };
    }
    case 'gone':
      return undefined;
  }
}

function whatHappened(
  before: CatalogEntry,
  after: CatalogEntry,
): { what: ApiEvent['what']; detail: string } | undefined {
  const bad = (entry: CatalogEntry): string | undefined =>
    entry.exportFailed?.reason ??
    (entry.document.state === 'unavailable' ? entry.document.reason : undefined);
  const reason = bad(after);
  if (reason !== undefined) {
    return bad(before) === undefined ? { what: 'degraded', detail: `document: ${reason}` } : undefined;
  }
  if (bad(before) !== undefined) return { what: 'restored', detail: 'its document can be exported again' };
  const hash = ({ document }: CatalogEntry) =>
    document.state === 'stored' ? document.ref.sha256 : undefined;
  return hash(before) !== undefined && hash(before) !== hash(after)
    ? { what: 'changed', detail: 'its document changed' }
    : undefined;
}

/**
 * Removes documents that no entry names and that are older than the grace period: an entry may not name a new document
 * yet. When an entry begins to name a document in the same moment, whoever misses the document exports it again.
 *
 * @returns how many were removed
 */
export async function collectGarbage({
  catalog,
  documents,
  broker,
  clock,
  limits,
}: Pick<Discovery, 'catalog' | 'documents' | 'broker' | 'clock' | 'limits'>): Promise<number> {
  const stored = await documents.list();
  const named = new Set(
    await catalog.select('>', ({ value }) =>
      value.document.state === 'stored' ? value.document.ref.sha256 : undefined,
    ),
  );
  const youngest = clock.now() + broker.clockOffset() - limits.documentGrace;
  const garbage = stored.filter(({ sha256, createdAt }) => !named.has(sha256) && createdAt < youngest);
  for (const { sha256 } of garbage) await documents.purge(sha256);
  return garbage.length;
}
