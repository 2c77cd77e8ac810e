import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** `npm test` bundles the packages, see `scripts/test/packages.mjs`. Without that they come from `node_modules`. */
const packages = process.env['FEDERATION_TEST_PACKAGES'];

/** One configuration for all packages; `npm test` picks parts of it by folder. */
export default {
  testEnvironment: '<rootDir>/scripts/test/environment.mjs',
  roots: ['libs', 'services', 'sandbox', 'tests', 'scripts'].map((folder) => `<rootDir>/${folder}`),
  testMatch: ['**/*.test.{ts,mjs}'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
  moduleNameMapper: packages ? JSON.parse(readFileSync(packages, 'utf8')) : {},
  modulePathIgnorePatterns: ['<rootDir>/.tools', '<rootDir>/tests/interop/apim-controller/target'],
  testSequencer: '<rootDir>/scripts/test/sequencer.mjs',
  reporters: ['default', '<rootDir>/scripts/test/counts-reporter.mjs'],
  cacheDirectory: '<rootDir>/.cache/jest', // Not in the machine's /tmp: everything stays inside the checkout.
  maxWorkers: availableParallelism() + 1, // Tests wait for processes and sockets more than they compute.
  testTimeout: 20_000,
  // The default of half a second is short on a busy machine: a worker about to end would count as one that leaks.
  workerGracefulExitTimeout: 10_000,
};
