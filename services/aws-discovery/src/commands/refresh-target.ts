/** Reads the lists of one target anew: one call per 500 REST APIs, one per 500 usage plans. */
import { AwsError, type GatewayApi, type Target } from '@federation-agent/aws-control-plane';
import { catalogKeys, needsPlan, type CatalogEntry, type ScanRecord } from '@federation-agent/contracts';
import { describeError, mapConcurrently } from '@federation-agent/base';
import { changeRecord, UnreadableRecordError } from '@federation-agent/broker';
import type { Discovery, Integration } from '../deps.ts';
import { applyStages, refreshChangedLists } from '../scan/apply.ts';
import { registeredTarget, withScanRequested } from '../scan/claim.ts';
import { readStages } from '../scan/read.ts';
import { isListed } from '../scan/scope.ts';
import type { Lists } from '../scan/seen.ts';
import type { LocalWork } from './local-work.ts';
import { readOnce } from './shared-reads.ts';

/** The result for one target. */
export interface RefreshedTarget<T> {
  /** Why it cannot be read now; its last good catalog stays. */
  readonly kept?: string;
  /** Why it may lack APIs. */
  readonly lacking?: string;
  /** What is listed of it; absent when only the catalog can tell. */
  readonly listed?: readonly T[];
}

export interface RefreshTargetOptions<T> {
  readonly ours: LocalWork;
  readonly signal: AbortSignal;
  readonly pick: (entry: CatalogEntry) => T;
}

/** @throws BrokerUnavailableError */
export async function refreshTarget<T>(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  { ours, signal, pick }: RefreshTargetOptions<T>,
): Promise<RefreshedTarget<T>> {
  const { scans, clock, limits } = discovery;
  const { integrationId, acceptApiWithoutUsagePlan, v2Types, fingerprint } = integration.settings;
  const stagesNamePlanless = acceptApiWithoutUsagePlan || v2Types.length > 0;
  const key = catalogKeys.scan(integrationId, target.account, target.region);
  const readAt = clock.now();
  let before: ScanRecord | undefined;
  try {
    const found = await scans.get(key);
    const record =
      found ??
      (await changeRecord(scans, key, (current) =>
        current ? undefined : registeredTarget(current, { integrationId, ...target }, fingerprint, readAt),
      ));
    before = record?.value;
    const age = readAt - (before?.listsReadAt ?? 0);
    const stagesNeeded = stagesNamePlanless && before?.lastCompleteAt === undefined;
    if (age >= 0 && age < limits.listsFresh && !stagesNeeded) return {};
    // Who needs the stages too needs the lists themselves.
    const oldest = stagesNeeded ? Infinity : readAt - limits.listsFresh;
    const sharing = { readAt, oldest, signal, onRead: ours.begin };
    const read = await readOnce(discovery.readingLists, key, sharing, (onRead) =>
      refreshChangedLists(discovery, integration, target, { priority: 'command', readAt, signal, onRead }),
    );
    if (read === 'shared') return {};
    const entries = 'unchanged' in read ? undefined : read.entries;
    // A scan verifies and exports new entries, if possible before somebody ingests them.
    if (entries?.some(({ firstSeenAt }) => firstSeenAt === read.lists.readAt))
      await changeRecord(scans, key, withScanRequested(readAt));
    if (!stagesNamePlanless)
      return entries
        ? { listed: entries.filter((entry) => isListed(entry, integration.settings)).map(pick) }
        : {};
    ours.end();
    return await readNewApis(discovery, integration, target, read.lists, before, signal);
  } catch (error) {
    // An unreadable record concerns only this target, and does not say when the target was read.
    if (!(error instanceof AwsError || error instanceof UnreadableRecordError)) throw error;
    const reason = describeError(error);
    if (before?.listsReadAt === undefined) return { lacking: reason };
    return { kept: `as of ${new Date(before.listsReadAt).toISOString()}, since ${reason}` };
  }
}

/**
 * Without a usage plan only GetStages can name a stage. It is called for the APIs that no complete scan can have seen.
 * The others wait for the next scan, because this answer is due within seconds.
 */
async function readNewApis(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  lists: Lists,
  record: ScanRecord | undefined,
  signal: AbortSignal,
): Promise<{ readonly lacking?: string }> {
  const { settings } = integration;
  const { integrationId, mayPass } = settings;
  const known = await discovery.catalog.select(
    catalogKeys.ofTarget(integrationId, target.account, target.region),
    ({ value }) => value.restApiId,
  );
  const fresh = newApis(lists, new Set(known), record?.lastCompleteAt).filter(
    (api) => !needsPlan(api, settings) && mayPass(api),
  );
  const failures = await mapConcurrently(fresh, 8, async ({ id: restApiId, ...api }) => {
    const stages = await readStages(target, { restApiId, ...api }, 'command', signal);
    await applyStages(discovery, integration, target, { lists, restApiId, stages }, new Map());
    return stages.kind === 'failed' ? [`stages of ${restApiId}: ${stages.reason}`] : [];
  });
  const [reason] = failures.flat();
  return reason === undefined ? {} : { lacking: reason };
}

function newApis({ apis }: Lists, known: ReadonlySet<string>, lastCompleteAt = 0): GatewayApi[] {
  return [...apis.values()].filter(
    ({ id, createdAt }) => !known.has(id) && (createdAt === undefined || createdAt * 1_000 >= lastCompleteAt),
  );
}
