/**
 * What a scan reads beside the lists and stages, where the configuration asks for it: custom domains and the account's
 * throttle. A read that fails takes nothing away.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  AwsDenied,
  AwsError,
  AwsNotFound,
  isRefused,
  type Target,
  type Throttle,
} from '@federation-agent/aws-control-plane';
import { mapConcurrently } from '@federation-agent/base';
import type { CatalogEntry } from '@federation-agent/contracts';
import { readCatalog, writeEntries } from '../catalog/catalog.ts';
import type { Discovery, Integration } from '../deps.ts';
import type { ErrorSummary } from '../error-advice.ts';
import { addressesByStage, domainKey, nextAddresses, type DomainRead } from '../mapping/addresses.ts';
import { settle, type Decision } from './diff.ts';
import { optIns } from './opt-ins.ts';
import { stageKey } from './seen.ts';

/** Calls under way at once; the budget limits their rate. */
const concurrency = 8;

interface Reading {
  readonly readAt: number;
  readonly stillMine: () => boolean;
  readonly signal: AbortSignal;
}

/**
 * @param hasBeside the catalog has something of it from earlier scans
 * @returns what failed and may pass
 * @throws ClaimLostError; BrokerUnavailableError; AwsCallStopped at the signal
 */
export async function applyBesideLists(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  { readAt, stillMine, signal }: Reading,
  hasBeside: boolean,
): Promise<readonly ErrorSummary[]> {
  const { settings } = integration;
  const { customDomains, accountLimits, integrationId } = settings;
  if (!customDomains && !accountLimits && !hasBeside) return [];
  const throttle = accountLimits
    ? await readThrottle(discovery, integration, target, signal)
    : ('off' as const);
  const sweep = customDomains ? await sweepDomains(discovery, integration, target, signal) : ('off' as const);
  const unread = [sweep, throttle].flatMap((read) => (typeof read === 'object' ? (read.failures ?? []) : []));
  // The catalog of a target is in memory meanwhile. What was read is written even when the scan is about to stop.
  const leave = await discovery.applying.scan.acquire(new AbortController().signal);
  try {
    const known = await readCatalog(discovery, integrationId, target);
    const values = [...known.values()].map(({ value }) => value);
    const next = createNext(sweep, throttle, values);
    const changed = values.filter((entry) => next(entry) !== entry);
    const context = { target, settings, readAt };
    const write = (current: CatalogEntry | undefined): Decision => {
      const after = current && next(current);
      return current && after && after !== current ? settle(current, after, readAt) : { entry: current };
    };
    const written = await writeEntries(discovery, changed, { context, known, stillMine }, write);
    return [...unread, ...written.failures];
  } finally {
    leave?.();
  }
}

interface Sweep {
  readonly read: readonly DomainRead[];
  /** Domains of which nothing is known now. */
  readonly unread: ReadonlySet<string>;
  /** Not even their names are known: every address stays. */
  readonly allUnread: boolean;
  readonly failures: readonly ErrorSummary[];
}

interface ThrottleRead {
  /** Undefined: it could not be read, and stays. */
  readonly limits?: Throttle;
  readonly failures?: readonly ErrorSummary[];
}

/** The entry with what was read; the same object when nothing differs. */
function createNext(
  sweep: Sweep | 'off',
  throttle: ThrottleRead | 'off',
  entries: readonly CatalogEntry[],
): (entry: CatalogEntry) => CatalogEntry {
  const stages = Map.groupBy(entries, ({ restApiId }) => restApiId);
  const stagesOf = (apiId: string): string[] => (stages.get(apiId) ?? []).map(({ stage }) => stage);
  const byStage = sweep === 'off' ? new Map<string, never>() : addressesByStage(sweep.read, stagesOf);
  return (entry) => {
    const { addresses, accountThrottle, ...rest } = entry;
    const before = addresses ?? [];
    const read = byStage.get(stageKey(entry)) ?? [];
    const kept = sweep !== 'off' && sweep.allUnread;
    const after = sweep === 'off' ? [] : kept ? before : nextAddresses(before, read, sweep.unread);
    // An endpoint that is off is left out only where a sweep has looked for others.
    const looked = sweep !== 'off' && (!kept || addresses !== undefined);
    const known = after.length > 0 || (looked && entry.disableExecuteApiEndpoint);
    const limits = throttle === 'off' ? undefined : (throttle.limits ?? accountThrottle);
    const next = {
      ...rest,
      ...(known && { addresses: [...after] }),
      ...(limits && { accountThrottle: limits }),
    };
    return isDeepStrictEqual(entry, next) ? entry : next;
  };
}

async function readThrottle(
  discovery: Discovery,
  { settings: { integrationId } }: Integration,
  target: Target,
  signal: AbortSignal,
): Promise<ThrottleRead> {
  const place = { integrationId, ...target };
  try {
    const limits = await target.reads.accountThrottle('scan', signal);
    discovery.optIns.read(optIns.account, place);
    return { limits };
  } catch (error) {
    if (signal.aborted || !(error instanceof AwsError)) throw error;
    const failure = discovery.optIns.failed(optIns.account, place, error);
    return failure ? { failures: [failure] } : {};
  }
}

/** The names, then one read for each domain: AWS has no list of all mappings. */
async function sweepDomains(
  discovery: Discovery,
  { settings: { integrationId } }: Integration,
  target: Target,
  signal: AbortSignal,
): Promise<Sweep> {
  const place = { integrationId, ...target };
  const failures: ErrorSummary[] = [];
  const unread = new Set<string>();
  const refusal = { seen: false };
  const denied = new Set<string>();
  const failed = (error: unknown): void => {
    if (signal.aborted || !(error instanceof AwsError)) throw error;
    refusal.seen ||= isRefused(error);
    if (error instanceof AwsDenied) denied.add(error.operation);
    const failure = discovery.optIns.failed(optIns.domains, place, error);
    if (failure) failures.push(failure);
  };
  try {
    const names = await target.domains.names('scan', signal);
    const read = await mapConcurrently(
      names,
      concurrency,
      async (domain): Promise<DomainRead | undefined> => {
        // The right is missing, as another domain has just shown: a call for each would only cost.
        if (target.domains.operationsOf(domain).some((operation) => denied.has(operation))) {
          unread.add(domainKey(domain));
          return undefined;
        }
        try {
          const mappings = await target.domains.mappings(domain, 'scan', signal);
          const rules = await target.domains.routingRules(domain, 'scan', signal);
          return { domain, mappings, rules };
        } catch (error) {
          // Deleted since the list was read.
          if (error instanceof AwsNotFound) return undefined;
          unread.add(domainKey(domain));
          failed(error);
          return undefined;
        }
      },
    );
    if (!refusal.seen) discovery.optIns.read(optIns.domains, place);
    return { read: read.filter((one) => one !== undefined), unread, allUnread: false, failures };
  } catch (error) {
    failed(error);
    return { read: [], unread, allUnread: true, failures };
  }
}
