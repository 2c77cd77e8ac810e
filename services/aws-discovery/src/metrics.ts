/** Metrics of discovery, as data. */
export const discoveryMetricSpecs = {
  scans: {
    type: 'counter',
    name: 'federation_discovery_scans_total',
    help: 'Scans of a target by how they ended',
    labels: ['account', 'region', 'result'],
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
    help: 'When a target was last read in full',
    labels: ['account', 'region'],
  },
  apis: {
    type: 'gauge',
    name: 'federation_discovery_apis',
    help: 'REST API stages that are listed for a target, as of its last scan',
    labels: ['account', 'region'],
  },
  exports: {
    type: 'counter',
    name: 'federation_discovery_exports_total',
    help: 'Exports of OpenAPI documents by how they ended',
    labels: ['result'],
  },
  jobs: {
    type: 'counter',
    name: 'federation_discovery_ingest_jobs_total',
    help: 'Ingest jobs by how they ended',
    labels: ['result'],
  },
  batches: {
    type: 'counter',
    name: 'federation_discovery_ingest_batches_total',
    help: 'Ingest batches that were published, empty ones included',
  },
  leftOut: {
    type: 'counter',
    name: 'federation_discovery_ingest_apis_left_out_total',
    help: 'APIs of an ingest job that could not be sent',
  },
} as const;
