/** The door for tests: a real broker on a random port, telemetry that can be read. */
export * from './broker.ts';
export * from './broker-users.ts';
export * from './broker-cluster.ts';
export * from './children.ts';
export * from './denied.ts';
export * from './leaf-node.ts';
export * from './telemetry.ts';
export { findNatsServer } from './nats-server.ts';
export * from './eventually.ts';
export * from './old-names.ts';
export * from './proxy.ts';
export * from './quick-clock.ts';
export * from './kubernetes-api.ts';
export * from '../net/testing/forward-proxy.ts';
export * from '../net/testing/fixtures.ts';
