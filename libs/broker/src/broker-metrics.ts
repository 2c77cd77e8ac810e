/** Metrics of the broker connection, as data. */
import { defineMetrics, type Metrics, type Telemetry } from '@federation-agent/base';

export const brokerMetricSpecs = {
  connected: {
    type: 'gauge',
    name: 'federation_broker_connected',
    help: '1 while there is a connection to the broker',
    labels: ['connection'],
  },
  clockOffset: {
    type: 'gauge',
    name: 'federation_broker_clock_offset_seconds',
    help: "The broker's clock minus this host's",
    labels: ['connection'],
  },
  publishRetries: {
    type: 'counter',
    name: 'federation_broker_publish_retries_total',
    help: 'Publishes that the broker did not acknowledge and that were sent again',
    labels: ['subject'],
  },
  eventsLost: {
    type: 'counter',
    name: 'federation_broker_events_lost_total',
    help: 'Events of the audit trail that the broker did not accept',
    labels: ['kind'],
    zeros: { kind: ['api', 'subscription', 'link', 'scan', 'receipt'] },
  },
  unreadableRecords: {
    type: 'counter',
    name: 'federation_broker_unreadable_records_total',
    help: 'Records in a bucket that could not be read',
    labels: ['bucket'],
  },
  deliveries: {
    type: 'counter',
    name: 'federation_consumer_deliveries_total',
    help: 'Messages delivered to a consumer, by what became of them: ack, nak, nak-later, foreign, dead',
    labels: ['consumer', 'outcome'],
    zeros: { outcome: ['ack', 'nak', 'nak-later', 'foreign', 'dead'] },
  },
  inFlight: {
    type: 'gauge',
    name: 'federation_consumer_in_flight',
    help: 'Messages that are being handled',
    labels: ['consumer'],
  },
  pending: {
    type: 'gauge',
    name: 'federation_consumer_pending',
    help: 'Messages at the broker that wait for a consumer; every replica says the same',
    labels: ['consumer'],
  },
  loopRestarts: {
    type: 'counter',
    name: 'federation_consumer_loop_restarts_total',
    help: 'Times that a consumer loop had to begin again',
    labels: ['consumer'],
  },
  suspects: {
    type: 'counter',
    name: 'federation_consumer_suspects_total',
    help: 'Messages delivered so often that they were marked and run alone',
    labels: ['consumer'],
  },
  commands: {
    type: 'counter',
    name: 'federation_commands_total',
    help: 'Commands by the reply that a worker gave (SUCCEEDED, ERROR) and its outcome',
    labels: ['type', 'status', 'outcome'],
  },
  commandSeconds: {
    type: 'histogram',
    name: 'federation_command_seconds',
    help: 'From the receipt of a command to the outcome of its reply',
    labels: ['type'],
    exemplars: true,
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 45, 60],
  },
} as const;

export function brokerMetrics({ registry }: Telemetry): Metrics<typeof brokerMetricSpecs> {
  return defineMetrics(registry, brokerMetricSpecs);
}
