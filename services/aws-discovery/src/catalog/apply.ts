/** Writes what a complete read showed, entry by entry, by compare-and-set; events for what changed. */
import type { Target } from '@federation-agent/aws-control-plane';
import { catalogKeys, type CatalogEntry } from '@federation-agent/contracts';
import { change, publishEvent } from '@federation-agent/service-kit';
import type { Discovery, Integration } from '../deps.ts';
import { nextEntry, type Decision, type DiffContext, type Seen } from '../scan/diff.ts';
import { inLanes, type Lists, type StagesByApi } from '../scan/read.ts';
import { withLists } from '../scan/scan-record.ts';
import { candidates, plansByStage, stageKey } from '../scan/scope.ts';

export interface Reading {
  readonly lists: Lists;
  readonly stages: StagesByApi;
}

/**
 * @param stillMine false stops the writing: another replica has taken the scan over
 * @returns the target's entries as they are then; undefined when a newer read was there already
 */
export async function applyReading(
  discovery: Discovery,
  { settings }: Integration,
  target: Target,
  { lists, stages }: Reading,
  stillMine: () => boolean = () => true,
): Promise<readonly CatalogEntry[] | undefined> {
  const { catalog, scans } = discovery;
  const { account, region } = target;
  const { integrationId } = settings;
  const record = await change(scans, catalogKeys.scan(integrationId, account, region), (current) =>
    withLists(current, lists, settings),
  );
  if (record?.value.usagePlansReadAt !== lists.readAt) return undefined;

  const known = (await catalog.entries(catalogKeys.ofTarget(integrationId, account, region))).map(
    ({ value }) => value,
  );
  const plans = plansByStage(lists);
  const context: DiffContext = { target, settings, readAt: lists.readAt };
  const entries = await inLanes(candidates(lists, stages, known, settings), 16, async (candidate) => {
    if (!stillMine()) return undefined;
    const { restApiId } = candidate;
    const seen: Seen = {
      ...candidate,
      api: lists.restApis.get(restApiId),
      plans: plans.get(stageKey(candidate)) ?? [],
      stages: stages.get(restApiId),
    };
    return applyOne(discovery, seen, context);
  });
  return entries.filter((entry) => entry !== undefined);
}

async function applyOne(
  { catalog, broker, clock, random }: Discovery,
  seen: Seen,
  context: DiffContext,
): Promise<CatalogEntry | undefined> {
  const { integrationId } = context.settings;
  const { account, region } = context.target;
  const key = catalogKeys.entry(integrationId, { account, region, ...seen });
  let decision: Decision = { entry: undefined };
  for (;;) {
    const current = await catalog.get(key);
    decision = nextEntry(current?.value, seen, context);
    if (decision.entry === current?.value) break;
    const written = decision.entry
      ? current
        ? await catalog.update(key, decision.entry, current.revision)
        : await catalog.create(key, decision.entry)
      : await catalog.purge(key, current?.revision);
    if (written !== undefined && written !== false) break;
    await clock.sleep(random.fraction() * 20);
  }
  const { event, entry } = decision;
  if (event) {
    const uniqueId = `${account}:${region}:${seen.restApiId}:${seen.stage}`;
    publishEvent(broker, 'api', event.what, { at: clock.now(), integrationId, uniqueId, ...event });
  }
  return entry;
}
