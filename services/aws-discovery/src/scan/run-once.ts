/** One scan of one target: read the lists, read the stages, write what differs, export what changed. */
import type { Target } from '@federation-agent/aws-control-plane';
import { catalogKeys, type CatalogEntry } from '@federation-agent/contracts';
import { applyReading } from '../catalog/apply.ts';
import { exportDocument, needsExport } from '../catalog/documents.ts';
import type { Discovery, Integration } from '../deps.ts';
import { inLanes, readLists, readStages } from './read.ts';
import { apisInScope } from './scope.ts';

export interface ScanResult {
  readonly entries: readonly CatalogEntry[];
  readonly plans: number;
  readonly exports: number;
  /** Why it was not complete, one line per cause. The catalog keeps the last good state of what is named here. */
  readonly failures: readonly string[];
}

/**
 * @param stillMine false: another replica has taken the scan over; what is left is not written
 * @throws AwsError when the lists could not be read in full: nothing was written
 */
export async function runOnce(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  { stillMine, signal }: { readonly stillMine: () => boolean; readonly signal: AbortSignal },
): Promise<ScanResult> {
  const { settings } = integration;
  const readAt = discovery.clock.now();
  const lists = await readLists(target, 'scan', readAt, signal);
  const known = await entriesOf(discovery, settings.integrationId, target);
  const stages = await readStages(target, apisInScope(lists, known, settings), 'scan', signal);
  const entries =
    (await applyReading(discovery, integration, target, { lists, stages }, stillMine)) ??
    (await entriesOf(discovery, settings.integrationId, target));

  const changed = entries.filter((entry) => needsExport(entry, discovery.clock.now()));
  await inLanes(changed, 4, async (entry) => {
    if (stillMine() && !signal.aborted) await exportDocument(discovery, target, entry, 'scan', signal);
  });
  return {
    entries,
    plans: lists.usagePlans.length,
    exports: changed.length,
    failures: [...stages].flatMap(([id, seen]) =>
      seen.kind === 'failed' ? [`stages of ${id}: ${seen.reason}`] : [],
    ),
  };
}

async function entriesOf(
  { catalog }: Discovery,
  integrationId: string,
  { account, region }: Target,
): Promise<CatalogEntry[]> {
  return (await catalog.entries(catalogKeys.ofTarget(integrationId, account, region))).map(
    ({ value }) => value,
  );
}
