/**
 * Streams, consumers and buckets as data, with the version that `ensureTopology` compares and the owner that creates
 * each. Durations are milliseconds. Everything is stored on disk: a memory stream is lost at a restart, including its
 * definition (measured).
 */
import { idToken } from '../ids.ts';
import type { Limits } from '../limits.ts';
import { streams, type StreamName } from './streams.ts';
import type { Subjects, WorkerKind } from './subjects.ts';

/** Raise it with any change below: a replica updates what is older than itself and leaves what is newer. */
export const topologyVersion = 1;

export type ServiceName = 'gateway-link' | 'aws-discovery' | 'subscription-manager' | 'console';

export interface StreamSpec {
  readonly name: StreamName;
  readonly subjects: readonly string[];
  readonly retention: 'workqueue' | 'limits';
  readonly maxAge: number;
  readonly maxBytes?: number;
  readonly duplicateWindow: number;
  /** Services that create it at the start. Each needs it, and none can know which one starts first. */
  readonly owners: readonly ServiceName[];
}

const everyone: readonly ServiceName[] = ['gateway-link', 'aws-discovery', 'subscription-manager'];
const gibibyte = 1024 ** 3;

/** What the topology of a namespace depends on; a broker connection has both. */
export interface TopologyInput {
  readonly subjects: Subjects;
  readonly limits: Limits;
}

export function streamSpecs({ subjects, limits }: TopologyInput): readonly StreamSpec[] {
  return [
    {
      name: streams.commands,
      subjects: [subjects.allCommands],
      retention: 'workqueue',
      maxAge: limits.workAge,
      duplicateWindow: limits.duplicateWindow,
      owners: everyone,
    },
    {
      name: streams.ingest,
      subjects: [subjects.allIngest],
      retention: 'workqueue',
      maxAge: limits.workAge,
      duplicateWindow: limits.duplicateWindow,
      owners: ['gateway-link', 'aws-discovery'],
    },
    {
      name: streams.events,
      subjects: [subjects.allEvents],
      retention: 'limits',
      maxAge: limits.eventAge,
      maxBytes: gibibyte,
      duplicateWindow: limits.duplicateWindow,
      owners: everyone,
    },
    {
      name: streams.dead,
      subjects: [subjects.allDead],
      retention: 'limits',
      maxAge: limits.deadAge,
      maxBytes: gibibyte / 4,
      duplicateWindow: limits.deadDuplicateWindow,
      owners: everyone,
    },
  ];
}

/** Names of the buckets in code, logs and metrics. */
export const buckets = {
  /** `<integration>.<account>.<region>.<restApiId>.<stage>` -> CatalogEntry */
  catalog: 'catalog',
  /** `<integration>.<account>.<region>` -> ScanRecord */
  scans: 'scans',
  /** `<ingestJobId>` -> IngestJob */
  ingests: 'ingests',
  /** `<sha256>.<chunk>` -> bytes of an OpenAPI document */
  documents: 'documents',
  /** `<sha256>.<chunk>` -> bytes of a claim check */
  payloads: 'payloads',
  /** `<integration>.<graviteeSubscriptionId>` -> SubscriptionRecord */
  subscriptions: 'subscriptions',
  /** `<commandId>` -> Gate */
  gates: 'gates',
  /** `<account>.<region>` -> BudgetRecord */
  budget: 'budget',
  /** `<stream>.<sequence>` -> Suspect */
  suspects: 'suspects',
} as const;
export type BucketName = (typeof buckets)[keyof typeof buckets];

export interface BucketSpec {
  readonly name: BucketName;
  /** Milliseconds; 0 keeps entries without limit. */
  readonly ttl: number;
  /** Services that create it at the start; each of them reads it. */
  readonly owners: readonly ServiceName[];
  /** Those owners that write to it. */
  readonly writers: readonly ServiceName[];
}

export function bucketSpecs(limits: Limits): readonly BucketSpec[] {
  const workers: readonly ServiceName[] = ['aws-discovery', 'subscription-manager'];
  const gatekeepers: readonly ServiceName[] = ['gateway-link', 'subscription-manager'];
  return [
    { name: buckets.catalog, ttl: 0, owners: workers, writers: ['aws-discovery'] },
    { name: buckets.scans, ttl: 0, owners: workers, writers: ['aws-discovery'] },
    { name: buckets.ingests, ttl: 0, owners: ['aws-discovery'], writers: ['aws-discovery'] },
    { name: buckets.documents, ttl: 0, owners: ['aws-discovery'], writers: ['aws-discovery'] },
    { name: buckets.payloads, ttl: limits.payloadAge, owners: everyone, writers: everyone },
    {
      name: buckets.subscriptions,
      ttl: 0,
      owners: ['subscription-manager'],
      writers: ['subscription-manager'],
    },
    { name: buckets.gates, ttl: 0, owners: gatekeepers, writers: gatekeepers },
    { name: buckets.budget, ttl: 0, owners: workers, writers: workers },
    // The console measures its clock by it.
    {
      name: buckets.suspects,
      ttl: limits.suspectAge,
      owners: [...everyone, 'console'],
      writers: [...everyone, 'console'],
    },
  ];
}

/** Buckets that are not caches; a move to other names copies them. */
export const movedBuckets: readonly BucketName[] = [
  buckets.subscriptions,
  buckets.gates,
  buckets.catalog,
  buckets.scans,
  buckets.ingests,
  buckets.documents,
  buckets.budget,
];

/**
 * A durable pull consumer with explicit acks. `max_deliver` is -1 everywhere, because the pull loop counts deliveries.
 */
export interface ConsumerSpec {
  readonly stream: StreamName;
  /** Its name in logs and metrics; `names.ts` has the broker's name. */
  readonly durable: string;
  readonly filter: string;
  readonly ackWait: number;
  readonly maxAckPending: number;
  /** Milliseconds; the consumer of a removed integration is deleted after this time. */
  readonly inactiveThreshold?: number;
}

/** Shared by the replicas of a worker service. */
export function commandConsumer(kind: WorkerKind, { subjects, limits }: TopologyInput): ConsumerSpec {
  return {
    stream: streams.commands,
    durable: kind,
    filter: subjects.commandsOf(kind),
    ackWait: limits.ackWait,
    maxAckPending: 5_000,
  };
}

/** One batch of an integration at a time, which keeps the order. */
export function ingestConsumer(integrationId: string, { subjects, limits }: TopologyInput): ConsumerSpec {
  return {
    stream: streams.ingest,
    durable: `ingest-${idToken(integrationId)}`,
    filter: subjects.ingest(integrationId),
    ackWait: limits.ackWait,
    maxAckPending: 1,
    inactiveThreshold: limits.workAge,
  };
}

/** Ways to forward the audit trail; each has its own place in the stream. */
export const forwardWays = ['file', 'otlp'] as const;
export type ForwardWay = (typeof forwardWays)[number];

/** One event at a time, by one process, which keeps the order. It has no end: its place survives every restart. */
export function forwardConsumer(way: ForwardWay, { subjects, limits }: TopologyInput): ConsumerSpec {
  return {
    stream: streams.events,
    durable: `forward-${way}`,
    filter: subjects.allEvents,
    ackWait: limits.ackWait,
    maxAckPending: 1,
  };
}
