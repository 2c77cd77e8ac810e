/** What a scan sees of AWS: the shapes that reading, scope and diff share. */
import type { RestApi, Stage, UsagePlan } from '@federation-agent/aws-control-plane';
import type { CatalogPlan } from '@federation-agent/contracts';

export interface StageName {
  readonly restApiId: string;
  readonly stage: string;
}

/** `<restApiId> <stage>`; neither holds a blank. */
export function stageKey({ restApiId, stage }: StageName): string {
  return `${restApiId} ${stage}`;
}

/** A plan as the lists show it for one stage, not compared with what was known. */
export type SeenPlan = Omit<CatalogPlan, 'sent' | 'detached'>;

/** REST APIs and usage plans, both read in full: the only thing that plan lists are ever made from. */
export interface Lists {
  readonly restApis: ReadonlyMap<string, RestApi>;
  readonly usagePlans: readonly UsagePlan[];
  /** The plans of every stage that one names, by `stageKey`. */
  readonly plans: ReadonlyMap<string, readonly SeenPlan[]>;
  /** Epoch ms when the read began: what changed in AWS since then is not in it. */
  readonly readAt: number;
}

/** What GetStages said of one REST API. `notNow`: AWS as a whole may be away, not only this API. */
export type StagesSeen =
  | { readonly kind: 'read'; readonly stages: ReadonlyMap<string, Stage> }
  | { readonly kind: 'failed'; readonly code: string; readonly reason: string; readonly notNow: boolean }
  | { readonly kind: 'gone' };
