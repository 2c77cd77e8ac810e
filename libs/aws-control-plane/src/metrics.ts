/** The metrics of the AWS side, as data. */
import type { MetricSpecs } from '@federation-agent/base';
import { permissions } from './permissions.ts';

export const awsMetrics = {
  calls: {
    type: 'counter',
    name: 'federation_aws_calls_total',
    help: 'AWS calls sent, by operation and outcome (ok, or the code of the error)',
    labels: ['account', 'region', 'operation', 'outcome'],
    // Operations that somebody waits for; the others start with their first call.
    zeros: {
      operation: Object.keys(permissions),
      outcome: ['ok', 'aws-denied', 'aws-credentials', 'aws-throttled', 'aws-limit-exceeded'],
    },
  },
  callSeconds: {
    type: 'histogram',
    name: 'federation_aws_call_seconds',
    help: 'Duration of one AWS call, without the wait for the budget',
    labels: ['operation'],
    exemplars: true,
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  budgetWaitSeconds: {
    type: 'histogram',
    name: 'federation_aws_budget_wait_seconds',
    help: 'Wait of one AWS call for the shared budget, by priority (scan, command)',
    labels: ['priority'],
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  budgetRate: {
    type: 'gauge',
    name: 'federation_aws_budget_rate',
    help: 'AWS calls per second that the shared budget of an account and region allows now',
    labels: ['account', 'region'],
  },
  budgetConfiguredRate: {
    type: 'gauge',
    name: 'federation_aws_budget_configured_rate',
    help: 'AWS calls per second that are configured for an account and region: what the budget allows without a 429',
    labels: ['account', 'region'],
  },
  budgetConflicts: {
    type: 'counter',
    name: 'federation_aws_budget_conflicts_total',
    help: 'Tokens of the budget that another worker took first',
  },
  targets: {
    type: 'gauge',
    name: 'federation_aws_targets',
    help: 'Configured accounts and regions: ready, or waiting for credentials and the account that STS names',
    labels: ['integration', 'state'],
  },
} as const satisfies MetricSpecs;
