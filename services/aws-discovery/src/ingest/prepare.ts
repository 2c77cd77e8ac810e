/** One item of a job as APIM takes it: entry, document and `sent` marks. */
import {
  catalogKeys,
  parseApiUniqueId,
  type Api,
  type CatalogEntry,
  type Page,
} from '@federation-agent/contracts';
import type { Telemetry } from '@federation-agent/base';
import { changeRecord, dispositionOf } from '@federation-agent/broker';
import { exportDocument, needsExport } from '../catalog/documents.ts';
import type { Discovery, Integration } from '../deps.ts';
import { errorAdvice } from '../error-advice.ts';
import { toApi } from '../mapping/api.ts';
import { toUtf8mb3 } from '../mapping/utf8mb3.ts';
import { toPage } from '../mapping/document.ts';
import { fits, withoutPages } from './batch.ts';
import { TargetAwayError, type JobAws } from './job-aws.ts';
import { noLongerListedError, LeftOutError } from './left-out.ts';
import { logChangedTexts } from './log-changed-texts.ts';
import type { Verify } from './verify.ts';

export interface PrepareOptions {
  readonly discovery: Discovery;
  readonly integration: Integration;
  readonly aws: JobAws;
  readonly verify: Verify;
  readonly signal: AbortSignal;
  /** Has the job and its integration as fields. */
  readonly log: Telemetry['log'];
}

/**
 * Marks the plans as sent before the API leaves: from then on a plan that is detached in AWS stays listed.
 *
 * @returns undefined when the API has left the catalog meanwhile, or could not be read
 * @throws errors that deserve another try of the whole job: BrokerUnavailableError, AwsCallStopped at the signal
 */
export async function prepare(preparing: PrepareOptions, uniqueId: string): Promise<Api | undefined> {
  const { metrics } = preparing.discovery;
  try {
    return await toBeSent(preparing, uniqueId);
  } catch (error) {
    if (preparing.signal.aborted || dispositionOf(error) === 'retryable') throw error;
    metrics.leftOut.inc({ integration: preparing.integration.settings.integrationId });
    const own = error instanceof LeftOutError ? { fix: error.fix } : {};
    preparing.log.warn(
      { ...parseApiUniqueId(uniqueId), uniqueId, ...errorAdvice(error), ...own },
      'an API is left out of the ingest; APIM keeps the version that it has',
    );
    return undefined;
  }
}

async function toBeSent(preparing: PrepareOptions, uniqueId: string): Promise<Api | undefined> {
  const { discovery, integration } = preparing;
  const { catalog, ingest, maxMessageBytes } = discovery;
  const { integrationId, nameTemplate } = integration.settings;
  const coordinates = parseApiUniqueId(uniqueId);
  if (!coordinates)
    throw new LeftOutError('its id does not come from this agent', 'nothing: another agent ingested it');
  const key = catalogKeys.entry(integrationId, coordinates);
  let entry = (await catalog.get(key))?.value;
  if (entry && !entry.missing && (await preparing.verify(entry))) entry = (await catalog.get(key))?.value;
  if (!entry || entry.missing) throw noLongerListedError();
  const page = await pageOf(preparing, entry);
  const marked = await changeRecord(catalog, key, (current) => current && markedAsSent(current));
  if (!marked || marked.value.missing) throw noLongerListedError();
  const { api: mapped, changed } = toApi(marked.value, { nameTemplate, page });
  const api = ingest.utf8mb3 ? toUtf8mb3(mapped) : mapped;
  logChangedTexts(discovery.saidChanged, key, preparing.log.child({ ...coordinates, uniqueId }), changed);
  const limits = { ...ingest, messageBytes: maxMessageBytes };
  if (fits(api, limits)) return api;
  const small = withoutPages(api, maxMessageBytes);
  if (!fits(small, limits))
    throw new LeftOutError(
      `even without its document it exceeds the ${maxMessageBytes} bytes that APIM takes in one message`,
      'shorten its descriptions, or put it into fewer usage plans',
    );
  preparing.log.warn(
    {
      ...coordinates,
      uniqueId,
      maxMessageBytes,
      fix: 'make the API or its models smaller; or raise integration.connector.ws.maxWebSocketMessageSize together with the limit of the APIM controller',
    },
    'an API is sent without its OpenAPI document: with the document it is too large for one APIM message',
  );
  return small;
}

/** The stored document. It is exported here when an export is due, or when the store has lost it. */
async function pageOf(preparing: PrepareOptions, entry: CatalogEntry): Promise<Page | undefined> {
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

async function exported(
  { discovery, aws, signal, log }: PrepareOptions,
  entry: CatalogEntry,
): Promise<CatalogEntry> {
  try {
    const { target, breaker } = await aws.of(entry, 'exports');
    const after = await exportDocument(discovery, target, entry, 'scan', signal);
    breaker.note(after?.exportFailed ? 'not now' : 'ok');
    return after ?? entry;
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

function markedAsSent(entry: CatalogEntry): CatalogEntry | undefined {
  if (entry.plans.every((plan) => plan.sent) && (entry.plansSent || entry.plans.length === 0))
    return undefined;
  return { ...entry, plansSent: true, plans: entry.plans.map((plan) => ({ ...plan, sent: true })) };
}
