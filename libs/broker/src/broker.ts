/** A connection to the broker, and what belongs to it. */
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { BrokerNames, Limits, Subjects } from '@federation-agent/contracts';
import type { Clock, Telemetry } from '@federation-agent/base';

export interface Broker {
  /** Name of the connection: the agent's instance. */
  readonly name: string;
  readonly nc: NatsConnection;
  /** Calls time out after `limits.brokerCall`. */
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  /** The broker's names of our streams, buckets and durable consumers. */
  readonly names: BrokerNames;
  readonly subjects: Subjects;
  readonly limits: Limits;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  connected(): boolean;
  /** Epoch ms since when there is no connection; undefined while there is one. */
  downSince(): number | undefined;
  /** Milliseconds; broker time = local time + offset. 0 until the first measurement. */
  clockOffset(): number;
  /** Calls the listener after every reconnect; returns a function that stops this. */
  onReconnect(listener: () => void): () => void;
  /** The same when the connection is lost or back, and when the clock was measured. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}
