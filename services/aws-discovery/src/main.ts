import { runService } from '@federation-agent/service-kit';
import { startAwsDiscovery } from './index.ts';

await runService({
  service: 'aws-discovery',
  description:
    'Scans REST APIs, stages and usage plans of Amazon API Gateway; answers DISCOVER and START_INGEST.',
  start: startAwsDiscovery,
});
