import { expect, test } from '@jest/globals';
import { costOf } from './costs.mjs';

test('a scenario suite of four lines counts more than the largest file beside the source', () => {
  const suite = costOf('/checkout/tests/interop/moto/crashes.test.ts', 200);
  expect(suite).toBeGreaterThan(costOf('/checkout/libs/contracts/src/a.test.ts', 20_000));
  expect(costOf('/checkout/tests/interop/moto/ingest.test.ts', 200)).toBeGreaterThan(suite);
});
test('beside the source the larger file counts more', () =>
  expect(costOf('/checkout/libs/a.test.ts', 2_000)).toBeGreaterThan(
    costOf('/checkout/libs/b.test.ts', 1_000),
  ));
