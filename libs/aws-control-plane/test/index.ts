/** For tests: control planes over a real broker. */
export * from './planes.ts';
