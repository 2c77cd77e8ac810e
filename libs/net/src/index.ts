/** How connections leave the process: TLS with the configured stores, and through proxies. */
export * from './tls/tls-options.ts';
export { openStore, type OpenStore } from './tls/open-store.ts';
export type { StoreConfig, StoreEntry } from './tls/store.ts';
export { describeTlsError, type TlsErrorContext } from './tls/describe-tls-error.ts';
export { isLoopback } from './loopback.ts';
export * from './proxy/route.ts';
export * from './proxy/proxy-agent.ts';
export { createFetch, type Fetch } from './http/create-fetch.ts';
