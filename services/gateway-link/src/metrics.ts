/** The metrics of gateway-link, as data; the metrics reference is generated from it. */
import { workerCommands } from '@federation-agent/contracts';
import { countFromZero, type Metrics } from '@federation-agent/base';

const types = Object.keys(workerCommands);

export const linkMetrics = {
  connected: {
    type: 'gauge',
    name: 'federation_link_connected',
    help: '1 while APIM has accepted the HELLO of the integration on a socket of this process',
    labels: ['integration'],
  },
  dials: {
    type: 'counter',
    name: 'federation_link_dials_total',
    help: 'Attempts to connect to APIM, by what became of them: connected, refused, failed',
    labels: ['integration', 'result'],
    zeros: { result: ['connected', 'refused', 'failed'] },
  },
  frames: {
    type: 'counter',
    name: 'federation_link_frames_total',
    help: 'Frames read from APIM, by type',
    labels: ['integration', 'type'],
  },
  unreadable: {
    type: 'counter',
    name: 'federation_link_unreadable_frames_total',
    help: 'Messages from APIM that are not frames: text, broken envelope, broken JSON',
    labels: ['integration'],
  },
  invalidPayloads: {
    type: 'counter',
    name: 'federation_link_invalid_payloads_total',
    help: 'Commands from APIM whose payload fails its schema',
    labels: ['integration', 'type'],
    zeros: { type: types },
  },
  pending: {
    type: 'gauge',
    name: 'federation_link_pending_commands',
    help: 'Commands that wait for their reply',
    labels: ['integration'],
  },
  replies: {
    type: 'counter',
    name: 'federation_link_replies_total',
    help: 'Commands by the reply (SUCCEEDED, ERROR) and its outcome: delivered, unconfirmed, or refused (this process answered ERROR itself, or could write nothing)',
    labels: ['integration', 'type', 'status', 'outcome'],
    zeros: {
      type: types,
      status: ['SUCCEEDED', 'ERROR'],
      outcome: ['delivered', 'unconfirmed', 'refused'],
    },
  },
  commandSeconds: {
    type: 'histogram',
    name: 'federation_link_command_seconds',
    help: 'From the receipt of a command to the outcome of its reply',
    labels: ['integration', 'type'],
    exemplars: true,
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 45, 60],
  },
  ingestMessages: {
    type: 'counter',
    name: 'federation_link_ingest_messages_total',
    help: 'INGEST messages by what APIM said: accepted, refused, unanswered, closed',
    labels: ['integration', 'result'],
    zeros: { result: ['accepted', 'refused', 'unanswered', 'closed'] },
  },
  ingestedApis: {
    type: 'counter',
    name: 'federation_link_ingested_apis_total',
    help: 'APIs in accepted INGEST messages',
    labels: ['integration'],
  },
  undeliverableApis: {
    type: 'counter',
    name: 'federation_link_undeliverable_apis_total',
    help: 'APIs that APIM did not take; each is a dead letter with its reason',
    labels: ['integration'],
  },
} as const;

/** A configured integration is counted from zero, before anything happens. */
export function startCounting(metrics: Metrics<typeof linkMetrics>, integration: string): void {
  metrics.connected.set({ integration }, 0);
  metrics.pending.set({ integration }, 0);
  countFromZero(metrics.dials, linkMetrics.dials, { integration });
  countFromZero(metrics.unreadable, linkMetrics.unreadable, { integration });
  countFromZero(metrics.invalidPayloads, linkMetrics.invalidPayloads, { integration });
  countFromZero(metrics.replies, linkMetrics.replies, { integration });
  countFromZero(metrics.ingestMessages, linkMetrics.ingestMessages, { integration });
  countFromZero(metrics.ingestedApis, linkMetrics.ingestedApis, { integration });
  countFromZero(metrics.undeliverableApis, linkMetrics.undeliverableApis, { integration });
}
