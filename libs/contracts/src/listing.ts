/** Whether a stage in the catalog is shown to APIM. Pure. */
import type { CatalogEntry } from './catalog.ts';
import type { FilterSubject } from './filter/evaluate.ts';
import type { StageFilter } from './stage-filter.ts';

/**
 * Why APIM is not told of a stage.
 * - `missing`: AWS no longer has it;
 * - `filtered`: `stage`, `include`, `exclude` or `filter` leaves it out;
 * - `no-plan`: no usage plan has it, none had it, and plans are required.
 */
export type HiddenReason = 'missing' | 'filtered' | 'no-plan';

export interface Listing {
  /** Stages without a usage plan are wanted too. */
  readonly acceptApiWithoutUsagePlan: boolean;
  readonly filter: StageFilter;
}

/** Whether stages of this API are wanted only when a usage plan has them. Only a REST API can have plans. */
export function needsPlan(
  { apiType }: Pick<CatalogEntry, 'apiType'>,
  { acceptApiWithoutUsagePlan }: Pick<Listing, 'acceptApiWithoutUsagePlan'>,
): boolean {
  return apiType === undefined && !acceptApiWithoutUsagePlan;
}

/** @returns undefined: it is listed */
export function hiddenReason(
  entry: Pick<CatalogEntry, 'missing' | 'plans' | 'plansSent' | 'stage' | keyof FilterSubject>,
  { acceptApiWithoutUsagePlan, filter }: Listing,
): HiddenReason | undefined {
  if (entry.missing) return 'missing';
  if (!filter(entry)) return 'filtered';
  const hasPlan = entry.plans.length > 0 || entry.plansSent;
  return hasPlan || !needsPlan(entry, { acceptApiWithoutUsagePlan }) ? undefined : 'no-plan';
}
