import type { Random } from './ids.ts';
import type { Region, Seconds } from './store.ts';

/** Object quotas and choices where the real service is not known; all can be changed at runtime. */
export interface Limits {
  /** 500 in AWS; smaller to see several pages of a small landscape. */
  maxPageSize: number;
  /** 10,000 in AWS, for each account and region; not adjustable there. */
  maxApiKeys: number;
  /** 10 in AWS. */
  maxPlansPerKey: number;
  /** 300 in AWS. */
  maxPlans: number;
  /** Whether a plan goes on naming a stage that was deleted. Not known of AWS; both emulators we know keep it. */
  keepDeletedStages: boolean;
}

/** The default quotas of AWS. */
export const AWS_LIMITS: Limits = {
  maxPageSize: 500,
  maxApiKeys: 10_000,
  maxPlansPerKey: 10,
  maxPlans: 300,
  keepDeletedStages: true,
};

/** Where and when a change happens: one account and region, the time, a source of ids. */
export interface Scene {
  readonly region: Region;
  readonly now: Seconds;
  readonly random: Random;
  readonly limits: Limits;
}
