/** Brings what AWS shows into the catalog. */
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
  /** Epoch ms; the read counts as of then. */
  readonly readAt: number;
  readonly signal: AbortSignal;
  readonly stillMine?: () => boolean;
  /** AWS has answered: from here on it is our own work. */
  readonly onRead?: () => void;
}

/** AWS says what the catalog was written from. */
export interface ListsUnchanged {
  readonly lists: Lists;
  readonly unchanged: true;
}

/**
 * Reads the lists in full and writes what they say. Outrun by a newer read, it reads again: the entries of that one may be
 * half written, and half a catalog must not pass for a whole one.
 *
 * @throws AwsError when a list could not be read in full: nothing was written; ClaimLostError; BrokerUnavailableError
 */
export async function refreshLists(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  reading: ReadListsOptions,
): Promise<ListsApplied> {
  const applied = await readAndApply(discovery, integration, target, reading, 'all');
  if ('unchanged' in applied) throw new TypeError('all entries were to be compared');
  return applied;
}

/**
 * The same, but lists that say what they said before are not compared with the catalog: somebody waits. What only time changes,
 * such as a stage that is gone for long enough, is left to the scans.
 *
 * @throws as `refreshLists`
 */
export function refreshChangedLists(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  reading: ReadListsOptions,
): Promise<ListsApplied | ListsUnchanged> {
  return readAndApply(discovery, integration, target, reading, 'changed');
}

async function readAndApply(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  { priority, readAt, signal, stillMine = always, onRead }: ReadListsOptions,
  which: 'all' | 'changed',
): Promise<ListsApplied | ListsUnchanged> {
  for (let as = readAt; ;) {
    const lists = await readLists(target, priority, as, signal);
    onRead?.();
    // No signal: what was read is written, whoever still waits for it.
    const leave = await discovery.applying[priority].acquire(new AbortController().signal);
    try {
      const applied = await applyLists(discovery, integration, target, lists, stillMine, which);
      if (!('outrunBy' in applied)) return { ...applied, lists };
      as = Math.max(discovery.clock.now(), applied.outrunBy + 1);
    } finally {
      leave?.();
    }
  }
}

async function applyLists(
  discovery: Discovery,
  { settings }: Integration,
  target: Target,
  lists: Lists,
  stillMine: () => boolean,
  which: 'all' | 'changed',
): Promise<WriteEntriesResult | { readonly unchanged: true } | { readonly outrunBy: number }> {
  const { integrationId } = settings;
  const key = catalogKeys.scan(integrationId, target.account, target.region);
  if (!stillMine()) throw new ClaimLostError();
  const digest = listsDigest(lists, settings);
  const record = await retryBroker(discovery, () =>
    changeRecord(discovery.scans, key, (current) => withPlans(current, lists, settings, digest)),
  );
  const newest = record?.value.usagePlansReadAt ?? 0;
  if (newest > lists.readAt) return { outrunBy: newest };
  if (which === 'changed' && record?.value.listsDigest === digest) return { unchanged: true };
  const known = await readCatalog(discovery, integrationId, target);
  const context = { target, settings, readAt: lists.readAt };
  const look = lookIn(lists);
  const stages = stagesOfLists(lists, values(known));
  const written = await writeEntries(discovery, stages, { context, known, stillMine }, (current, stage) =>
    afterLists(current, look(stage), context),
  );
  const whole = written.failures.length === 0 ? digest : undefined;
  await retryBroker(discovery, () =>
    changeRecord(discovery.scans, key, (current) => withListsWritten(current, lists.readAt, whole)),
  );
  return written;
}

/**
 * GetStages of one API. `known` has its entries; `lists` are those of the same scan, and say nothing new of these.
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
  const names = stagesOfApi(restApiId, stages, values(known), settings);
  return writeEntries(discovery, names, { context, known, stillMine }, (current, stage) =>
    afterStages(current, { ...look(stage), stages }, context),
  );
}

function lookIn({ restApis, plans }: Lists): (stage: StageName) => SeenInLists {
  return (stage) => ({
    ...stage,
    api: restApis.get(stage.restApiId),
    plans: plans.get(stageKey(stage)) ?? [],
  });
}

function values(known: CatalogOfTarget): CatalogEntry[] {
  return [...known.values()].map(({ value }) => value);
}
