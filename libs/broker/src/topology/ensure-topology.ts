/**
 * Creates what a service owns, at the start and after every reconnect. What is absent is added, what is older than ours
 * is updated, and the same or newer stays. Retention, storage, deliver and ack policy cannot be changed; that needs a
 * new name.
 */
import {
  bucketSpecs,
  streams,
  streamSpecs,
  type ConsumerSpec,
  type ServiceName,
} from '@federation-agent/contracts';
import { millis } from '@nats-io/transport-node';
import { describeError, mapConcurrently } from '@federation-agent/base';
import { BrokerDeniedError, BrokerUnavailableError, dispositionOf, isDenied } from '../errors.ts';
import type { Broker } from '../broker.ts';
import { jetStreamErrorCode, brokerCall } from '../calls.ts';
import { bucketConfig, consumerConfig, streamConfig, type NamedStreamConfig } from './stream-configs.ts';
import { isOlder } from './topology-version.ts';

/** The JetStream error code for a missing stream. */
export const streamNotFound = 10_059;
const consumerNotFound = 10_014;
/** Another process created it meanwhile with other settings: read again. */
const raced = new Set<number | undefined>([10_058, 10_148, 10_013]);
const rereads = 20;
/** Streams looked at or made at once: a cluster elects a leader for each. */
const atOnce = 4;

export interface TopologyOptions {
  readonly replicas: number;
}

/**
 * Tries until it succeeds; resolves only then. Rejects when the connection is closed, when the broker refuses a
 * setting, or with BrokerDeniedError when the user lacks a subject. A different number of `replicas`, or age of EVENTS,
 * is applied to an existing stream at the start, but not at a reconnect: otherwise an agent that still has yesterday's
 * configuration would undo it.
 */
export async function ensureTopology(
  broker: Broker,
  service: ServiceName,
  { replicas }: TopologyOptions,
): Promise<void> {
  const owned = (spec: { readonly owners: readonly ServiceName[] }): boolean => spec.owners.includes(service);
  const configs = [
    ...streamSpecs(broker)
      .filter(owned)
      .map((spec) => streamConfig(broker.names, spec, replicas)),
    ...bucketSpecs(broker.limits)
      .filter(owned)
      .map((spec) => bucketConfig(broker.names, spec, replicas)),
  ];
  const all = async (atStart: boolean): Promise<void> => {
    await mapConcurrently(configs, atOnce, (config) =>
      untilServed(broker, config.name, () => ensureStream(broker, config, atStart)),
    );
  };
  await all(true);
  broker.onReconnect(() => {
    all(false).catch((error: unknown) => {
      broker.telemetry.log.error(
        { err: error },
        'streams and buckets could not be checked after a reconnect; what is missing is made at the next one',
      );
    });
  });
}

/** Like `ensureTopology`, for one durable consumer. @throws BrokerUnavailableError: try again later */
export async function ensureConsumer(broker: Broker, spec: ConsumerSpec): Promise<void> {
  const { jsm, names } = broker;
  const stream = names.stream(spec.stream);
  const config = consumerConfig(names, spec);
  await ensure(`make the consumer ${spec.durable}`, {
    read: async () => (await jsm.consumers.info(stream, config.durable_name)).config,
    absent: consumerNotFound,
    // "create" refuses a consumer that differs; a plain add may overwrite it.
    add: () => jsm.consumers.add(stream, config),
    update: async ({ description }) => {
      if (isOlder(description)) await jsm.consumers.update(stream, config.durable_name, config);
    },
  });
}

async function ensureStream(
  { jsm, names, telemetry }: Broker,
  config: NamedStreamConfig,
  atStart: boolean,
): Promise<void> {
  const { name, num_replicas: replicas = 1, max_age: age = 0 } = config;
  await ensure(`make the stream ${name}`, {
    read: async () => (await jsm.streams.info(name)).config,
    absent: streamNotFound,
    add: () => jsm.streams.add(config),
    update: async (there) => {
      if (isOlder(there.description)) await jsm.streams.update(name, config);
      if (!atStart) return;
      if (name === names.stream(streams.events) && there.max_age !== age) {
        await jsm.streams.update(name, { max_age: age });
        telemetry.log.info(
          { stream: name, from: millis(there.max_age), to: millis(age) },
          'age of events changed',
        );
      }
      if (there.num_replicas === replicas) return;
      await jsm.streams.update(name, { num_replicas: replicas });
      const changed = { stream: name, from: there.num_replicas, to: replicas };
      telemetry.log.info(changed, 'replicas of a stream changed');
    },
  });
}

interface Ensured<There> {
  readonly read: () => Promise<There>;
  /** The error code for "it does not exist". */
  readonly absent: number;
  readonly add: () => Promise<unknown>;
  /** Updates what exists, when it is not as it should be. */
  readonly update: (there: There) => Promise<void>;
}

async function ensure<There>(what: string, { read, absent, add, update }: Ensured<There>): Promise<void> {
  let last: unknown;
  for (let attempt = 0; attempt < rereads; attempt += 1) {
    try {
      await brokerCall(what, async () => {
        const there = await read().catch((error: unknown) => {
          if (jetStreamErrorCode(error) === absent) return null;
          throw error;
        });
        if (there === null) await add();
        else await update(there);
      });
      return;
    } catch (error) {
      if (!raced.has(jetStreamErrorCode(error) ?? -1)) throw error;
      last = error;
    }
  }
  throw new BrokerUnavailableError(`the broker did not ${what}`, last);
}

/** Repeats while the broker says "not now"; logs this the first time. @throws BrokerDeniedError */
export async function untilServed(broker: Broker, name: string, run: () => Promise<void>): Promise<void> {
  let said = false;
  for (;;) {
    try {
      await run();
      return;
    } catch (error) {
      if (isDenied(error)) throw new BrokerDeniedError(`use the stream ${name}`, error);
      if (dispositionOf(error) !== 'retryable' || broker.nc.isClosed()) throw error;
      if (!said) {
        broker.telemetry.log.warn(
          { stream: name, reason: describeError(error) },
          'the broker does not serve this stream yet; trying again',
        );
      }
      said = true;
      await broker.clock.sleep(broker.limits.publishRetry);
    }
  }
}
