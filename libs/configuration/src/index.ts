/** The configuration: turns files, environment and secrets into one checked value, and reports on it. */
export * from './load.ts';
export { loadHttpConfig } from './load-http.ts';
export type { LiveConfig } from './live.ts';
export { readArguments } from './sources/arguments.ts';
export * from './description/describe.ts';
export { effectiveText, type EffectiveValue } from './description/effective.ts';
export { helpText } from './description/help.ts';
export * from './description/json-schema.ts';
export * from './description/reference.ts';
