/** Brings what was read into the catalog. */
import type { Target } from '@federation-agent/aws-control-plane';
import { catalogKeys, type CatalogEntry } from '@federation-agent/contracts';
import { change } from '@federation-agent/service-kit';
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
import type { Lists, StagesSeen } from './read.ts';
import { stageKey, stagesOfApi, stagesOfLists, type StageName } from './scope.ts';

const always = (): boolean => true;

/** A complete read of the lists. One that is older than what is there already is not written. */
export async function applyLists(
  discovery: Discovery,
  { settings }: Integration,
  target: Target,
  lists: Lists,
  stillMine: () => boolean = always,
): Promise<Written> {
  const { integrationId } = settings;
  const key = catalogKeys.scan(integrationId, target.account, target.region);
  const known = await readCatalog(discovery, integrationId, target);
  if (!stillMine()) throw new ClaimLostError();
  const record = await change(discovery.scans, key, (current) => withPlans(current, lists, settings));
  if (record?.value.usagePlansReadAt !== lists.readAt) return { entries: values(known), failures: [] };
  const context = { target, settings, readAt: lists.readAt };
  const look = lookIn(lists);
  const stages = stagesOfLists(lists, values(known));
  const written = await writeEntries(discovery, stages, { context, known, stillMine }, (current, stage) =>
    afterLists(current, look(stage), context),
  );
  await change(discovery.scans, key, (current) => withListsWritten(current, lists.readAt));
  return written;
}

/** GetStages of one API. `lists` are those of the same scan; plans of entries that are known come from the newest lists only. */
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
