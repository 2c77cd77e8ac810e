/** The broker that the agent brings along, and the data folder that it keeps. */
export * from './data-folder.ts';
export * from './embedded-broker.ts';
export { keptSealingKey } from './sealing-key.ts';
