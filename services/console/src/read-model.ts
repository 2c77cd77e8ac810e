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
import { BrokerUnavailableError, openBucket, type Broker, type Bucket } from '@federation-agent/broker';
import type { ServiceContext } from '@federation-agent/service-kit';
import type { Clock } from '@federation-agent/base';
import type { z } from 'zod';
import type { Ingest, ScanTarget, Topic } from './api/index.ts';
import { createEstate, type Estate } from './model/estate.ts';
import { ingestOf, newestFirst, scanTarget, targetsInOrder } from './model/scans.ts';
import { listingOf } from './model/stage-row.ts';
import { createSubscriptions, ShownRecord, type Subscriptions } from './model/subscriptions.ts';
import type { Topics } from './topics.ts';

/** A request waits no longer for records; large estates take seconds. */
const mostWaitMs = 20_000;

export interface ReadModel {
  readonly estate: Estate;
  readonly subscriptions: Subscriptions;
  readonly catalog: Bucket<CatalogEntry>;
  targets(): ScanTarget[];
  /** Newest first. */
  jobs(): IngestJob[];
  ingests(): Ingest[];
  /** All records have been told once. */
  loaded(): boolean;
  /**
   * Resolves when each bucket has told its records once, or is not there yet.
   *
   * @throws BrokerUnavailableError when the broker is away before that, or takes too long
   */
  whole(): Promise<void>;
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
  topics: Topics,
  onTrouble: (reason: string | undefined) => void,
): Promise<ReadModel> {
  const estate = createEstate(listingOf(config));
  const subscriptions = createSubscriptions(estate);
  const scans = new Map<string, ScanRecord>();
  const ingests = new Map<string, IngestJob>();
  const budgets = new Map<string, BudgetRecord>();
  const troubles = new Map<BucketName, string>();
  const loading = new Set<BucketName>();
  /** One for each bucket: it has told its records, or is not there yet. */
  const heard: Promise<undefined>[] = [];
  const stopping = new AbortController();

  const trouble = (): string | undefined => {
    const [first] = troubles;
    return first && `the bucket ${first[0]} cannot be read: ${first[1]}`;
  };
  const watch = async <T>(
    name: BucketName,
    schema: z.ZodType<T>,
    apply: (key: string, value: T | undefined) => void,
    topic: Topic,
  ): Promise<Bucket<T>> => {
    const bucket = await openBucket(broker, name, schema);
    const first = Promise.withResolvers<undefined>();
    heard.push(first.promise);
    loading.add(name);
    const watching = bucket.watch(
      undefined,
      ({ key, value }) => {
        apply(key, value);
        // Every call of a scan changes a budget: whoever looks at scans sees it with their next change.
        if (!loading.has(name) && name !== buckets.budget) topics.changed(topic);
      },
      {
        onTrouble: (of) => {
          if (of === undefined) troubles.delete(name);
          else troubles.set(name, of.reason);
          onTrouble(trouble());
          topics.changed('overview');
          // A bucket that is not there yet has no records, and one that is denied is not told.
          if (of?.disposition === 'final') first.resolve(undefined);
        },
        signal: stopping.signal,
      },
    );
    void watching.then(() => {
      if (stopping.signal.aborted) return;
      loading.delete(name);
      first.resolve(undefined);
      // Who was refused while it filled asks again.
      topics.changed('overview');
      topics.changed(topic);
    });
    return bucket;
  };

  const [catalog] = await Promise.all([
    watch(buckets.catalog, CatalogEntry, estate.apply, 'estate'),
    watch(buckets.scans, ScanRecord, (key, value) => setOrDelete(scans, key, value), 'scans'),
    watch(buckets.ingests, IngestJob, (key, value) => setOrDelete(ingests, key, value), 'ingests'),
    watch(buckets.subscriptions, ShownRecord, subscriptions.apply, 'subscriptions'),
    watch(buckets.budget, BudgetRecord, (key, value) => setOrDelete(budgets, key, value), 'scans'),
  ]);

  return {
    estate,
    subscriptions,
    catalog,
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
    whole: async () => {
      if (loading.size === 0) return;
      await withBroker(broker, clock, Promise.all(heard));
    },
    trouble,
    stop: () => {
      stopping.abort();
      onTrouble(undefined);
    },
  };
}

function setOrDelete<T>(map: Map<string, T>, key: string, value: T | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

/** Waits for the work, but not for a broker that is away. @throws BrokerUnavailableError */
async function withBroker(broker: Broker, clock: Clock, work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const away = Promise.withResolvers<never>();
  const refuse = (why: string): void =>
    away.reject(new BrokerUnavailableError(`the records have not been read yet: ${why}`));
  const look = (): void => {
    if (!broker.connected()) refuse('there is no connection to the broker');
  };
  const stopLooking = broker.onChange(look);
  look();
  void clock.sleep(mostWaitMs, over.signal).then(() => refuse('the broker still sends them; try again'));
  try {
    await Promise.race([work, away.promise]);
  } finally {
    stopLooking();
    over.abort();
  }
}
