/** What crosses a boundary, as zod schemas. No I/O. */
export * from './exchange/frame.ts';
export * from './exchange/envelope.ts';
export * from './exchange/channel.ts';
export * from './exchange/integration.ts';
export * from './ids.ts';
export * from './limits.ts';
export * from './broker/subjects.ts';
export * from './broker/messages.ts';
export * from './broker/events.ts';
export * from './broker/topology.ts';
export * from './catalog.ts';
export * from './subscription.ts';
export * from './budget.ts';
export * from './config.ts';
export * from './config-check.ts';
export * from './schedule.ts';
