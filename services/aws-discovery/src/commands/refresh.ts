/** Brings the lists of every target up to date, within a deadline, and tells what could not be. */
import type { Target } from '@federation-agent/aws-control-plane';
import { catalogKeys, type CatalogEntry } from '@federation-agent/contracts';
import { describeError } from '@federation-agent/service-kit';
import { applyReading } from '../catalog/apply.ts';
import type { Discovery, Integration } from '../deps.ts';
import { readLists, readStages, type StagesByApi } from '../scan/read.ts';
import { introduced } from '../scan/scan-record.ts';
import { change } from '@federation-agent/service-kit';

export interface Refreshed {
  /** Everything that is listed now, in the order of the unique ids. */
  readonly entries: readonly CatalogEntry[];
  /** Targets whose lists are older than this refresh, one line each. */
  readonly stale: readonly string[];
  /** No target of the integration was ever read in full: nothing at all can be said. */
  readonly blind: boolean;
}

/** @param until epoch ms; what is not there by then is stale */
export async function refresh(
  discovery: Discovery,
  integration: Integration,
  until: number,
  signal: AbortSignal,
): Promise<Refreshed> {
  const { catalog, scans, clock } = discovery;
  const { integrationId } = integration.settings;
  const late = new AbortController();
  const over = clock.sleep(Math.max(0, until - clock.now()), AbortSignal.any([late.signal, signal]));
  const limit = AbortSignal.any([late.signal, signal]);
  try {
    const work = (async (): Promise<string[]> => {
      const { ready, waiting } = await integration.plane.targets(limit);
      const each = ready.map(async (target) => {
        const reason = await refreshTarget(discovery, integration, target, limit);
        return reason === undefined ? [] : [`${target.account}/${target.region}: ${reason}`];
      });
      return [
        ...waiting.map(({ label, reason }) => `${label}: ${reason}`),
        ...(await Promise.all(each)).flat(),
      ];
    })();
    const stale = await Promise.race([work, over.then(() => ['the lists could not be read in time'])]);
    work.catch(() => {
      // It ended after its time: what it says is stale already.
    });
    const listed = await catalog.entries(catalogKeys.ofIntegration(integrationId));
    const records = await scans.entries(catalogKeys.ofIntegration(integrationId));
    return {
      entries: listed
        .map(({ value }) => value)
        .filter((entry) => !entry.missing)
        .toSorted((a, b) => (a.uniqueId < b.uniqueId ? -1 : 1)),
      stale,
      blind: !records.some(({ value }) => value.usagePlansReadAt !== undefined),
    };
  } finally {
    late.abort();
  }
}

/** @returns why the target's entries are those of an earlier read */
async function refreshTarget(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { scans, catalog, clock, limits } = discovery;
  const { settings } = integration;
  const { integrationId, fingerprint } = settings;
  const key = catalogKeys.scan(integrationId, target.account, target.region);
  try {
    const readAt = clock.now();
    const record = await change(scans, key, (current) =>
      introduced(current, { integrationId, ...target }, fingerprint, readAt),
    );
    if (readAt - (record?.value.listsReadAt ?? 0) < limits.listsFresh) return undefined;
    const lists = await readLists(target, 'command', readAt, signal);
    const stages: StagesByApi = settings.acceptApiWithoutUsagePlan
      ? await readStages(
          target,
          await unknownApis(catalog, integrationId, target, lists.restApis.keys()),
          'command',
          signal,
        )
      : new Map();
    await applyReading(discovery, integration, target, { lists, stages }, () => !signal.aborted);
    return signal.aborted ? 'the lists could not be read in time' : undefined;
  } catch (error) {
    return describeError(error);
  }
}

/** APIs of which no stage is known: without a usage plan only GetStages can name one. */
async function unknownApis(
  catalog: Discovery['catalog'],
  integrationId: string,
  { account, region }: Target,
  restApiIds: Iterable<string>,
): Promise<string[]> {
  const known = await catalog.entries(catalogKeys.ofTarget(integrationId, account, region));
  const ids = new Set(known.map(({ value }) => value.restApiId));
  return [...restApiIds].filter((id) => !ids.has(id));
}
