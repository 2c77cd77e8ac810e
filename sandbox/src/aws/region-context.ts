import type { Random } from './ids.ts';
import type { Region, Seconds } from './store.ts';

/** Object quotas, and choices where AWS's behaviour is unknown. All can be changed at runtime. */
export interface Limits {
  /** 500 in AWS; a smaller value gives several pages in a small landscape. */
  maxPageSize: number;
  /** 10,000 in AWS, for each account and region; not adjustable there. */
  maxApiKeys: number;
  /** 10 in AWS. */
  maxPlansPerKey: number;
  /** 300 in AWS. */
  maxPlans: number;
  /** Whether a plan still names a stage after its deletion. Unknown for AWS; both emulators that we know keep it. */
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

/** What a change of one account and region needs: its contents, the time, a source of ids, and the quotas. */
export interface RegionContext {
  readonly region: Region;
  readonly now: Seconds;
  readonly random: Random;
  readonly limits: Limits;
}
