/** For tests: telemetry that can be read, time that passes at once, waiting, children that do not outlive a test. */
export * from './children.ts';
export * from './eventually.ts';
export * from './hand-clock.ts';
export * from './quick-clock.ts';
export * from './telemetry.ts';
