/** What crosses the HTTP boundary. The pages and ctl import it from here. */
export * from './common.ts';
export * from './session.ts';
export * from './overview.ts';
export * from './estate.ts';
export * from './scans.ts';
export * from './subscriptions.ts';
export * from './reconcile.ts';
export * from './events.ts';
export * from './dead.ts';
export * from './system.ts';
export * from './live.ts';
export * from './routes.ts';
export { csrfHeader, openApiDocument } from './openapi.ts';
