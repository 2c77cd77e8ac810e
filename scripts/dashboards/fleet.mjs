/** All integrations of an installation: connections, commands, AWS, and what waits. */
import {
  dashboard,
  figure,
  lines,
  namespaceVariable,
  noneIsGood,
  oneIsGood,
  repliesByResult,
  replyTimes,
  row,
} from './panels.mjs';

const where = 'namespace=~"$namespace"';

export const fleet = dashboard({
  uid: 'federation-agent-fleet',
  title: 'Federation agent: fleet',
  description: 'All integrations. Each alert of deploy/observability/prometheus/rules has its panel here.',
  variables: [namespaceVariable],
  panels: [
    figure(
      'Integrations connected',
      {
        expr: `sum(max by (namespace, integration) (federation_link_connected{${where}}))`,
        legend: 'connected',
      },
      { defaults: oneIsGood },
    ),
    figure(
      'Integrations away',
      {
        expr: `count(max by (namespace, integration) (federation_link_connected{${where}}) == 0) or vector(0)`,
        legend: 'away',
      },
      { defaults: noneIsGood },
    ),
    figure(
      'Alerts firing',
      {
        expr: 'count(ALERTS{alertname=~"FederationAgent.+", alertstate="firing"}) or vector(0)',
        legend: 'alerts',
      },
      { defaults: noneIsGood },
    ),
    figure(
      'Keys that need a person',
      {
        expr: `max(federation_subscription_unconfirmed{${where}}) + max(federation_subscription_unresolved{${where}})`,
        legend: 'keys',
      },
      { defaults: noneIsGood, description: 'Unconfirmed and unresolved: /_node/subscriptions lists them.' },
    ),
    figure('Subscriptions held', {
      expr: `sum(max by (namespace) (federation_subscription_records{${where}, state="held"}))`,
      legend: 'held',
    }),
    figure('API stages listed', {
      expr: `sum(max by (namespace, integration, account, region) (federation_discovery_apis{${where}}))`,
      legend: 'stages',
    }),

    row('APIM'),
    lines('Connected', [
      { expr: `max by (integration) (federation_link_connected{${where}})`, legend: '{{integration}}' },
    ]),
    lines('Commands by type and result', repliesByResult(where), { unit: 'reqps' }),
    lines('Time to a reply', replyTimes(where), {
      unit: 's',
      description: 'From the receipt of a command to the outcome of its reply; a point is a trace.',
    }),
    lines(
      'Dials',
      [
        {
          expr: `sum by (integration, result) (increase(federation_link_dials_total{${where}}[$__rate_interval]))`,
          legend: '{{integration}} {{result}}',
        },
      ],
      { description: 'Attempts to connect to APIM. A quiet line is a good one.' },
    ),
    lines('Ingest messages', [
      {
        expr: `sum by (integration, result) (increase(federation_link_ingest_messages_total{${where}}[$__rate_interval]))`,
        legend: '{{integration}} {{result}}',
      },
    ]),
    lines('APIs that did not get into APIM', [
      {
        expr: `sum by (integration) (increase(federation_link_undeliverable_apis_total{${where}}[1h])) + sum by (integration) (increase(federation_discovery_ingest_apis_left_out_total{${where}}[1h]))`,
        legend: '{{integration}}',
      },
    ]),

    row('AWS'),
    lines(
      'Calls by operation',
      [
        {
          expr: `sum by (operation) (rate(federation_aws_calls_total{${where}}[$__rate_interval]))`,
          legend: '{{operation}}',
        },
      ],
      { unit: 'reqps' },
    ),
    lines(
      'Calls that failed',
      [
        {
          expr: `sum by (account, region, outcome) (rate(federation_aws_calls_total{${where}, outcome!="ok"}[$__rate_interval]))`,
          legend: '{{account}} {{region}} {{outcome}}',
        },
      ],
      { unit: 'reqps' },
    ),
    lines(
      'Duration of a call',
      [
        {
          expr: `histogram_quantile(0.95, sum by (operation, le) (rate(federation_aws_call_seconds_bucket{${where}}[$__rate_interval])))`,
          legend: '{{operation}} p95',
          exemplars: true,
        },
      ],
      { unit: 's' },
    ),
    lines(
      'Budget: calls per second',
      [
        {
          expr: `min by (account, region) (federation_aws_budget_rate{${where}})`,
          legend: '{{account}} {{region}} now',
        },
        {
          expr: `max by (account, region) (federation_aws_budget_configured_rate{${where}})`,
          legend: '{{account}} {{region}} configured',
        },
      ],
      {
        unit: 'reqps',
        description: 'A 429 halves it for all replicas; it grows again by a tenth every 30 s.',
      },
    ),
    lines(
      'Wait for the budget',
      [
        {
          expr: `histogram_quantile(0.95, sum by (priority, le) (rate(federation_aws_budget_wait_seconds_bucket{${where}}[$__rate_interval])))`,
          legend: '{{priority}} p95',
        },
      ],
      { unit: 's', description: 'Commands reserve ahead; a scan takes what is left.' },
    ),
    lines(
      'Targets without access',
      [
        {
          expr: `max by (integration, state) (federation_aws_targets{${where}})`,
          legend: '{{integration}} {{state}}',
        },
      ],
      { description: 'Configured accounts and regions: ready, or waiting for credentials.' },
    ),

    row('Discovery'),
    lines(
      'Age of the last complete scan',
      [
        {
          expr: `time() - max by (integration, account, region) (federation_discovery_last_complete_scan_timestamp_seconds{${where}} > 0)`,
          legend: '{{integration}} {{account}} {{region}}',
        },
      ],
      { unit: 's' },
    ),
    lines('Scans', [
      {
        expr: `sum by (integration, result) (increase(federation_discovery_scans_total{${where}}[$__rate_interval]))`,
        legend: '{{integration}} {{result}}',
      },
    ]),
    lines('Documents exported', [
      {
        expr: `sum by (result) (increase(federation_discovery_exports_total{${where}}[$__rate_interval]))`,
        legend: '{{result}}',
      },
    ]),
    lines('Stages listed', [
      {
        expr: `max by (integration, account, region) (federation_discovery_apis{${where}})`,
        legend: '{{integration}} {{account}} {{region}}',
      },
    ]),

    row('Subscriptions'),
    lines('By state', [
      { expr: `max by (state) (federation_subscription_records{${where}})`, legend: '{{state}}' },
    ]),
    lines('Keys deleted', [
      {
        expr: `sum by (why) (increase(federation_subscription_deletes_total{${where}}[$__rate_interval]))`,
        legend: '{{why}}',
      },
    ]),
    lines('Changes of records', [
      {
        expr: `sum by (row) (increase(federation_subscription_transitions_total{${where}}[$__rate_interval]))`,
        legend: '{{row}}',
      },
    ]),
    lines('Cases for an operator, failed sweeps', [
      { expr: `sum(increase(federation_subscription_alerts_total{${where}}[1h]))`, legend: 'cases' },
      {
        expr: `sum(increase(federation_subscription_sweep_failures_total{${where}}[1h]))`,
        legend: 'failed sweeps',
      },
    ]),

    row('Broker and processes'),
    lines('Messages that wait', [
      { expr: `max by (consumer) (federation_consumer_pending{${where}})`, legend: '{{consumer}}' },
    ]),
    lines('Deliveries by outcome', [
      {
        expr: `sum by (consumer, outcome) (increase(federation_consumer_deliveries_total{${where}}[$__rate_interval]))`,
        legend: '{{consumer}} {{outcome}}',
      },
    ]),
    lines('Connections to the broker', [
      { expr: `min by (connection) (federation_broker_connected{${where}})`, legend: '{{connection}}' },
    ]),
    lines(
      "The broker's clock minus the host's",
      [{ expr: `federation_broker_clock_offset_seconds{${where}}`, legend: '{{instance}} {{connection}}' }],
      { unit: 's', defaults: { min: null } },
    ),
    lines(
      'Memory',
      [
        {
          expr: `process_resident_memory_bytes and on (instance) federation_build_info{${where}}`,
          legend: '{{instance}}',
        },
      ],
      { unit: 'bytes' },
    ),
    lines(
      'Event loop lag',
      [
        {
          expr: `nodejs_eventloop_lag_p99_seconds and on (instance) federation_build_info{${where}}`,
          legend: '{{instance}}',
        },
      ],
      { unit: 's' },
    ),
    lines('Replicas by version', [
      {
        expr: `sum by (service, version) (federation_build_info{${where}})`,
        legend: '{{service}} {{version}}',
      },
    ]),
  ],
});
