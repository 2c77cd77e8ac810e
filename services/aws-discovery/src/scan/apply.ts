/** Writes into the catalog what AWS shows. */
import type { Priority, Target } from '@federation-agent/aws-control-plane';
import { catalogKeys, type CatalogEntry } from '@federation-agent/contracts';
import { changeRecord } from '@federation-agent/broker';
import {
  ClaimLostError,
  readCatalog,
  writeEntries,
  type CatalogOfTarget,
  type WriteEntriesResult,
} from '../catalog/catalog.ts';
import { retryBroker } from '../catalog/retry-broker.ts';
import type { Discovery, Integration } from '../deps.ts';
import { afterLists, afterStages, type SeenInLists } from './diff.ts';
import { listsDigest } from './lists-digest.ts';
import { withListsWritten, withPlans } from './plans-record.ts';
import { readLists } from './read.ts';
import { stagesOfApi, stagesOfLists } from './scope.ts';
import { stageKey, type Lists, type StageName, type StagesSeen } from './seen.ts';

const always = (): boolean => true;

export interface ListsApplied extends WriteEntriesResult {
  readonly lists: Lists;
}

export interface ReadListsOptions {
  readonly priority: Priority;
  /** Epoch ms: the time that the read counts for. */
  readonly readAt: number;
  readonly signal: AbortSignal;
  readonly stillMine?: () => boolean;
  /** Called once AWS has answered; what follows is our own work. */
  readonly onRead?: () => void;
}

/** The lists say what the catalog was last written from. */
export interface ListsUnchanged {
  readonly lists: Lists;
  readonly unchanged: true;
}

/**
 * Reads the lists in full and writes what they say. When a newer read has overtaken this one, it reads again: the
 * entries of the newer read may be half written, and half a catalog must not pass for a whole one.
 *
 * @throws AwsError when a list could not be read in full: nothing was written; ClaimLostError; BrokerUnavailableError
 */
export function refreshLists(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  reading: ReadListsOptions,
): Promise<ListsApplied> {
  return readAndApply(discovery, integration, target, reading, (noted) =>
    writeLists(discovery, integration, target, noted, reading.stillMine),
  );
}

/**
 * The same, but lists that have not changed are not compared with the catalog, because somebody waits for the answer.
 * What only time changes, such as a stage that has been gone for long enough, is left to the scans.
 *
 * @throws as `refreshLists`
 */
export function refreshChangedLists(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  reading: ReadListsOptions,
): Promise<ListsApplied | ListsUnchanged> {
  return readAndApply<WriteEntriesResult | { readonly unchanged: true }>(
    discovery,
    integration,
    target,
    reading,
    async (noted) =>
      noted.unchanged
        ? { unchanged: true }
        : writeLists(discovery, integration, target, noted, reading.stillMine),
  );
}

/** Lists whose usage plans are in the scan record, and whose stages are not in the catalog yet. */
interface NotedLists {
  readonly lists: Lists;
  readonly digest: string;
  /** The catalog was last written from lists that say the same. */
  readonly unchanged: boolean;
}

/** @param apply brings the lists into the catalog */
async function readAndApply<T extends object>(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  { priority, signal, stillMine = always, onRead, ...reading }: ReadListsOptions,
  apply: (noted: NotedLists) => Promise<T>,
): Promise<T & { readonly lists: Lists }> {
  for (let { readAt } = reading; ;) {
    const lists = await readLists(target, { ...discovery, ...integration, priority, readAt, signal });
    onRead?.();
    // No signal here: what was read is written even when nobody waits for it any more.
    const leave = await discovery.applying[priority].acquire(new AbortController().signal);
    try {
      const noted = await noteLists(discovery, integration, target, lists, stillMine);
      if (!('overtakenBy' in noted)) return { ...(await apply(noted)), lists };
      readAt = Math.max(discovery.clock.now(), noted.overtakenBy + 1);
    } finally {
      leave?.();
    }
  }
}

/** @returns `overtakenBy`, epoch ms, when the scan record has a newer read: then nothing was written */
async function noteLists(
  discovery: Discovery,
  { settings }: Integration,
  { account, region }: Target,
  lists: Lists,
  stillMine: () => boolean,
): Promise<NotedLists | { readonly overtakenBy: number }> {
  if (!stillMine()) throw new ClaimLostError();
  const key = catalogKeys.scan(settings.integrationId, account, region);
  const digest = listsDigest(lists, settings);
  const record = await retryBroker(discovery, () =>
    changeRecord(discovery.scans, key, (current) => withPlans(current, lists, settings, digest)),
  );
  const newest = record?.value.usagePlansReadAt ?? 0;
  if (newest > lists.readAt) return { overtakenBy: newest };
  return { lists, digest, unchanged: record?.value.listsDigest === digest };
}

async function writeLists(
  discovery: Discovery,
  { settings }: Integration,
  target: Target,
  { lists, digest }: NotedLists,
  stillMine: () => boolean = always,
): Promise<WriteEntriesResult> {
  const { integrationId } = settings;
  const known = await readCatalog(discovery, integrationId, target);
  const context = { target, settings, readAt: lists.readAt };
  const look = lookIn(lists);
  const stages = stagesOfLists(lists, values(known));
  const written = await writeEntries(discovery, stages, { context, known, stillMine }, (current, stage) =>
    afterLists(current, look(stage), context),
  );
  const digestOfAll = written.failures.length === 0 ? digest : undefined;
  const key = catalogKeys.scan(integrationId, target.account, target.region);
  await retryBroker(discovery, () =>
    changeRecord(discovery.scans, key, (current) => withListsWritten(current, lists.readAt, digestOfAll)),
  );
  return written;
}

/**
 * Writes what GetStages says of one API. `known` has its entries. `lists` are those of the same scan: they are already
 * written, and only complete what an entry is made of.
 */
export async function applyStages(
  discovery: Discovery,
  { settings }: Integration,
  target: Target,
  read: { readonly lists: Lists; readonly restApiId: string; readonly stages: StagesSeen },
  known: CatalogOfTarget,
  stillMine: () => boolean = always,
): Promise<WriteEntriesResult> {
  const { lists, restApiId, stages } = read;
  const context = { target, settings, readAt: lists.readAt };
  const look = lookIn(lists);
  const names = stagesOfApi({ restApiId, api: lists.apis.get(restApiId) }, stages, values(known), settings);
  return writeEntries(discovery, names, { context, known, stillMine }, (current, stage) =>
    afterStages(current, { ...look(stage), stages }, context),
  );
}

function lookIn({ apis, plans, v2Unread }: Lists): (stage: StageName) => SeenInLists {
  return (stage) => ({
    ...stage,
    api: apis.get(stage.restApiId),
    plans: plans.get(stageKey(stage)) ?? [],
    ...(v2Unread && { v2Unread: true }),
  });
}

function values(known: CatalogOfTarget): CatalogEntry[] {
  return [...known.values()].map(({ value }) => value);
}
