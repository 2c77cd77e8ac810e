/** One integration: its connection, its commands, its accounts. */
import {
  dashboard,
  figure,
  lines,
  namespaceVariable,
  oneIsGood,
  repliesByResult,
  replyTimes,
  row,
} from './panels.mjs';

const where = 'namespace=~"$namespace", integration="$integration"';

export const integration = dashboard({
  uid: 'federation-agent-integration',
  title: 'Federation agent: one integration',
  description: 'What one integration of APIM sees of the agent.',
  variables: [
    namespaceVariable,
    {
      name: 'integration',
      label: 'Integration',
      query: 'label_values(federation_link_connected{namespace=~"$namespace"}, integration)',
      all: false,
    },
  ],
  panels: [
    figure(
      'Connected',
      { expr: `max(federation_link_connected{${where}})`, legend: 'connected' },
      { defaults: oneIsGood },
    ),
    figure('Links with a channel', { expr: `sum(federation_link_connected{${where}})`, legend: 'links' }),
    figure('Commands waiting', {
      expr: `sum(federation_link_pending_commands{${where}})`,
      legend: 'commands',
    }),
    figure('Stages listed', {
      expr: `sum(max by (account, region) (federation_discovery_apis{${where}}))`,
      legend: 'stages',
    }),
    figure(
      'Oldest complete scan',
      {
        expr: `time() - min(max by (account, region) (federation_discovery_last_complete_scan_timestamp_seconds{${where}} > 0))`,
        legend: 'age',
      },
      { unit: 's' },
    ),
    figure('Accounts and regions', {
      expr: `sum(max by (state) (federation_aws_targets{${where}}))`,
      legend: 'targets',
    }),

    row('Commands'),
    lines('By type and result', repliesByResult(where), { unit: 'reqps' }),
    lines('Time to a reply', replyTimes(where), { unit: 's', description: 'A point is a trace.' }),
    lines('Frames read', [
      {
        expr: `sum by (type) (increase(federation_link_frames_total{${where}}[$__rate_interval]))`,
        legend: '{{type}}',
      },
    ]),
    lines('Dials, and what could not be read', [
      {
        expr: `sum by (result) (increase(federation_link_dials_total{${where}}[$__rate_interval]))`,
        legend: 'dial {{result}}',
      },
      {
        expr: `sum(increase(federation_link_unreadable_frames_total{${where}}[1h]))`,
        legend: 'unreadable frames',
      },
    ]),

    row('Ingest and discovery'),
    lines('Ingest messages and APIs', [
      {
        expr: `sum by (result) (increase(federation_link_ingest_messages_total{${where}}[$__rate_interval]))`,
        legend: 'messages {{result}}',
      },
      {
        expr: `sum(increase(federation_link_ingested_apis_total{${where}}[$__rate_interval]))`,
        legend: 'APIs',
      },
    ]),
    lines('APIs left out', [
      {
        expr: `sum(increase(federation_discovery_ingest_apis_left_out_total{${where}}[1h]))`,
        legend: 'not sent',
      },
      {
        expr: `sum(increase(federation_link_undeliverable_apis_total{${where}}[1h]))`,
        legend: 'not taken by APIM',
      },
    ]),
    lines(
      'Age of the last complete scan',
      [
        {
          expr: `time() - max by (account, region) (federation_discovery_last_complete_scan_timestamp_seconds{${where}} > 0)`,
          legend: '{{account}} {{region}}',
        },
      ],
      { unit: 's' },
    ),
    lines('Scans', [
      {
        expr: `sum by (account, region, result) (increase(federation_discovery_scans_total{${where}}[$__rate_interval]))`,
        legend: '{{account}} {{region}} {{result}}',
      },
    ]),
    lines(
      'REST APIs of the last scan',
      [
        {
          expr: `sum by (stages) (max by (account, region, stages) (federation_discovery_scan_apis{${where}}))`,
          legend: 'stages {{stages}}',
        },
      ],
      { description: 'An API that has not changed for long is quiet: its stages are read less often.' },
    ),
    lines('GetStages of a day', [
      {
        expr: `max by (account, region) (federation_discovery_stage_reads_per_day{${where}})`,
        legend: '{{account}} {{region}}',
      },
    ]),
  ],
});
