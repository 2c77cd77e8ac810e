/** The three services in one process. */
export { startStandalone } from './standalone.ts';
