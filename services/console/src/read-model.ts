/**
 * The read model: what the broker's buckets say, kept up to date by watches. It holds a compact row per stage and the
 * records of targets, jobs and subscriptions; details are read when somebody asks.
 */
import {
  BudgetRecord,
  budgetKey,
  buckets,
  CatalogEntry,
  IngestJob,
  ScanRecord,
  type BucketName,
} from '@federation-agent/contracts';
import { openBucket, type Bucket } from '@federation-agent/broker';
import type { ServiceContext } from '@federation-agent/service-kit';
import type { z } from 'zod';
import type { Ingest, ScanTarget, Topic } from './api/index.ts';
import { createEstate, type Estate } from './model/estate.ts';
import { ingestOf, newestFirst, scanTarget, targetsInOrder } from './model/scans.ts';
import { listingOf } from './model/stage-row.ts';
import { createSubscriptions, ShownRecord, type Subscriptions } from './model/subscriptions.ts';
import { createTopics, type Topics } from './topics.ts';

export interface ReadModel {
  readonly estate: Estate;
  readonly subscriptions: Subscriptions;
  readonly catalog: Bucket<CatalogEntry>;
  readonly topics: Topics;
  targets(): ScanTarget[];
  /** Newest first. */
  jobs(): IngestJob[];
  ingests(): Ingest[];
  /** All records have been told once. */
  loaded(): boolean;
  /** Why records cannot be read now; undefined: they can. */
  trouble(): string | undefined;
  stop(): void;
}

/**
 * Returns at once: the model fills itself, and shows how far it is.
 *
 * @param onTrouble told when `trouble` changes
 */
export async function startReadModel(
  { broker, config, clock }: ServiceContext,
  onTrouble: (reason: string | undefined) => void,
): Promise<ReadModel> {
  const topics = createTopics(clock);
  const estate = createEstate(listingOf(config));
  const subscriptions = createSubscriptions(estate);
  const scans = new Map<string, ScanRecord>();
  const ingests = new Map<string, IngestJob>();
  const budgets = new Map<string, BudgetRecord>();
  const troubles = new Map<BucketName, string>();
  const loading = new Set<BucketName>();
  const stops: (() => void)[] = [];

  const trouble = (): string | undefined => {
    const [first] = troubles;
    return first && `the bucket ${first[0]} cannot be read: ${first[1]}`;
  };
  const watch = async <T>(
    name: BucketName,
    schema: z.ZodType<T>,
    apply: (key: string, value: T | undefined) => void,
    topic: Topic | undefined,
  ): Promise<Bucket<T>> => {
    const bucket = await openBucket(broker, name, schema);
    loading.add(name);
    const watching = bucket.watch(
      undefined,
      ({ key, value }) => {
        apply(key, value);
        if (topic) topics.changed(topic);
      },
      (reason) => {
        if (reason === undefined) troubles.delete(name);
        else troubles.set(name, reason);
        onTrouble(trouble());
        topics.changed('overview');
      },
    );
    void watching.then(() => {
      loading.delete(name);
      topics.changed('overview');
    });
    // A watch that still waits for its bucket ends when the connection is closed.
    stops.push(() => void watching.then((one) => one.stop()));
    return bucket;
  };

  const [catalog] = await Promise.all([
    watch(buckets.catalog, CatalogEntry, estate.apply, 'estate'),
    watch(buckets.scans, ScanRecord, (key, value) => setOrDelete(scans, key, value), 'scans'),
    watch(buckets.ingests, IngestJob, (key, value) => setOrDelete(ingests, key, value), 'ingests'),
    watch(buckets.subscriptions, ShownRecord, subscriptions.apply, 'subscriptions'),
    // Every call of a scan changes a budget: whoever looks at scans sees it with their next change.
    watch(buckets.budget, BudgetRecord, (key, value) => setOrDelete(budgets, key, value), undefined),
  ]);

  return {
    estate,
    subscriptions,
    catalog,
    topics,
    targets: () => {
      const now = clock.now();
      return targetsInOrder([...scans.values()]).map((record) =>
        scanTarget(record, {
          budget: budgets.get(budgetKey(record.account, record.region)),
          now,
          stages: estate.ofTarget(record.integrationId, record.account, record.region),
        }),
      );
    },
    jobs: () => newestFirst([...ingests.values()]),
    ingests: () => newestFirst([...ingests.values()]).map((job) => ingestOf(job, clock.now())),
    loaded: () => loading.size === 0,
    trouble,
    stop: () => {
      for (const stop of stops) stop();
      topics.stop();
    },
  };
}

function setOrDelete<T>(map: Map<string, T>, key: string, value: T | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}
