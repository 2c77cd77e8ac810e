/** Metrics of discovery, as data. */
import { countFromZero, type Metrics } from '@federation-agent/base';

export const discoveryMetricSpecs = {
  scans: {
    type: 'counter',
    name: 'federation_discovery_scans_total',
    help: 'Scans of a target by how they ended: completed, incomplete',
    labels: ['integration', 'account', 'region', 'result'],
    zeros: { result: ['completed', 'incomplete'] },
  },
  scanSeconds: {
    type: 'histogram',
    name: 'federation_discovery_scan_seconds',
    help: 'Duration of a scan',
    buckets: [0.5, 1, 5, 15, 60, 300, 900, 3600],
  },
  lastComplete: {
    type: 'gauge',
    name: 'federation_discovery_last_complete_scan_timestamp_seconds',
    help: 'When a target was last read, with all that was due; every replica says the same',
    labels: ['integration', 'account', 'region'],
  },
  scanDue: {
    type: 'gauge',
    name: 'federation_discovery_scan_due_timestamp_seconds',
    help: 'When a target should be read again at the latest, by its schedule; absent when that is off',
    labels: ['integration', 'account', 'region'],
  },
  apis: {
    type: 'gauge',
    name: 'federation_discovery_apis',
    help: 'API stages that are listed for a target, as of its last complete scan; every replica says the same',
    labels: ['integration', 'account', 'region'],
  },
  scanApis: {
    type: 'gauge',
    name: 'federation_discovery_scan_apis',
    help: 'APIs of a target by what its last scan did with their stages: read, quiet (left alone, as they have not changed for long); every replica says the same',
    labels: ['integration', 'account', 'region', 'stages'],
  },
  stageReads: {
    type: 'gauge',
    name: 'federation_discovery_stage_reads_per_day',
    help: 'GetStages that the scans of a target make in a day, as its APIs are now; every replica says the same',
    labels: ['integration', 'account', 'region'],
  },
  exports: {
    type: 'counter',
    name: 'federation_discovery_exports_total',
    help: 'Exports of OpenAPI documents by how they ended: stored, unavailable (AWS cannot export it), gone, failed',
    labels: ['result'],
    zeros: { result: ['stored', 'unavailable', 'gone', 'failed'] },
  },
  changes: {
    type: 'counter',
    name: 'federation_discovery_changes_total',
    help: 'Messages from the queue of changes by what became of them: applied (the catalog has it), irrelevant, foreign (another account or region), unreadable, again (AWS could not be read: it comes again), left to a scan',
    labels: ['integration', 'result'],
    zeros: { result: ['applied', 'irrelevant', 'foreign', 'unreadable', 'again', 'left to a scan'] },
  },
  changeSeconds: {
    type: 'histogram',
    name: 'federation_discovery_change_seconds',
    help: 'Time from a change in AWS, as CloudTrail tells it, until the catalog has it',
    buckets: [1, 2.5, 5, 10, 30, 60, 300, 900, 3600],
  },
  changeReceives: {
    type: 'counter',
    name: 'federation_discovery_change_receives_total',
    help: 'Reads of the queue of changes, with messages or without, by how they ended: ok, failed',
    labels: ['integration', 'result'],
    zeros: { result: ['ok', 'failed'] },
  },
  jobs: {
    type: 'counter',
    name: 'federation_discovery_ingest_jobs_total',
    help: 'Ingest jobs whose last batch was published',
    labels: ['integration'],
  },
  batches: {
    type: 'counter',
    name: 'federation_discovery_ingest_batches_total',
    help: 'Ingest batches that were published, empty ones included',
    labels: ['integration'],
  },
  leftOut: {
    type: 'counter',
    name: 'federation_discovery_ingest_apis_left_out_total',
    help: 'APIs of an ingest job that could not be sent',
    labels: ['integration'],
  },
} as const;

/** A configured integration is counted from zero, before anything happens. */
export function startCounting(metrics: Metrics<typeof discoveryMetricSpecs>, integration: string): void {
  for (const each of ['jobs', 'batches', 'leftOut'] as const) {
    countFromZero(metrics[each], discoveryMetricSpecs[each], { integration });
  }
}
