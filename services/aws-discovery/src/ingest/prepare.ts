/** One item of a job as APIM takes it: entry, document, `sent` marks. */
import {
  catalogKeys,
  parseApiUniqueId,
  type Api,
  type CatalogEntry,
  type Page,
} from '@federation-agent/contracts';
import { change, describeError } from '@federation-agent/service-kit';
import { exportDocument, needsExport } from '../catalog/documents.ts';
import type { Discovery, Integration } from '../deps.ts';
import { toApi } from '../mapping/api.ts';
import { toPage } from '../mapping/document.ts';
import { fits, withoutPages } from './batch.ts';

/**
 * The plans are marked as sent before the API leaves: from then on a plan that is detached in AWS stays listed.
 *
 * @returns undefined when the API has left the catalog meanwhile, or could not be read
 */
export async function prepare(
  discovery: Discovery,
  integration: Integration,
  uniqueId: string,
  signal: AbortSignal,
): Promise<Api | undefined> {
  const { catalog, telemetry, metrics, ingest, maxMessageBytes } = discovery;
  const { integrationId, nameTemplate } = integration.settings;
  const coordinates = parseApiUniqueId(uniqueId);
  if (!coordinates) return undefined;
  const key = catalogKeys.entry(integrationId, coordinates);
  try {
    const found = (await catalog.get(key))?.value;
    if (!found || found.missing) return undefined;
    const page = await pageOf(discovery, integration, found, signal);
    const marked = await change(catalog, key, (current) => current && markedAsSent(current));
    if (!marked || marked.value.missing) return undefined;
    const api = toApi(marked.value, { nameTemplate, page });
    const limits = { ...ingest, messageBytes: maxMessageBytes };
    if (fits(api, limits)) return api;
    telemetry.log.warn(
      { uniqueId },
      'an API is sent without its document: it exceeds what APIM takes in one message',
    );
    const small = withoutPages(api, maxMessageBytes);
    if (fits(small, limits)) return small;
    throw new Error('it exceeds what APIM takes in one message, even without its document');
  } catch (error) {
    if (signal.aborted) throw error;
    metrics.leftOut.inc();
    telemetry.log.error({ uniqueId, reason: describeError(error) }, 'an API is left out of the ingest');
    return undefined;
  }
}

/** The stored document; exported on the way where that is due. */
async function pageOf(
  discovery: Discovery,
  { plane }: Integration,
  entry: CatalogEntry,
  signal: AbortSignal,
): Promise<Page | undefined> {
  const { documents, clock } = discovery;
  let current = entry;
  if (needsExport(entry, clock.now()) || (entry.document.state === 'pending' && !entry.exportFailed)) {
    const target = await plane.target(entry.account, entry.region).catch(() => undefined);
    if (target) current = (await exportDocument(discovery, target, entry, 'scan', signal)) ?? entry;
  }
  if (current.document.state !== 'stored') return undefined;
  const content = await documents.get(current.document.ref);
  return content && toPage(content);
}

function markedAsSent(entry: CatalogEntry): CatalogEntry | undefined {
  if (entry.plans.every((plan) => plan.sent) && (entry.plansSent || entry.plans.length === 0))
    return undefined;
  return { ...entry, plansSent: true, plans: entry.plans.map((plan) => ({ ...plan, sent: true })) };
}
