/** What a scan sees of AWS: the shapes that reading, scope and diff share. */
import type { GatewayApi, Stage, UsagePlan } from '@federation-agent/aws-control-plane';
import type { CatalogPlan } from '@federation-agent/contracts';
import type { ErrorSummary } from '../error-advice.ts';

export interface StageName {
  readonly restApiId: string;
  readonly stage: string;
}

/** `<restApiId> <stage>`; neither part has a blank. */
export function stageKey({ restApiId, stage }: StageName): string {
  return `${restApiId} ${stage}`;
}

/** A plan as the lists show it for one stage, not yet compared with the catalog. */
export type SeenPlan = Omit<CatalogPlan, 'sent' | 'detached'>;

/**
 * REST APIs and usage plans, both read in full: plan lists are never made from anything else. And the HTTP and
 * WebSocket APIs, which may have stayed unread.
 */
export interface Lists {
  readonly apis: ReadonlyMap<string, GatewayApi>;
  /** Why HTTP and WebSocket APIs could not be read; what the catalog has of them stays. */
  readonly v2Unread?: V2Unread;
  readonly usagePlans: readonly UsagePlan[];
  /** The plans of every stage that a plan names, by `stageKey`. */
  readonly plans: ReadonlyMap<string, readonly SeenPlan[]>;
  /** Epoch ms when the read began: it lacks what changed in AWS since then. */
  readonly readAt: number;
}

/** `refused`: the policy or this AWS does not have it, and the scan is complete without it. */
export interface V2Unread extends ErrorSummary {
  readonly refused: boolean;
}

/** The answer of GetStages for one REST API. `notNow`: AWS as a whole may be away, not only this API. */
export type StagesSeen =
  | { readonly kind: 'read'; readonly stages: ReadonlyMap<string, Stage> }
  | { readonly kind: 'failed'; readonly code: string; readonly reason: string; readonly notNow: boolean }
  | { readonly kind: 'gone' };
