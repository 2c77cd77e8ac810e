/** How a process of ours runs: life cycle, HTTP server, health, node API. Knows no Gravitee and no AWS. */
export * from './service.ts';
export * from './lifecycle.ts';
export * from './run-process.ts';
export * from './start-service.ts';
export * from './http/health.ts';
export * from './http/node-routes.ts';
export * from './http/server.ts';
export * from './http/server-options.ts';
