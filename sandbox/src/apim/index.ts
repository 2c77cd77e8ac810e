/** The sandbox APIM. */
export { type SandboxApim, startApim } from './start-apim.ts';
export { type ApimOptions, defaultApimOptions } from './options.ts';
