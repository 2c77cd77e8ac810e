/** What the scans know about usage plans. Scans write only complete reads. */
import {
  catalogKeys,
  type CatalogEntry,
  type ScanRecord,
  type SubscriptionRecord,
} from '@federation-agent/contracts';
import { type Bucket, UnreadableRecordError } from '@federation-agent/broker';
import type { Route } from './saga/events.ts';

export interface Plans {
  /** Two complete reads, at least a schedule interval apart, lack the record's plan: its key opens nothing. */
  isGone(record: SubscriptionRecord): Promise<boolean>;
  /** Why the plan takes no new subscription on that API and stage; undefined: it takes one. */
  refusal(integrationId: string, route: Route): Promise<string | undefined>;
}

export interface PlansOptions {
  readonly scans: Bucket<ScanRecord>;
  readonly catalog: Bucket<CatalogEntry>;
}

/** Reads what a scan wrote. An unreadable record counts as an absent one. */
async function find<T>(bucket: Bucket<T>, key: string): Promise<T | undefined> {
  try {
    return (await bucket.get(key))?.value;
  } catch (error) {
    if (error instanceof UnreadableRecordError) return undefined;
    throw error;
  }
}

/** How many complete reads, at least a schedule interval apart, must agree before a plan counts as gone. */
const readsToBelieve = 2;

export function createPlans({ scans, catalog }: PlansOptions): Plans {
  const scanOf = (integrationId: string, { account, region }: Pick<Route, 'account' | 'region'>) =>
    find(scans, catalogKeys.scan(integrationId, account, region));

  return {
    isGone: async (record) => {
      const scan = await scanOf(record.integrationId, record);
      return (scan?.gonePlans[record.usagePlanId]?.reads ?? 0) >= readsToBelieve;
    },
    refusal: async (integrationId, route) => {
      const { usagePlanId, restApiId, stage } = route;
      const [scan, entry] = await Promise.all([
        scanOf(integrationId, route),
        find(catalog, catalogKeys.entry(integrationId, route)),
      ]);
      if (scan?.gonePlans[usagePlanId] && !scan.usagePlans[usagePlanId]) {
        return `the usage plan ${usagePlanId} was deleted in AWS`;
      }
      // A plan that no scan has seen yet is not refused: AWS decides when the key is put into the plan.
      const plan = entry?.plans.find((known) => known.usagePlanId === usagePlanId);
      return plan?.detached
        ? `the usage plan "${plan.name}" (${usagePlanId}) no longer opens the stage ${stage} of the API ${restApiId} in AWS; attach it there again, or subscribe to another plan`
        : undefined;
    },
  };
}
