/** The broker that the agent brings along, and the data folder that it keeps. */
export * from './data-folder.ts';
export * from './embedded-broker.ts';
export { loadOrCreateSealingKey } from './sealing-key.ts';
