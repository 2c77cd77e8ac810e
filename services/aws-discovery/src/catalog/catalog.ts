/**
 * The catalog of one target. It is read in one pass, and written entry by entry with compare-and-set. Changes are
 * published as events.
 */
import {
  apiUniqueId,
  catalogKeys,
  type ApiCoordinates,
  type CatalogEntry,
} from '@federation-agent/contracts';
import { FederationError, mapConcurrently } from '@federation-agent/base';
import {
  ContendedRecordError,
  dispositionOf,
  type Entry,
  publishEvent,
  UnreadableRecordError,
} from '@federation-agent/broker';
import { apiEvent } from './api-event.ts';
import type { Discovery } from '../deps.ts';
import { errorSummary, type ErrorSummary } from '../error-advice.ts';
import type { Decision, DiffContext } from '../scan/diff.ts';
import { stageKey, type StageName } from '../scan/seen.ts';
import { retryBroker } from './retry-broker.ts';

/** Writes under way at once. */
const concurrency = 16;
/** How many conflicts with others before an entry is given up for now. */
const writeAttempts = 100;

/** The claim on a scan ran out: another replica goes on with the scan. */
export class ClaimLostError extends FederationError {
  constructor() {
    super('the claim on the scan ran out', { code: 'claim-lost', disposition: 'retryable' });
  }
}

/** A target's entries by `stageKey`, with the revisions that they had when read. */
export type CatalogOfTarget = ReadonlyMap<string, Entry<CatalogEntry>>;

export async function readCatalog(
  discovery: Pick<Discovery, 'catalog' | 'clock' | 'limits'>,
  integrationId: string,
  { account, region }: { readonly account: string; readonly region: string },
): Promise<CatalogOfTarget> {
  const entries = await retryBroker(discovery, () =>
    discovery.catalog.entries(catalogKeys.ofTarget(integrationId, account, region)),
  );
  return new Map(entries.map((entry) => [stageKey(entry.value), entry]));
}

/** Only the entries of one REST API. */
export async function readCatalogOfApi(
  { catalog }: Pick<Discovery, 'catalog'>,
  integrationId: string,
  api: Omit<ApiCoordinates, 'stage'>,
): Promise<CatalogOfTarget> {
  const entries = await catalog.entries(catalogKeys.ofApi(integrationId, api));
  return new Map(entries.map((entry) => [stageKey(entry.value), entry]));
}

/** The entries of these stages of one REST API, read one by one because a whole target has many. */
export async function readEntries(
  discovery: Pick<Discovery, 'catalog' | 'clock' | 'limits'>,
  integrationId: string,
  api: Omit<ApiCoordinates, 'stage'>,
  stages: readonly string[],
): Promise<CatalogOfTarget> {
  const entries = await mapConcurrently(stages, concurrency, async (stage) => {
    try {
      const key = catalogKeys.entry(integrationId, { ...api, stage });
      return await retryBroker(discovery, () => discovery.catalog.get(key));
    } catch (error) {
      // An unreadable entry stays unchanged.
      if (error instanceof UnreadableRecordError) return undefined;
      throw error;
    }
  });
  return new Map(entries.flatMap((entry) => (entry ? [[stageKey(entry.value), entry]] : [])));
}

export interface WriteEntriesOptions {
  readonly context: DiffContext;
  readonly known: CatalogOfTarget;
  /** False stops the writing: another replica has taken over. */
  readonly stillMine: () => boolean;
}

export interface WriteEntriesResult {
  /** The entries after the writing. */
  readonly entries: readonly CatalogEntry[];
  /**
   * Entries that could not be read or written (changed by hand, from a newer version, too large for the broker). Each
   * stays unchanged.
   */
  readonly failures: readonly ErrorSummary[];
}

/**
 * Decides on each stage and writes what differs. When somebody else wrote an entry meanwhile, it decides on that entry
 * again.
 *
 * @throws ClaimLostError; BrokerUnavailableError
 */
export async function writeEntries(
  discovery: Discovery,
  stages: readonly StageName[],
  { context, known, stillMine }: WriteEntriesOptions,
  decide: (current: CatalogEntry | undefined, stage: StageName) => Decision,
): Promise<WriteEntriesResult> {
  const failures: ErrorSummary[] = [];
  const entries = await mapConcurrently(stages, concurrency, async (stage) => {
    if (!stillMine()) throw new ClaimLostError();
    const before = known.get(stageKey(stage));
    try {
      const write = () => writeEntry(discovery, context, stage, before, (current) => decide(current, stage));
      return await retryBroker(discovery, write);
    } catch (error) {
      if (dispositionOf(error) === 'retryable') throw error;
      const { code, reason } = errorSummary(error);
      failures.push({ code, reason: `entry of ${stage.restApiId}/${stage.stage}: ${reason}` });
      return before?.value;
    }
  });
  return { entries: entries.filter((entry) => entry !== undefined), failures };
}

async function writeEntry(
  { catalog, broker, clock, random }: Discovery,
  { settings: { integrationId }, target: { account, region } }: DiffContext,
  stage: StageName,
  known: Entry<CatalogEntry> | undefined,
  decide: (current: CatalogEntry | undefined) => Decision,
): Promise<CatalogEntry | undefined> {
  const coordinates = { account, region, ...stage };
  const key = catalogKeys.entry(integrationId, coordinates);
  let current = known;
  for (let attempt = 0; attempt < writeAttempts; attempt += 1) {
    const { entry, event } = decide(current?.value);
    if (entry === current?.value) return entry;
    if (await write(entry, current)) {
      if (event) {
        const uniqueId = apiUniqueId(coordinates);
        publishEvent(broker, 'api', apiEvent(clock.now(), { integrationId, uniqueId }, event));
      }
      return entry;
    }
    await clock.sleep(random.fraction() * 20);
    current = await catalog.get(key);
  }
  throw new ContendedRecordError(catalog.name, key);

  async function write(
    entry: CatalogEntry | undefined,
    current: Entry<CatalogEntry> | undefined,
  ): Promise<boolean> {
    if (!entry) return catalog.purge(key, current?.revision);
    const revision = current
      ? await catalog.update(key, entry, current.revision)
      : await catalog.create(key, entry);
    return revision !== undefined;
  }
}
