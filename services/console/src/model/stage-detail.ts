/** All that is known of one stage. Pure. */
import type { CatalogEntry, CatalogPlan, IngestJob, PlanLimits } from '@federation-agent/contracts';
import type { PlanDetail, StageDetail, StageRow } from '../api/index.ts';

export function stageDetail(
  row: StageRow,
  entry: CatalogEntry,
  more: { readonly told: StageDetail['told']; readonly subscriptions: Readonly<Record<string, number>> },
): StageDetail {
  const { description, tags, endpointTypes, invokeUrl, apiKeySource, deploymentId, firstSeenAt } = entry;
  return {
    ...row,
    plans: entry.plans.map(planDetail),
    description,
    tags,
    endpointTypes,
    invokeUrl,
    ...(apiKeySource !== undefined && { apiKeySource }),
    ...(deploymentId !== undefined && { deploymentId }),
    firstSeenAt,
    documentDetail: documentOf(entry),
    ...(more.told && { told: more.told }),
    subscriptions: more.subscriptions,
  };
}

function documentOf({ document, exportFailed }: CatalogEntry): StageDetail['documentDetail'] {
  const failed = exportFailed && { reason: exportFailed.reason };
  switch (document.state) {
    case 'pending':
      return { state: 'pending', ...failed };
    case 'stored':
      return { state: 'stored', exportedAt: document.exportedAt, bytes: document.ref.bytes, ...failed };
    case 'unavailable':
      return { state: 'unavailable', exportedAt: document.exportedAt, reason: document.reason };
  }
}

function planDetail({ usagePlanId, name, description, limits, detached, sent }: CatalogPlan): PlanDetail {
  return {
    usagePlanId,
    name,
    description,
    limits: limitsInWords(limits),
    detached: detached !== undefined,
    sent,
    ...(detached && { detachedSince: detached.since }),
  };
}

function limitsInWords({ rateLimit, burstLimit, quota }: PlanLimits): string[] {
  return [
    ...(rateLimit === undefined ? [] : [`${rateLimit} requests per second`]),
    ...(burstLimit === undefined ? [] : [`bursts of ${burstLimit} requests`]),
    ...(quota === undefined ? [] : [`${quota.limit} requests per ${quota.period.toLowerCase()}`]),
  ];
}

/**
 * What an ingest job has to say of a stage; undefined: it is not in the job.
 *
 * @param items of the job, in their order
 */
export function toldBy(job: IngestJob, items: readonly string[], uniqueId: string): StageDetail['told'] {
  const place = items.indexOf(uniqueId);
  if (place < 0) return undefined;
  const { ingestJobId, state, nextItem, lastBatchAt, createdAt } = job;
  return {
    ingestJobId,
    at: lastBatchAt ?? createdAt,
    state: state === 'refused' ? 'refused' : state === 'done' || place < nextItem ? 'sent' : 'waiting',
  };
}
