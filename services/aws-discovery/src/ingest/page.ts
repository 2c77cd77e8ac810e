/** The OpenAPI document of an API of a job: from the store, or exported now. */
import type { CatalogEntry, Page } from '@federation-agent/contracts';
import type { Telemetry } from '@federation-agent/base';
import { exportDocument, needsExport } from '../catalog/documents.ts';
import type { Discovery } from '../deps.ts';
import { errorAdvice } from '../error-advice.ts';
import { toPage } from '../mapping/document.ts';
import { TargetAwayError, type JobAws } from './job-aws.ts';

export interface Exporting {
  readonly discovery: Discovery;
  readonly aws: JobAws;
  readonly signal: AbortSignal;
  /** Has the job and its integration as fields. */
  readonly log: Telemetry['log'];
}

/** @returns whether AWS was asked for an export, so that the entry may have changed */
export async function exportIfDue(exporting: Exporting, entry: CatalogEntry): Promise<boolean> {
  const { clock, limits } = exporting.discovery;
  return needsExport(entry, clock.now(), limits) && (await exported(exporting, entry)) !== entry;
}

/** The stored document. It is exported once more when the store has lost it. */
export async function pageOf(exporting: Exporting, entry: CatalogEntry): Promise<Page | undefined> {
  const { discovery } = exporting;
  if (entry.document.state !== 'stored') return undefined;
  const content =
    (await contentOf(discovery, entry)) ?? (await contentOf(discovery, await exported(exporting, entry)));
  return content && toPage(content, entry.apiType);
}

async function contentOf(
  { documents }: Discovery,
  entry: CatalogEntry | undefined,
): Promise<Buffer | undefined> {
  return entry?.document.state === 'stored' ? documents.get(entry.document.ref) : undefined;
}

/** The entry after the export, the same one when AWS cannot be asked; undefined when it has left the catalog. */
async function exported(
  { discovery, aws, signal, log }: Exporting,
  entry: CatalogEntry,
): Promise<CatalogEntry | undefined> {
  try {
    const { target, breaker } = await aws.of(entry, 'exports');
    const after = await exportDocument(discovery, target, entry, 'scan', signal);
    breaker.note(after?.exportFailed ? 'not now' : 'ok');
    return after;
  } catch (error) {
    if (!(error instanceof TargetAwayError)) throw error;
    const { uniqueId, account, region, restApiId, stage, document } = entry;
    log.warn(
      { uniqueId, account, region, restApiId, stage, ...errorAdvice(error) },
      document.state === 'stored'
        ? 'an API is sent with its last good OpenAPI document: the current one cannot be exported now'
        : 'an API is sent without an OpenAPI document: it could not be exported yet; the next ingest brings it',
    );
    return entry;
  }
}
