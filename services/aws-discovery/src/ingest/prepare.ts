/** One item of a job as APIM takes it: entry, document, `sent` marks. */
import type { Target } from '@federation-agent/aws-control-plane';
import {
  catalogKeys,
  parseApiUniqueId,
  type Api,
  type CatalogEntry,
  type Page,
} from '@federation-agent/contracts';
import { change, describeError, dispositionOf, FederationError } from '@federation-agent/service-kit';
import { AwsError } from '@federation-agent/aws-control-plane';
import { readCatalog } from '../catalog/catalog.ts';
import { exportDocument, needsExport } from '../catalog/documents.ts';
import type { Discovery, Integration } from '../deps.ts';
import { toApi } from '../mapping/api.ts';
import { toPage } from '../mapping/document.ts';
import { applyStages } from '../scan/apply.ts';
import { readStages, toLists } from '../scan/read.ts';
import { fits, withoutPages } from './batch.ts';

/** An API that cannot be part of this ingest; the job goes on. */
class LeftOutError extends FederationError {
  constructor(reason: string) {
    super(reason, { code: 'left-out', disposition: 'final' });
  }
}

/**
 * The plans are marked as sent before the API leaves: from then on a plan that is detached in AWS stays listed.
 *
 * @returns undefined when the API has left the catalog meanwhile, or could not be read
 * @throws what is worth another try of the whole job: BrokerUnavailableError, AwsCallStopped at the signal
 */
export async function prepare(
  discovery: Discovery,
  integration: Integration,
  uniqueId: string,
  signal: AbortSignal,
): Promise<Api | undefined> {
  const { telemetry, metrics } = discovery;
  try {
    return await toBeSent(discovery, integration, uniqueId, signal);
  } catch (error) {
    const ofAws = error instanceof AwsError;
    if (signal.aborted || (!ofAws && dispositionOf(error) === 'retryable')) throw error;
    metrics.leftOut.inc();
    telemetry.log.error({ uniqueId, reason: describeError(error) }, 'an API is left out of the ingest');
    return undefined;
  }
}

async function toBeSent(
  discovery: Discovery,
  integration: Integration,
  uniqueId: string,
  signal: AbortSignal,
): Promise<Api | undefined> {
  const { catalog, telemetry, ingest, maxMessageBytes } = discovery;
  const { integrationId, nameTemplate } = integration.settings;
  const coordinates = parseApiUniqueId(uniqueId);
  if (!coordinates) return undefined;
  const key = catalogKeys.entry(integrationId, coordinates);
  let entry = (await catalog.get(key))?.value;
  if (!entry || entry.missing) return undefined;
  // Not asked where nothing is to be read: a target that is away holds up no API that is known.
  const target = lazily(async () => {
    const found = await integration.plane.target(coordinates.account, coordinates.region);
    if (!found) throw new LeftOutError('its account or region is not configured any more');
    return found;
  });
  if (!entry.verified) {
    await verify(discovery, integration, await target(), entry, signal);
    entry = (await catalog.get(key))?.value;
    if (!entry || entry.missing) return undefined;
  }
  const page = await pageOf(discovery, target, entry, signal);
  const marked = await change(catalog, key, (current) => current && markedAsSent(current));
  if (!marked || marked.value.missing) return undefined;
  const api = toApi(marked.value, { nameTemplate, page });
  const limits = { ...ingest, messageBytes: maxMessageBytes };
  if (fits(api, limits)) return api;
  telemetry.log.warn({ uniqueId }, 'an API is sent without its document: APIM takes no message so large');
  const small = withoutPages(api, maxMessageBytes);
  if (!fits(small, limits)) throw new LeftOutError('it exceeds what APIM takes in one message');
  return small;
}

/** A plan may name a stage that is gone in AWS, and APIM forgets no API: one that GetStages never showed is asked for first. */
async function verify(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  { integrationId, restApiId }: CatalogEntry,
  signal: AbortSignal,
): Promise<void> {
  const stages = await readStages(target, restApiId, 'scan', signal);
  const known = await readCatalog(discovery, integrationId, target);
  // No lists were read: they say nothing of entries that are known.
  const lists = toLists([], [], discovery.clock.now());
  await applyStages(discovery, integration, target, { lists, restApiId, stages }, known);
  if (stages.kind === 'failed') throw new LeftOutError(`its stage was never seen: ${stages.reason}`);
}

/** The stored document; exported on the way where that is due, or where the store has lost it. */
async function pageOf(
  discovery: Discovery,
  target: () => Promise<Target>,
  entry: CatalogEntry,
  signal: AbortSignal,
): Promise<Page | undefined> {
  const { documents, clock, limits, telemetry } = discovery;
  const exported = async (current: CatalogEntry): Promise<CatalogEntry> => {
    try {
      return (await exportDocument(discovery, await target(), current, 'scan', signal)) ?? current;
    } catch (error) {
      if (signal.aborted || !(error instanceof AwsError || error instanceof LeftOutError)) throw error;
      telemetry.log.warn({ uniqueId: entry.uniqueId, reason: describeError(error) }, 'no export now');
      return current;
    }
  };
  const stored = async ({ document }: CatalogEntry): Promise<Buffer | undefined> =>
    document.state === 'stored' ? documents.get(document.ref) : undefined;
  const current = needsExport(entry, clock.now(), limits) ? await exported(entry) : entry;
  const lost = current.document.state === 'stored';
  const content = (await stored(current)) ?? (lost ? await stored(await exported(current)) : undefined);
  return content && toPage(content);
}

function markedAsSent(entry: CatalogEntry): CatalogEntry | undefined {
  if (entry.plans.every((plan) => plan.sent) && (entry.plansSent || entry.plans.length === 0))
    return undefined;
  return { ...entry, plansSent: true, plans: entry.plans.map((plan) => ({ ...plan, sent: true })) };
}

/** Runs once, when first asked. */
function lazily<T>(run: () => Promise<T>): () => Promise<T> {
  let started: Promise<T> | undefined;
  return () => (started ??= run());
}
