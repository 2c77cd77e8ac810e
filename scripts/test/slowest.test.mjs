import { expect, test } from '@jest/globals';
import { slowest } from './slowest.mjs';

test('the parts and the files that took longest, longest first', () => {
  const times = [
    { file: 'libs/base/src/clock.test.ts', ms: 200 },
    { file: 'libs/base/src/logs/logger.test.ts', ms: 300 },
    { file: 'tests/interop/moto/ingest.test.ts', ms: 61_250 },
    { file: 'tests/interop/moto/crashes.test.ts', ms: 1_000 },
    { file: 'tests/interop/sandbox/ingest.test.ts', ms: 40_000 },
  ];
  expect(slowest(times, 2)).toEqual([
    'slowest parts, all workers together:',
    '   62.3 s  tests/interop/moto',
    '   40.0 s  tests/interop/sandbox',
    'slowest files:',
    '   61.3 s  tests/interop/moto/ingest.test.ts',
    '   40.0 s  tests/interop/sandbox/ingest.test.ts',
  ]);
});
