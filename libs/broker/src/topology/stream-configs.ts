/** Streams and buckets in the form of the JetStream API. All of them are stored on disk. */
import {
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  AckPolicy,
  DeliverPolicy,
  type ConsumerConfig,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { BrokerNames, BucketSpec, ConsumerSpec, StreamSpec } from '@federation-agent/contracts';
import { topologyDescription } from './topology-version.ts';

export type NamedStreamConfig = Partial<StreamConfig> & { readonly name: string };

export function streamConfig(names: BrokerNames, spec: StreamSpec, replicas: number): NamedStreamConfig {
  return {
    name: names.stream(spec.name),
    description: topologyDescription,
    subjects: [...spec.subjects],
    retention: spec.retention === 'workqueue' ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_age: nanos(spec.maxAge),
    max_bytes: spec.maxBytes ?? -1,
    duplicate_window: nanos(spec.duplicateWindow),
    num_replicas: replicas,
  };
}

/** As the KV client makes it, so that `nats kv` can read it; history 1. */
export function bucketConfig(
  names: BrokerNames,
  { name, ttl }: BucketSpec,
  replicas: number,
): NamedStreamConfig {
  return {
    name: names.bucketStream(name),
    description: topologyDescription,
    subjects: [`${names.keys(name)}>`],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    max_age: nanos(ttl),
    max_msgs_per_subject: 1,
    allow_rollup_hdrs: true,
    allow_direct: true,
    num_replicas: replicas,
    // The server refuses the default of 2 min when it is above `max_age`.
    ...(ttl > 0 && { duplicate_window: nanos(Math.min(ttl, 120_000)) }),
  };
}

export function consumerConfig(
  names: BrokerNames,
  spec: ConsumerSpec,
): Partial<ConsumerConfig> & { durable_name: string } {
  return {
    durable_name: names.durable(spec.durable),
    description: topologyDescription,
    filter_subject: spec.filter,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(spec.ackWait),
    // With a limit, the message would stay in the queue and be delivered to nobody. The loop checks the delivery count
    // instead.
    max_deliver: -1,
    max_ack_pending: spec.maxAckPending,
    ...(spec.inactiveThreshold !== undefined && { inactive_threshold: nanos(spec.inactiveThreshold) }),
  };
}
