/** Brings what AWS shows into the catalog. */
import type { Priority, Target } from '@federation-agent/aws-control-plane';
import { catalogKeys, type CatalogEntry } from '@federation-agent/contracts';
import { change } from '@federation-agent/broker';
import {
  ClaimLostError,
  readCatalog,
  writeEntries,
  type CatalogOfTarget,
  type Written,
} from '../catalog/catalog.ts';
import type { Discovery, Integration } from '../deps.ts';
import { afterLists, afterStages, type SeenInLists } from './diff.ts';
import { withListsWritten, withPlans } from './plans-record.ts';
import { readLists } from './read.ts';
import { stagesOfApi, stagesOfLists } from './scope.ts';
import { stageKey, type Lists, type StageName, type StagesSeen } from './seen.ts';

const always = (): boolean => true;

export interface ListsApplied extends Written {
  readonly lists: Lists;
}

export interface ReadingLists {
  readonly priority: Priority;
  /** Epoch ms; the read counts as of then. */
  readonly readAt: number;
  readonly signal: AbortSignal;
  readonly stillMine?: () => boolean;
  /** AWS has answered: from here on it is our own work. */
  readonly onRead?: () => void;
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
  { priority, readAt, signal, stillMine = always, onRead }: ReadingLists,
): Promise<ListsApplied> {
  for (let as = readAt; ;) {
    const lists = await readLists(target, priority, as, signal);
    onRead?.();
    // No signal: what was read is written, whoever still waits for it.
    const leave = await discovery.applying[priority].enter(new AbortController().signal);
    try {
      const applied = await applyLists(discovery, integration, target, lists, stillMine);
      if ('entries' in applied) return { ...applied, lists };
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
): Promise<Written | { readonly outrunBy: number }> {
  const { integrationId } = settings;
  const key = catalogKeys.scan(integrationId, target.account, target.region);
  if (!stillMine()) throw new ClaimLostError();
  const record = await change(discovery.scans, key, (current) => withPlans(current, lists, settings));
  const newest = record?.value.usagePlansReadAt ?? 0;
  if (newest > lists.readAt) return { outrunBy: newest };
  const known = await readCatalog(discovery, integrationId, target);
  const context = { target, settings, readAt: lists.readAt };
  const look = lookIn(lists);
  const stages = stagesOfLists(lists, values(known));
  const written = await writeEntries(discovery, stages, { context, known, stillMine }, (current, stage) =>
    afterLists(current, look(stage), context),
  );
  await change(discovery.scans, key, (current) => withListsWritten(current, lists.readAt));
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
): Promise<Written> {
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
