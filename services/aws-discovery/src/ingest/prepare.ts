/** One item of a job as APIM takes it: entry, document, `sent` marks. */
import {
  catalogKeys,
  parseApiUniqueId,
  type Api,
  type CatalogEntry,
  type Page,
} from '@federation-agent/contracts';
import { change, describeError, dispositionOf, FederationError } from '@federation-agent/service-kit';
import { readCatalogOfApi } from '../catalog/catalog.ts';
import { exportDocument, needsExport } from '../catalog/documents.ts';
import type { Discovery, Integration } from '../deps.ts';
import { toApi } from '../mapping/api.ts';
import { toPage } from '../mapping/document.ts';
import { applyStages } from '../scan/apply.ts';
import { readStages, toLists } from '../scan/read.ts';
import { fits, withoutPages } from './batch.ts';
import { TargetAwayError, type JobAws } from './job-aws.ts';

/** An API that cannot be part of this ingest; the job goes on. */
class LeftOutError extends FederationError {
  constructor(reason: string) {
    super(reason, { code: 'left-out', disposition: 'final' });
  }
}

export interface Preparing {
  readonly discovery: Discovery;
  readonly integration: Integration;
  readonly aws: JobAws;
  readonly signal: AbortSignal;
}

/**
 * The plans are marked as sent before the API leaves: from then on a plan that is detached in AWS stays listed.
 *
 * @returns undefined when the API has left the catalog meanwhile, or could not be read
 * @throws what is worth another try of the whole job: BrokerUnavailableError, AwsCallStopped at the signal
 */
export async function prepare(preparing: Preparing, uniqueId: string): Promise<Api | undefined> {
  const { telemetry, metrics } = preparing.discovery;
  try {
    return await toBeSent(preparing, uniqueId);
  } catch (error) {
    if (preparing.signal.aborted || dispositionOf(error) === 'retryable') throw error;
    metrics.leftOut.inc();
    telemetry.log.error({ uniqueId, reason: describeError(error) }, 'an API is left out of the ingest');
    return undefined;
  }
}

async function toBeSent(preparing: Preparing, uniqueId: string): Promise<Api | undefined> {
  const { discovery, integration } = preparing;
  const { catalog, telemetry, ingest, maxMessageBytes } = discovery;
  const { integrationId, nameTemplate } = integration.settings;
  const coordinates = parseApiUniqueId(uniqueId);
  if (!coordinates) return undefined;
  const key = catalogKeys.entry(integrationId, coordinates);
  let entry = (await catalog.get(key))?.value;
  if (entry && !entry.missing && !entry.verified) {
    await verify(preparing, entry);
    entry = (await catalog.get(key))?.value;
  }
  if (!entry || entry.missing) return undefined;
  const page = await pageOf(preparing, entry);
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
  { discovery, integration, aws, signal }: Preparing,
  entry: CatalogEntry,
): Promise<void> {
  const { integrationId, restApiId } = entry;
  const { target, breaker } = await aws.of(entry);
  const stages = await readStages(target, restApiId, 'scan', signal);
  breaker.note(stages.kind === 'failed' && stages.notNow ? 'not now' : 'ok');
  if (stages.kind === 'gone') throw new LeftOutError('its REST API is gone in AWS');
  const known = await readCatalogOfApi(discovery, integrationId, entry);
  // No lists were read: entries that are known keep what the lists said of them.
  const lists = toLists([], [], discovery.clock.now());
  await applyStages(discovery, integration, target, { lists, restApiId, stages }, known);
  if (stages.kind === 'failed') throw new LeftOutError(`its stage was never seen: ${stages.reason}`);
}

/** The stored document; exported on the way where that is due, or where the store has lost it. */
async function pageOf(preparing: Preparing, entry: CatalogEntry): Promise<Page | undefined> {
  const { discovery } = preparing;
  const { clock, limits } = discovery;
  const current = needsExport(entry, clock.now(), limits) ? await exported(preparing, entry) : entry;
  if (current.document.state !== 'stored') return undefined;
  const content =
    (await contentOf(discovery, current)) ?? (await contentOf(discovery, await exported(preparing, current)));
  return content && toPage(content);
}

async function contentOf({ documents }: Discovery, { document }: CatalogEntry): Promise<Buffer | undefined> {
  return document.state === 'stored' ? documents.get(document.ref) : undefined;
}

async function exported({ discovery, aws, signal }: Preparing, entry: CatalogEntry): Promise<CatalogEntry> {
  try {
    const { target, breaker } = await aws.of(entry);
    const after = await exportDocument(discovery, target, entry, 'scan', signal);
    breaker.note(after?.exportFailed ? 'not now' : 'ok');
    return after ?? entry;
  } catch (error) {
    if (!(error instanceof TargetAwayError)) throw error;
    const { uniqueId } = entry;
    discovery.telemetry.log.warn({ uniqueId, reason: error.message }, 'the last good document is sent');
    return entry;
  }
}

function markedAsSent(entry: CatalogEntry): CatalogEntry | undefined {
  if (entry.plans.every((plan) => plan.sent) && (entry.plansSent || entry.plans.length === 0))
    return undefined;
  return { ...entry, plansSent: true, plans: entry.plans.map((plan) => ({ ...plan, sent: true })) };
}
