/** How our processes run: life cycle, HTTP server, health, node API. It knows nothing of Gravitee or AWS. */
export * from './service.ts';
export * from './lifecycle.ts';
export * from './run-process.ts';
export * from './start-service.ts';
export * from './http/health.ts';
export * from './http/node-routes.ts';
export * from './http/server.ts';
export { createAuthenticator, type AuthenticationResult } from './http/basic-auth.ts';
export { createFailedLogins, type FailedLogins } from './http/failed-logins.ts';
export { createServer } from './http/create-server.ts';
export { answerErrors, sendError } from './http/json-errors.ts';
export * from './http/server-options.ts';
