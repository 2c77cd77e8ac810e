/** For tests: certificates and stores, a proxy of HTTP and SOCKS, a TCP connection that can be cut. */
export * from './forward-proxy.ts';
export * from './tcp-proxy.ts';
export * from './tls-fixtures.ts';
