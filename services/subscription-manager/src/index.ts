/** Turns APIM subscriptions into AWS API keys, crash-safe: docs/subscription-saga.md. */
export { startSubscriptionManager } from './start.ts';
export { subscriptionMetricSpecs } from './metrics.ts';
export { openSaga } from './open-saga.ts';
export type { Saga } from './saga/saga.ts';
