import { runService } from '@federation-agent/service-kit';
import { startGatewayLink } from './gateway-link.ts';

await runService({
  service: 'gateway-link',
  description:
    'Keeps the WebSocket to APIM; passes commands to the workers, and replies and ingest batches back.',
  start: startGatewayLink,
});
