/** Brings the lists of every target up to date, within a deadline, and tells what could not be. */
import { AwsError, type RestApi, type Target, type WaitingTarget } from '@federation-agent/aws-control-plane';
import { catalogKeys, type CatalogEntry, type ScanRecord } from '@federation-agent/contracts';
import {
  breathe,
  change,
  describeError,
  HandBackError,
  UnreadableRecordError,
} from '@federation-agent/service-kit';
import type { Discovery, Integration } from '../deps.ts';
import { applyStages, refreshLists } from '../scan/apply.ts';
import { asksForAll, introduced, requested, requestedAll, troubled } from '../scan/claim.ts';
import { inLanes } from '../scan/lanes.ts';
import { readStages } from '../scan/read.ts';
import { isListed } from '../scan/scope.ts';
import type { Lists } from '../scan/seen.ts';
import { createOwnWork, type OwnWork } from './own-work.ts';
import { patienceOf } from './patience.ts';

export interface Refreshed<T> {
  /** Everything that is listed now, in the order of the unique ids. */
  readonly listed: readonly T[];
  /** Targets that could not be read now; their last good catalog stands. One line each. */
  readonly kept: readonly string[];
  /** What may lack APIs: targets never read in full, or not in time. One line each. */
  readonly lacking: readonly string[];
  /** No target answers for itself, neither now nor from an earlier read. */
  readonly blind: boolean;
}

type OfTarget = { readonly kept?: string; readonly lacking?: string };

export interface Refreshing<T> {
  /** Epoch ms; what is not there by then is lacking, and what hangs beside targets that are known is not waited for. */
  readonly until: number;
  readonly signal: AbortSignal;
  /** What is wanted of an entry: all of them in full are more than one process should hold. */
  readonly pick: (entry: CatalogEntry) => T;
  /** False: who asks reads the stages that matter itself, and asks for no scan of them. */
  readonly asksForStages?: boolean;
}

/** @throws BrokerUnavailableError; HandBackError at the signal */
export async function refresh<T extends { readonly uniqueId: string }>(
  discovery: Discovery,
  integration: Integration,
  { until, signal, pick, asksForStages = true }: Refreshing<T>,
): Promise<Refreshed<T>> {
  const { scans, clock, limits } = discovery;
  const { settings, plane } = integration;
  const ended = new AbortController();
  const limit = AbortSignal.any([ended.signal, signal]);
  const at = async (time: number): Promise<'late'> => {
    await clock.sleep(Math.max(0, time - clock.now()), limit);
    return 'late';
  };
  try {
    const records = await scans.entries(catalogKeys.ofIntegration(settings.integrationId));
    const all = records.map(({ value }) => value);
    const patience = patienceOf(all, clock.now(), until, limits);
    const enough = new AbortController();
    const soon = at(patience.accounts).finally(() => enough.abort());
    const targets = plane.targets(AbortSignal.any([limit, enough.signal]));
    // Told that it is enough, it answers at once with those that are known.
    const known = await Promise.race([targets, soon.then(() => Promise.race([targets, at(until)]))]);
    const ready = known === 'late' ? [] : known.ready;
    const waiting = known === 'late' ? 'all' : known.waiting;
    const results = await Promise.all(
      ready.map(async (target) => {
        const { account, region } = target;
        const record = all.find((one) => one.account === account && one.region === region);
        const { kept, lacking } = await inTime(discovery, integration, target, {
          late: at(patience.of(record)),
          last: at(until),
          limit,
          trouble: record?.listsTrouble,
          asksForStages,
        });
        const named = (reason: string) => `${account}/${region}: ${reason}`;
        return { kept: kept ? [named(kept)] : [], lacking: lacking ? [named(lacking)] : [] };
      }),
    );
    if (signal.aborted) throw new HandBackError();
    const configured = new Set(ready.map(({ account, region }) => `${account}/${region}`));
    const lacking = [
      ...(waiting === 'all'
        ? plane.labels().map((label) => `${label}: its account was ${tooLate}`)
        : waiting.map(({ label, reason }) => `${label}: ${reason}`)),
      ...results.flatMap((result) => result.lacking),
    ];
    // Not what a target left behind that is no longer configured.
    const isOurs = (entry: CatalogEntry): boolean =>
      configured.has(`${entry.account}/${entry.region}`) || mayBeOf(waiting, entry);
    return {
      listed: await listedIn(discovery, integration, (entry) => (isOurs(entry) ? pick(entry) : undefined)),
      kept: results.flatMap((result) => result.kept),
      lacking,
      blind: results.every((result) => result.lacking.length > 0),
    };
  } finally {
    ended.abort();
  }
}

/** In the order of the unique ids; sorted in parts, as 100,000 at once would keep everything else waiting. */
async function listedIn<T extends { readonly uniqueId: string }>(
  { catalog }: Discovery,
  { settings }: Integration,
  pick: (entry: CatalogEntry) => T | undefined,
): Promise<T[]> {
  // Only what `select` answers: an entry that is written during the pass is picked again.
  const all = await catalog.select(catalogKeys.ofIntegration(settings.integrationId), ({ value }) => {
    const picked = isListed(value, settings) ? pick(value) : undefined;
    // Of a target a 36th: the ids of REST APIs begin with any letter or digit.
    const behind = `${value.restApiId.slice(1)}:${value.stage}`.length;
    return picked && { picked, part: picked.uniqueId.slice(0, picked.uniqueId.length - behind) };
  });
  const parts = new Map<string, T[]>();
  for (const { picked, part } of all) {
    const others = parts.get(part);
    if (others) others.push(picked);
    else parts.set(part, [picked]);
  }
  const listed: T[] = [];
  for (const name of [...parts.keys()].toSorted()) {
    const part = parts.get(name) ?? [];
    listed.push(...part.toSorted((a, b) => (a.uniqueId < b.uniqueId ? -1 : 1)));
    await breathe();
  }
  return listed;
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

/** What came of a target, which is remembered when nothing did; with it since when that is so. */
async function inTime(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  options: {
    /** AWS is not waited for any longer; what it has answered is written still. */
    readonly late: Promise<'late'>;
    readonly last: Promise<'late'>;
    readonly limit: AbortSignal;
    readonly trouble: ScanRecord['listsTrouble'];
    readonly asksForStages: boolean;
  },
): Promise<OfTarget> {
  const { late, last, limit, trouble, asksForStages } = options;
  const { scans, clock } = discovery;
  const since = clock.now();
  const over = new AbortController();
  const ours = createOwnWork();
  const signal = AbortSignal.any([limit, over.signal]);
  const reading = refreshTarget(discovery, integration, target, { ours, signal, asksForStages });
  const result = await Promise.race([reading, late.then(() => ours.over()).then(() => late), last]);
  over.abort();
  const outcome: OfTarget = result === 'late' ? { lacking: tooLate } : result;
  const reason = outcome.kept ?? outcome.lacking;
  if (reason === undefined || limit.aborted) return outcome;
  const key = catalogKeys.scan(integration.settings.integrationId, target.account, target.region);
  // Without it the next command waits as long as this one; nothing else hangs on it.
  await change(scans, key, troubled(since, reason)).catch(() => undefined);
  const told = trouble ? `${reason}; so since ${new Date(trouble.since).toISOString()}` : reason;
  return outcome.kept === undefined ? { lacking: told } : { kept: told };
}

async function refreshTarget(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  options: { readonly ours: OwnWork; readonly signal: AbortSignal; readonly asksForStages: boolean },
): Promise<OfTarget> {
  const { ours, signal, asksForStages } = options;
  const { scans, clock, limits } = discovery;
  const { integrationId, acceptApiWithoutUsagePlan, fingerprint, schedule } = integration.settings;
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
    // Whoever looks wants to see what is: also the APIs that scans read seldom. This answer does not wait for it.
    if (asksForStages && before && asksForAll(before, schedule, readAt))
      await change(scans, key, (now) =>
        now && asksForAll(now, schedule, readAt) ? requestedAll(readAt)(now) : undefined,
      );
    const age = readAt - (before?.listsReadAt ?? 0);
    const stagesNeeded = acceptApiWithoutUsagePlan && before?.lastCompleteAt === undefined;
    if (age >= 0 && age < limits.listsFresh && !stagesNeeded) return {};
    const reading = { priority: 'command', readAt, signal, onRead: ours.begins } as const;
    const { entries, lists } = await refreshLists(discovery, integration, target, reading);
    // What is new is verified and exported by a scan, at best before somebody ingests it.
    if (entries.some(({ firstSeenAt }) => firstSeenAt === lists.readAt))
      await change(scans, key, requested(readAt));
    ours.ends();
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
  const { integrationId, mayPass } = integration.settings;
  const known = await discovery.catalog.select(
    catalogKeys.ofTarget(integrationId, target.account, target.region),
    ({ value }) => value.restApiId,
  );
  const fresh = newApis(lists, new Set(known), record?.lastCompleteAt).filter(mayPass);
  const failures = await inLanes(fresh, 8, async ({ id: restApiId }) => {
    const stages = await readStages(target, restApiId, 'command', signal);
    await applyStages(discovery, integration, target, { lists, restApiId, stages }, new Map());
    return stages.kind === 'failed' ? [`stages of ${restApiId}: ${stages.reason}`] : [];
  });
  const [reason] = failures.flat();
  return reason === undefined ? {} : { lacking: reason };
}

function newApis({ restApis }: Lists, known: ReadonlySet<string>, lastCompleteAt = 0): RestApi[] {
  return [...restApis.values()].filter(
    ({ id, createdAt }) => !known.has(id) && (createdAt === undefined || createdAt * 1_000 >= lastCompleteAt),
  );
}
