/** Holds the WebSocket to APIM: sends commands to the broker, and replies and ingest batches back. */
export { startGatewayLink } from './gateway-link.ts';
export { linkMetrics } from './metrics.ts';
/** For a check of the connection: the same dial that the agent uses. */
export { clientOptions, dial, exchangeUrl, shownEndpoint } from './channel/dial.ts';
