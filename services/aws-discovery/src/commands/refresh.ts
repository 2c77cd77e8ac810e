/** Brings the lists of every target up to date, within a deadline, and tells what could not be. */
import { AwsError, type RestApi, type Target, type WaitingTarget } from '@federation-agent/aws-control-plane';
import { catalogKeys, type CatalogEntry, type ScanRecord } from '@federation-agent/contracts';
import { change, describeError, HandBackError, UnreadableRecordError } from '@federation-agent/service-kit';
import { readCatalog, type CatalogOfTarget } from '../catalog/catalog.ts';
import type { Discovery, Integration } from '../deps.ts';
import { applyStages, refreshLists } from '../scan/apply.ts';
import { introduced, requested } from '../scan/claim.ts';
import { inLanes } from '../scan/lanes.ts';
import { readStages } from '../scan/read.ts';
import { isListed } from '../scan/scope.ts';
import type { Lists } from '../scan/seen.ts';

export interface Refreshed {
  /** Everything that is listed now, in the order of the unique ids. */
  readonly entries: readonly CatalogEntry[];
  /** Targets that could not be read now; their last good catalog stands. One line each. */
  readonly kept: readonly string[];
  /** What may lack APIs: targets never read in full, or not in time. One line each. */
  readonly lacking: readonly string[];
  /** No target answers for itself, neither now nor from an earlier read. */
  readonly blind: boolean;
}

type OfTarget = { readonly kept?: string; readonly lacking?: string };

/**
 * @param until epoch ms; what is not there by then is lacking
 * @throws BrokerUnavailableError; HandBackError at the signal
 */
export async function refresh(
  discovery: Discovery,
  integration: Integration,
  until: number,
  signal: AbortSignal,
): Promise<Refreshed> {
  const { catalog, clock } = discovery;
  const { settings, plane } = integration;
  const late = new AbortController();
  const limit = AbortSignal.any([late.signal, signal]);
  const over = clock.sleep(Math.max(0, until - clock.now()), limit).then(() => 'late' as const);
  try {
    const targets = plane.targets(limit);
    const known = await Promise.race([targets, over]);
    const ready = known === 'late' ? [] : known.ready;
    const waiting = known === 'late' ? 'all' : known.waiting;
    const results = await Promise.all(
      ready.map(async (target) => {
        const result = await Promise.race([refreshTarget(discovery, integration, target, limit), over]);
        const { kept, lacking } = result === 'late' ? { lacking: tooLate } : result;
        const named = (reason: string) => `${target.account}/${target.region}: ${reason}`;
        return { kept: kept ? [named(kept)] : [], lacking: lacking ? [named(lacking)] : [] };
      }),
    );
    if (signal.aborted) throw new HandBackError();
    const entries = (await catalog.entries(catalogKeys.ofIntegration(settings.integrationId))).map(
      ({ value }) => value,
    );
    const configured = new Set(ready.map(({ account, region }) => `${account}/${region}`));
    const lacking = [
      ...(waiting === 'all'
        ? plane.labels().map((label) => `${label}: its account was ${tooLate}`)
        : waiting.map(({ label, reason }) => `${label}: ${reason}`)),
      ...results.flatMap((result) => result.lacking),
    ];
    return {
      entries: entries
        .filter((entry) => isListed(entry, settings))
        // Not what a target left behind that is no longer configured.
        .filter((entry) => configured.has(`${entry.account}/${entry.region}`) || mayBeOf(waiting, entry))
        .toSorted((a, b) => (a.uniqueId < b.uniqueId ? -1 : 1)),
      kept: results.flatMap((result) => result.kept),
      lacking,
      blind: results.every((result) => result.lacking.length > 0),
    };
  } finally {
    late.abort();
  }
}

const tooLate = 'not read in time';

/** One that waits has no account to know its entries by, unless it is configured. */
function mayBeOf(waiting: readonly WaitingTarget[] | 'all', entry: CatalogEntry): boolean {
  return (
    waiting === 'all' ||
    waiting.some(
      ({ account = entry.account, region }) => account === entry.account && region === entry.region,
    )
  );
}

async function refreshTarget(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  signal: AbortSignal,
): Promise<OfTarget> {
  const { scans, clock, limits } = discovery;
  const { integrationId, acceptApiWithoutUsagePlan, fingerprint } = integration.settings;
  const key = catalogKeys.scan(integrationId, target.account, target.region);
  const readAt = clock.now();
  let before: ScanRecord | undefined;
  try {
    const found = await scans.get(key);
    const record =
      found ??
      (await change(scans, key, (current) =>
        current ? undefined : introduced(current, { integrationId, ...target }, fingerprint, readAt),
      ));
    before = record?.value;
    const age = readAt - (before?.listsReadAt ?? 0);
    const stagesNeeded = acceptApiWithoutUsagePlan && before?.lastCompleteAt === undefined;
    if (age >= 0 && age < limits.listsFresh && !stagesNeeded) return {};
    const reading = { priority: 'command', readAt, signal } as const;
    const { entries, lists } = await refreshLists(discovery, integration, target, reading);
    // What is new is verified and exported by a scan, at best before somebody ingests it.
    if (entries.some(({ firstSeenAt }) => firstSeenAt === lists.readAt))
      await change(scans, key, requested(readAt));
    return acceptApiWithoutUsagePlan
      ? await readNewApis(discovery, integration, target, lists, before, signal)
      : {};
  } catch (error) {
    // A record that cannot be read is one target's, and does not say when it was read.
    if (!(error instanceof AwsError || error instanceof UnreadableRecordError)) throw error;
    const reason = describeError(error);
    if (before?.listsReadAt === undefined) return { lacking: reason };
    return { kept: `as of ${new Date(before.listsReadAt).toISOString()}, since ${reason}` };
  }
}

/**
 * Without a usage plan only GetStages can name a stage: it is asked for the APIs that no complete scan can have seen. All
 * others wait for the next scan: this answer is due within seconds.
 */
async function readNewApis(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  lists: Lists,
  record: ScanRecord | undefined,
  signal: AbortSignal,
): Promise<OfTarget> {
  const known = await readCatalog(discovery, integration.settings.integrationId, target);
  const fresh = newApis(lists, known, record?.lastCompleteAt).filter(integration.settings.mayPass);
  const failures = await inLanes(fresh, 8, async ({ id: restApiId }) => {
    const stages = await readStages(target, restApiId, 'command', signal);
    await applyStages(discovery, integration, target, { lists, restApiId, stages }, new Map());
    return stages.kind === 'failed' ? [`stages of ${restApiId}: ${stages.reason}`] : [];
  });
  const [reason] = failures.flat();
  return reason === undefined ? {} : { lacking: reason };
}

function newApis({ restApis }: Lists, known: CatalogOfTarget, lastCompleteAt = 0): RestApi[] {
  const ids = new Set([...known.values()].map(({ value }) => value.restApiId));
  return [...restApis.values()].filter(
    ({ id, createdAt }) => !ids.has(id) && (createdAt === undefined || createdAt * 1_000 >= lastCompleteAt),
  );
}
