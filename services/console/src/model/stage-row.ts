/** A catalog entry as a row of the estate: whether APIM is told of it, and why not. Pure. */
import {
  hiddenReason,
  stageFilter,
  type AgentConfig,
  type CatalogEntry,
  type HiddenReason,
  type Listing,
} from '@federation-agent/contracts';
import type { ListingReason, ListingState, StageRow } from '../api/index.ts';

/** How an integration decides what is listed. An integration that is not configured here lists everything. */
export function listingOf(config: AgentConfig): (integrationId: string) => Listing {
  const known = new Map(
    config.integration.providers.map(({ integrationId, configuration }) => [
      integrationId,
      {
        acceptApiWithoutUsagePlan: configuration.acceptApiWithoutUsagePlan,
        filter: stageFilter(configuration),
      },
    ]),
  );
  const all: Listing = { acceptApiWithoutUsagePlan: true, filter: () => true };
  return (integrationId) => known.get(integrationId) ?? all;
}

/** In words, with what to do. */
export const hiddenTexts: Readonly<Record<HiddenReason, Pick<ListingReason, 'text' | 'fix'>>> = {
  missing: {
    text: 'AWS no longer has this stage',
    fix: 'nothing, if it was deleted; APIM is never told to delete an API: delete it there',
  },
  filtered: {
    text: 'the configuration leaves it out: stage, include, exclude or filter of its integration',
    fix: 'ctl explain says which; change it if APIM should have the stage',
  },
  'no-plan': {
    text: 'no usage plan has this stage, and only stages in a usage plan are listed',
    fix: 'put the stage into a usage plan in AWS, or set acceptApiWithoutUsagePlan',
  },
};

export function stageRow(entry: CatalogEntry, listing: Listing): StageRow {
  const { uniqueId, integrationId, account, region, restApiId, stage, name, version, changedAt } = entry;
  const { apiType, addresses } = entry;
  return {
    uniqueId,
    integrationId,
    account,
    region,
    restApiId,
    stage,
    name,
    version,
    ...(apiType !== undefined && { apiType }),
    ...(addresses && { addresses: addresses.map(({ url }) => url) }),
    changedAt,
    plans: entry.plans.map(({ usagePlanId, name: plan, detached, sent }) => ({
      usagePlanId,
      name: plan,
      detached: detached !== undefined,
      sent,
    })),
    document: entry.document.state,
    ...stateOf(entry, listing),
  };
}

function stateOf(
  entry: CatalogEntry,
  listing: Listing,
): { readonly state: ListingState; readonly reasons: ListingReason[] } {
  const { degraded, exportFailed, missing } = entry;
  const hidden = hiddenReason(entry, listing);
  const reasons: ListingReason[] = [];
  if (hidden !== undefined)
    reasons.push({
      code: hidden,
      ...hiddenTexts[hidden],
      ...(hidden === 'missing' && missing && { since: missing.since }),
    });
  if (degraded)
    reasons.push({
      code: 'degraded',
      text: `its last read failed, and its last good state is shown: ${degraded.reason}`,
      fix: 'the next scan tries again; the doctor says what AWS denies',
      since: degraded.since,
    });
  if (exportFailed)
    reasons.push({
      code: 'export-failed',
      text: `its document could not be exported ${exportFailed.attempts} times, and the last good one is sent: ${exportFailed.reason}`,
      fix: 'export the stage in the AWS console, and see what it says',
      since: exportFailed.lastAt,
    });
  return { state: hidden !== undefined ? 'hidden' : reasons.length > 0 ? 'stale' : 'listed', reasons };
}
