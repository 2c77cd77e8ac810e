/** For tests: an installation to examine. */
export * from './installation.ts';
