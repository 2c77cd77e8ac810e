/** Reads the lists of every target anew within a deadline, and tells which could not be read. */
import type { Target, WaitingTarget } from '@federation-agent/aws-control-plane';
import { catalogKeys, type CatalogEntry, type ScanRecord } from '@federation-agent/contracts';
import { changeRecord, HandBackError } from '@federation-agent/broker';
import type { Discovery, Integration } from '../deps.ts';
import { withListsTrouble } from '../scan/claim.ts';
import { sortedByUniqueId, listedInCatalog } from './listed.ts';
import { createLocalWork } from './local-work.ts';
import { readDeadlines } from './read-deadlines.ts';
import { refreshTarget, type RefreshedTarget, type RefreshTargetOptions } from './refresh-target.ts';

export interface RefreshResult<T> {
  /** Everything that is listed now, sorted by unique id. */
  readonly listed: readonly T[];
  /** Targets that cannot be read now; their last good catalog stays. One line each. */
  readonly kept: readonly string[];
  /** Why APIs may be missing: targets never read in full, or not in time. One line each. */
  readonly lacking: readonly string[];
  /** Nothing is known of any target, neither from now nor from an earlier read. */
  readonly blind: boolean;
  /** The targets whose account is known. */
  readonly targets: readonly Target[];
}

export interface RefreshOptions<T> {
  /**
   * Epoch ms: what is not there by then counts as lacking. A target that hangs beside known ones is not waited for that
   * long.
   */
  readonly until: number;
  readonly signal: AbortSignal;
  /** What is wanted of an entry: one process should not hold all full entries. */
  readonly pick: (entry: CatalogEntry) => T;
}

/** @throws BrokerUnavailableError; HandBackError at the signal */
export async function refresh<T extends { readonly uniqueId: string }>(
  discovery: Discovery,
  integration: Integration,
  { until, signal, pick }: RefreshOptions<T>,
): Promise<RefreshResult<T>> {
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
    const deadlines = readDeadlines(all, clock.now(), until, limits);
    const enough = new AbortController();
    const soon = at(deadlines.accounts).finally(() => enough.abort());
    const targets = plane.targets(AbortSignal.any([limit, enough.signal]));
    // When `enough` is aborted, `targets` resolves at once with those that are known.
    const known = await Promise.race([targets, soon.then(() => Promise.race([targets, at(until)]))]);
    const ready = known === 'late' ? [] : known.ready;
    const waiting = known === 'late' ? 'all' : known.waiting;
    const results = await Promise.all(
      ready.map(async (target) => {
        const { account, region } = target;
        const record = all.find((one) => one.account === account && one.region === region);
        const { kept, lacking, listed } = await inTime(discovery, integration, target, {
          late: at(deadlines.of(record)),
          last: at(until),
          limit,
          trouble: record?.listsTrouble,
          pick,
        });
        const named = (reason: string) => `${account}/${region}: ${reason}`;
        return { kept: kept ? [named(kept)] : [], lacking: lacking ? [named(lacking)] : [], listed };
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
    // Leaves out what a target that is no longer configured left behind.
    const isOurs = (entry: CatalogEntry): boolean =>
      configured.has(`${entry.account}/${entry.region}`) || mayBeOf(waiting, entry);
    // When every target was read now, the catalog need not be read once more.
    const now = waiting === 'all' || waiting.length > 0 ? [undefined] : results.map(({ listed }) => listed);
    const found = now.includes(undefined)
      ? await listedInCatalog(discovery, integration, (entry) => (isOurs(entry) ? pick(entry) : undefined))
      : now.flatMap((listed) => listed ?? []);
    return {
      listed: await sortedByUniqueId(found),
      kept: results.flatMap((result) => result.kept),
      lacking,
      targets: ready,
      blind: results.every((result) => result.lacking.length > 0),
    };
  } finally {
    ended.abort();
  }
}

const tooLate = 'not read in time';

/** A waiting target has no account to recognise its entries by, unless the account is configured. */
function mayBeOf(waiting: readonly WaitingTarget[] | 'all', entry: CatalogEntry): boolean {
  return (
    waiting === 'all' ||
    waiting.some(
      ({ account = entry.account, region }) => account === entry.account && region === entry.region,
    )
  );
}

/**
 * The result for one target. A failure is written to its scan record; the text also says since when the target fails.
 */
async function inTime<T>(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  options: Pick<RefreshTargetOptions<T>, 'pick'> & {
    /** From then on AWS is not waited for; what it has already answered is still written. */
    readonly late: Promise<'late'>;
    readonly last: Promise<'late'>;
    readonly limit: AbortSignal;
    readonly trouble: ScanRecord['listsTrouble'];
  },
): Promise<RefreshedTarget<T>> {
  const { late, last, limit, trouble, pick } = options;
  const { scans, clock } = discovery;
  const since = clock.now();
  const over = new AbortController();
  const ours = createLocalWork();
  const signal = AbortSignal.any([limit, over.signal]);
  const reading = refreshTarget(discovery, integration, target, {
    ours,
    signal,
    pick,
  });
  const result = await Promise.race([reading, late.then(() => ours.finished()).then(() => late), last]);
  over.abort();
  const outcome: RefreshedTarget<T> = result === 'late' ? { lacking: tooLate } : result;
  const reason = outcome.kept ?? outcome.lacking;
  if (reason === undefined || limit.aborted) return outcome;
  const key = catalogKeys.scan(integration.settings.integrationId, target.account, target.region);
  // If this fails, the next command waits as long as this one did; nothing else depends on it.
  await changeRecord(scans, key, withListsTrouble(since, reason)).catch(() => undefined);
  const reasonSince = trouble ? `${reason}; so since ${new Date(trouble.since).toISOString()}` : reason;
  return outcome.kept === undefined ? { lacking: reasonSince } : { kept: reasonSince };
}
