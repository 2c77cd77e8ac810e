/** The broker that the agent includes, and the agent's data folder. */
export * from './data-folder.ts';
export * from './embedded-broker.ts';
export { loadOrCreateSealingKey } from './sealing-key.ts';
