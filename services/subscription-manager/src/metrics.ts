/** Metrics of subscriptions, as data. */
import { defineMetrics, type Metrics, type Registry } from '@federation-agent/base';

export const subscriptionMetricSpecs = {
  records: {
    type: 'gauge',
    name: 'federation_subscription_records',
    help: 'Subscription records by state, as of the last sweep',
    labels: ['state'],
  },
  unconfirmed: {
    type: 'gauge',
    name: 'federation_subscription_unconfirmed',
    help: 'Keys that are kept although nobody knows whether APIM holds them',
  },
  unresolved: {
    type: 'gauge',
    name: 'federation_subscription_unresolved',
    help: 'Keys whose id is unknown: an operator must delete them by name',
  },
  transitions: {
    type: 'counter',
    name: 'federation_subscription_transitions_total',
    help: 'Changes of subscription records by the row of the table that decided',
    labels: ['row'],
  },
  creatingCalls: {
    type: 'counter',
    name: 'federation_subscription_creating_calls_total',
    help: 'CreateApiKey and ImportApiKeys calls by how they ended',
    labels: ['call', 'answer'],
    zeros: {
      call: ['create', 'import'],
      answer: ['id', 'conflict', 'denied', 'refused', 'not-executed', 'lost', 'unreadable'],
    },
  },
  deletes: {
    type: 'counter',
    name: 'federation_subscription_deletes_total',
    help: 'API keys deleted, or found gone, by the reason',
    labels: ['why'],
    zeros: { why: ['life over', 'purge', 'stray', 'named', 'orphan'] },
  },
  gatesShut: {
    type: 'counter',
    name: 'federation_subscription_gates_shut_total',
    help: 'Gates that the sweeper shut: the reply of that SUBSCRIBE was never written',
  },
  alerts: {
    type: 'counter',
    name: 'federation_subscription_alerts_total',
    help: 'Cases that need an operator',
  },
  sweepFailures: {
    type: 'counter',
    name: 'federation_subscription_sweep_failures_total',
    help: 'Records that a sweep could not drive; it tries again',
  },
  sweepSeconds: {
    type: 'histogram',
    name: 'federation_subscription_sweep_seconds',
    help: 'Duration of a sweep over all records',
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60],
  },
} as const;

export type SubscriptionMetrics = Metrics<typeof subscriptionMetricSpecs>;

export function subscriptionMetrics(registry: Registry): SubscriptionMetrics {
  return defineMetrics(registry, subscriptionMetricSpecs);
}
