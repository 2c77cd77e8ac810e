/** Exports into the document store: only what changed, and what nobody names any more goes. */
import { AwsBadRequest, AwsNotFound, type Priority, type Target } from '@federation-agent/aws-control-plane';
import { catalogKeys, realLimits, type CatalogEntry, type DocumentState } from '@federation-agent/contracts';
import { change, describeError } from '@federation-agent/service-kit';
import type { Discovery } from '../deps.ts';
import { exportCacheKey, toDocument } from '../mapping/document.ts';

/** A slow backstop: what a cache key does not show is seen after a week, give or take a day. */
const backstop = 7 * 24 * 60 * 60 * 1_000;

/**
 * Whether the stage's document should be exported: its deployment changed, or a week has passed. One that failed is tried
 * again ever more seldom, so that a stage that AWS cannot export costs little.
 */
export function needsExport(entry: CatalogEntry, now: number): boolean {
  const { document, exportFailed, missing, verified } = entry;
  if (missing || !verified) return false;
  if (exportFailed && now < exportFailed.lastAt + Math.min(2 ** exportFailed.attempts, 60) * 60_000)
    return false;
  if (document.state === 'pending') return true;
  if (document.cacheKey !== exportCacheKey(entry)) return true;
  return now > document.exportedAt + backstop + spread(entry.uniqueId);
}

/** Up to a day, the same for ever for one API, so that a backstop does not come for all at once. */
function spread(uniqueId: string): number {
  let hash = 0;
  for (const character of uniqueId) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 86_400;
  return hash * 1_000;
}

/** Exports one stage and writes what came of it. Never throws for what AWS says: the last good document stays. */
export async function exportDocument(
  discovery: Discovery,
  target: Target,
  entry: CatalogEntry,
  priority: Priority,
  signal?: AbortSignal,
): Promise<CatalogEntry | undefined> {
  const { catalog, documents, clock, metrics, telemetry } = discovery;
  const cacheKey = exportCacheKey(entry);
  let document: DocumentState | undefined;
  let failure: string | undefined;
  try {
    const bytes = await target.reads.exportDocument(entry.restApiId, entry.stage, priority, signal);
    const parsed = toDocument(bytes, entry.version);
    if (parsed.ok) {
      document = {
        state: 'stored',
        cacheKey,
        ref: await documents.put(parsed.content),
        exportedAt: clock.now(),
      };
    } else {
      failure = parsed.reason;
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    if (error instanceof AwsBadRequest) {
      document = { state: 'unavailable', cacheKey, reason: describeError(error), exportedAt: clock.now() };
    } else if (!(error instanceof AwsNotFound)) {
      failure = describeError(error);
    }
    // Deleted between list and export: the next read says so.
  }
  metrics.exports.inc({ result: failure === undefined ? (document?.state ?? 'gone') : 'failed' });
  if (failure !== undefined) {
    telemetry.log.warn(
      { uniqueId: entry.uniqueId, reason: failure },
      'export failed; the last good document stays',
    );
  }
  const written = await change(
    catalog,
    catalogKeys.entry(entry.integrationId, entry),
    (current) => current && withDocument(current, document, failure, clock.now()),
  );
  return written?.value;
}

function withDocument(
  current: CatalogEntry,
  document: DocumentState | undefined,
  failure: string | undefined,
  now: number,
): CatalogEntry | undefined {
  const { exportFailed, ...rest } = current;
  if (failure !== undefined) {
    return {
      ...current,
      exportFailed: { reason: failure, attempts: (exportFailed?.attempts ?? 0) + 1, lastAt: now },
    };
  }
  return document ? { ...rest, document } : undefined;
}

/** Removes documents that no entry names and that are older than the grace: an export may not be named yet. */
export async function collectGarbage({
  catalog,
  documents,
  broker,
  clock,
  limits,
}: Discovery): Promise<number> {
  const stored = await documents.list();
  const named = new Set(
    (await catalog.entries()).flatMap(({ value }) =>
      value.document.state === 'stored' ? [value.document.ref.sha256] : [],
    ),
  );
  const brokerNow = clock.now() + broker.clockOffset();
  const garbage = stored.filter(
    ({ sha256, createdAt }) => !named.has(sha256) && createdAt < brokerNow - limits.documentGrace,
  );
  for (const { sha256 } of garbage) await documents.purge(sha256);
  return garbage.length;
}

/** How often garbage is looked for, in scans: a scan of an unchanged account should cost next to nothing. */
export const garbageEvery = Math.max(1, Math.round(realLimits.documentGrace / realLimits.scanInterval));
