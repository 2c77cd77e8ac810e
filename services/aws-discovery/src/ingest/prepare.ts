/**
 * The items of a job as APIM takes them: entry, document and `sent` marks. Each step is done for many items together.
 * So their requests to the broker leave in one write, and it answers them while this process works on others.
 */
import {
  catalogKeys,
  parseApiUniqueId,
  type Api,
  type CatalogEntry,
  type Page,
} from '@federation-agent/contracts';
import { mapConcurrently } from '@federation-agent/base';
import { changeRecord, dispositionOf, type Entry } from '@federation-agent/broker';
import type { Discovery, Integration } from '../deps.ts';
import { errorAdvice } from '../error-advice.ts';
import { toApi } from '../mapping/api.ts';
import { toUtf8mb3 } from '../mapping/utf8mb3.ts';
import { fits, withoutPages } from './batch.ts';
import { noLongerListedError, LeftOutError } from './left-out.ts';
import { logChangedTexts } from './log-changed-texts.ts';
import { exportIfDue, pageOf, type Exporting } from './page.ts';
import type { Verify } from './verify.ts';

export interface PrepareOptions extends Exporting {
  readonly integration: Integration;
  readonly verify: Verify;
}

/** Items at once where the broker is asked, and where AWS may be asked, which waits for the budget. */
const [askingBroker, askingAws] = [32, 4];

/**
 * Marks the plans as sent before an API is told: from then on a plan that is detached in AWS stays listed.
 *
 * @returns the APIs in that order, some at a time: as many as one batch may hold, and no more bytes of documents.
 *   Undefined stands for one that has left the catalog meanwhile, or could not be read
 * @throws errors that deserve another try of the whole job: BrokerUnavailableError, AwsCallStopped at the signal
 */
export async function* prepare(
  preparing: PrepareOptions,
  uniqueIds: readonly string[],
): AsyncGenerator<readonly (Api | undefined)[], undefined> {
  const { batchApis, batchBytes } = preparing.discovery.ingest;
  for (let at = 0; at < uniqueIds.length; at += batchApis) {
    const entries = await entriesOf(preparing, uniqueIds.slice(at, at + batchApis));
    for (let from = 0; from < entries.length;) {
      const end = from + lengthWithin(entries.slice(from), batchBytes);
      yield await apisOf(preparing, entries.slice(from, end));
      from = end;
    }
  }
  return undefined;
}

type Known = Entry<CatalogEntry>;

/** The entries, checked and with a current document. */
async function entriesOf(
  preparing: PrepareOptions,
  uniqueIds: readonly string[],
): Promise<readonly (Known | undefined)[]> {
  const { catalog } = preparing.discovery;
  const { integrationId } = preparing.integration.settings;
  const idOf = ({ value }: Known): string => value.uniqueId;
  const found = await each(preparing, uniqueIds, askingBroker, String, async (uniqueId) => {
    const coordinates = parseApiUniqueId(uniqueId);
    if (!coordinates)
      throw new LeftOutError('its id does not come from this agent', 'nothing: another agent ingested it');
    return listed(await catalog.get(catalogKeys.entry(integrationId, coordinates)));
  });
  const verified = await each(preparing, found, askingAws, idOf, async (entry) =>
    (await preparing.verify(entry.value)) ? listed(await catalog.get(entry.key)) : entry,
  );
  return each(preparing, verified, askingAws, idOf, async (entry) =>
    (await exportIfDue(preparing, entry.value)) ? listed(await catalog.get(entry.key)) : entry,
  );
}

/** @throws LeftOutError */
function listed(entry: Known | undefined): Known {
  if (!entry || entry.value.missing) throw noLongerListedError();
  return entry;
}

/** How many of these, from the first on, have documents of no more bytes; at least one. */
function lengthWithin(entries: readonly (Known | undefined)[], bytes: number): number {
  let total = 0;
  for (const [index, entry] of entries.entries()) {
    const document = entry?.value.document;
    total += document?.state === 'stored' ? document.ref.bytes : 0;
    if (index > 0 && total > bytes) return index;
  }
  return entries.length;
}

async function apisOf(
  preparing: PrepareOptions,
  entries: readonly (Known | undefined)[],
): Promise<readonly (Api | undefined)[]> {
  const idOf = ({ entry }: { readonly entry: Known }): string => entry.value.uniqueId;
  const read = await each(
    preparing,
    entries,
    askingBroker,
    ({ value }) => value.uniqueId,
    async (entry) => ({ entry, page: await pageOf(preparing, entry.value) }),
  );
  const marked = await each(preparing, read, askingBroker, idOf, async ({ entry, page }) => ({
    page,
    entry: listed(await markedAsSent(preparing.discovery.catalog, entry)),
  }));
  return each(preparing, marked, 1, idOf, ({ entry, page }) =>
    Promise.resolve(fitted(preparing, entry, page)),
  );
}

/** One step of these items. One that cannot go on is left out, and a log line says why. */
async function each<A, B>(
  preparing: PrepareOptions,
  items: readonly (A | undefined)[],
  atMost: number,
  idOf: (item: A) => string,
  step: (item: A) => Promise<B>,
): Promise<(B | undefined)[]> {
  const { discovery, integration, signal, log } = preparing;
  return mapConcurrently(items, atMost, async (item) => {
    if (item === undefined) return undefined;
    try {
      return await step(item);
    } catch (error) {
      if (signal.aborted || dispositionOf(error) === 'retryable') throw error;
      discovery.metrics.leftOut.inc({ integration: integration.settings.integrationId });
      const own = error instanceof LeftOutError ? { fix: error.fix } : {};
      const uniqueId = idOf(item);
      log.warn(
        { ...parseApiUniqueId(uniqueId), uniqueId, ...errorAdvice(error), ...own },
        'an API is left out of the ingest; APIM keeps the version that it has',
      );
      return undefined;
    }
  });
}

/** With its plans marked, as it is in the bucket. Mostly nobody has written it since it was read. */
async function markedAsSent(catalog: Discovery['catalog'], entry: Known): Promise<Known | undefined> {
  const { key } = entry;
  const value = withMarks(entry.value);
  if (!value) return entry;
  const revision = await catalog.update(key, value, entry.revision);
  if (revision !== undefined) return { key, value, revision };
  return changeRecord(catalog, key, (current) => current && withMarks(current));
}

/** Undefined when there is nothing to mark. */
function withMarks(entry: CatalogEntry): CatalogEntry | undefined {
  if (entry.plans.every((plan) => plan.sent) && (entry.plansSent || entry.plans.length === 0))
    return undefined;
  return { ...entry, plansSent: true, plans: entry.plans.map((plan) => ({ ...plan, sent: true })) };
}

/** @throws LeftOutError when it is too large for a message even without its document */
function fitted(
  { discovery, integration, log }: PrepareOptions,
  { key, value: entry }: Known,
  page: Page | undefined,
): Api {
  const { ingest, maxMessageBytes, saidChanged } = discovery;
  const { uniqueId, account, region, restApiId, stage } = entry;
  const about = { uniqueId, account, region, restApiId, stage };
  const { api: mapped, changed } = toApi(entry, { ...integration.settings, page });
  const api = ingest.utf8mb3 ? toUtf8mb3(mapped) : mapped;
  if (changed.length > 0) logChangedTexts(saidChanged, key, log.child(about), changed);
  const limits = { ...ingest, messageBytes: maxMessageBytes };
  if (fits(api, limits)) return api;
  const small = withoutPages(api, maxMessageBytes);
  if (!fits(small, limits))
    throw new LeftOutError(
      `even without its document it exceeds the ${maxMessageBytes} bytes that APIM takes in one message`,
      'shorten its descriptions, or put it into fewer usage plans',
    );
  log.warn(
    {
      ...about,
      maxMessageBytes,
      fix: 'make the API or its models smaller; or raise integration.connector.ws.maxWebSocketMessageSize together with the limit of the APIM controller',
    },
    'an API is sent without its OpenAPI document: with the document it is too large for one APIM message',
  );
  return small;
}
