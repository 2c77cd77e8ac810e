import { expect, test } from '@jest/globals';
import { lineOf, total } from './counts.mjs';
import { planOf } from './plan.mjs';

test('without arguments: everything', () =>
  expect(planOf([])).toEqual({
    checks: ['types', 'lint', 'format'],
    jest: {
      roots: [],
      args: ['--testPathIgnorePatterns', '/tests/scale/', '/tests/interop/moto/(channel|crashes)'],
    },
    natsServer: true,
    interop: true,
    bundles: true,
  }));

test('everything, with the real controller at hand: our own APIM plays only what it alone can', () => {
  const { jest } = planOf([], true);
  const leftOut = new RegExp(jest?.args.at(-1) ?? '');
  const files = ['channel', 'crashes', 'ingest', 'subscriptions', 'ingest-hostile'];
  const of = (/** @type {string} */ peer) =>
    files.filter((file) => !leftOut.test(`/x/tests/interop/${peer}/${file}.test.ts`));
  expect(of('sandbox')).toEqual(['ingest-hostile']);
  expect(of('controller')).toEqual(files);
});

test('a kind: its folders alone, the rest is for jest', () => {
  const plan = planOf(['e2e', '-t', 'subscribe']);
  expect(plan.jest).toEqual({ roots: ['tests/e2e'], args: ['-t', 'subscribe'] });
  expect(plan.checks).toEqual([]);
});

test('scale: one world at a time, and no part of everything', () =>
  expect(planOf(['scale', '-t', 'x']).jest).toEqual({
    roots: ['tests/scale'],
    args: ['--maxWorkers', '1', '-t', 'x'],
  }));

test('smoke: on the oldest server', () => expect(planOf(['smoke']).natsServer).toBe('oldest'));
test('a check: without jest', () =>
  expect(planOf(['lint'])).toMatchObject({ checks: ['lint'], jest: undefined }));
test('anything else: for jest', () =>
  expect(planOf(['libs/contracts', '--verbose'])).toMatchObject({
    checks: [],
    jest: { roots: [], args: ['libs/contracts', '--verbose'] },
  }));

test('services are bundled where they may be run as processes', () => {
  const bundled = (/** @type {string} */ first) => planOf([first]).bundles;
  expect(['e2e', 'interop', 'scale', 'tests/e2e/trace', '-t'].map(bundled)).not.toContain(false);
  expect(
    ['unit', 'smoke', 'lint', 'scripts/docs', 'libs', 'tests/aws-control-plane'].map(bundled),
  ).not.toContain(true);
});

test('counts are added up and said in one line', () =>
  expect(
    lineOf(
      total([
        { passed: 2, failed: 0, skipped: 1 },
        { passed: 40, failed: 1, skipped: 0 },
      ]),
    ),
  ).toBe('42 passed, 1 failed, 1 skipped'));
