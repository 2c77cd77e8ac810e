/** What all our packages are built on. It knows nothing of broker, configuration, Gravitee or AWS. */
export type { Attributes, Span } from '@opentelemetry/api';
export type { Logger } from 'pino';
export { Registry } from 'prom-client';
export * from './yield-to-event-loop.ts';
export * from './clock.ts';
export * from './errors.ts';
export * from './semaphore.ts';
export * from './map-concurrently.ts';
export * from './version.ts';
export * from './telemetry/telemetry.ts';
export * from './telemetry/create.ts';
export * from './telemetry/metrics.ts';
export { openMetrics } from './telemetry/exemplars.ts';
export { logLevels, type LogLevel, type LogLevels } from './telemetry/log-levels.ts';
export { injectTrace } from './telemetry/propagation.ts';
export { createSecrets, type Secrets } from './telemetry/redact.ts';
export { idsInPayload, addWorkAttributes, workAttributes } from './telemetry/work-attributes.ts';
