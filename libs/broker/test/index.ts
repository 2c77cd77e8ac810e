/** For tests: real brokers, single or several, and data from earlier versions. */
export * from './broker.ts';
export * from './broker-users.ts';
export * from './broker-cluster.ts';
export * from './denied.ts';
export * from './leaf-node.ts';
export { findNatsServer } from './nats-server.ts';
export { freePorts } from './nats-process.ts';
export * from './old-names.ts';
