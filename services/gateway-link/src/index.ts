/** Terminates the APIM WebSocket: commands out to the broker, replies and ingest batches back. */
export { startGatewayLink } from './gateway-link.ts';
export { linkMetrics } from './metrics.ts';
