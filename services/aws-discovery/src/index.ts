/** Keeps the catalog of what AWS has, and answers DISCOVER and START_INGEST from it. */
export { startAwsDiscovery } from './start.ts';
export { discoveryMetricSpecs } from './metrics.ts';
