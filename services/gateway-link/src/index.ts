/** Terminates the APIM WebSocket: commands out to the broker, replies and ingest batches back. */
export { startGatewayLink } from './gateway-link.ts';
export { linkMetrics } from './metrics.ts';
/** For a check of the connection: the very dial of the agent. */
export { clientOptions, dial, exchangeUrl, shownEndpoint } from './channel/dial.ts';
