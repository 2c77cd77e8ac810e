import { expect, test } from '@jest/globals';
import { lineOf, total } from './counts.mjs';
import { planOf } from './plan.mjs';
import { canRunController } from './tools.mjs';

test('without arguments: everything', () =>
  expect(planOf([])).toEqual({
    checks: ['types', 'lint', 'format'],
    jest: {
      roots: [],
      args: [
        '--testPathIgnorePatterns',
        '/tests/scale/',
        '/tests/console/',
        '/tests/interop/(controller|moto)/',
      ],
    },
    natsServer: true,
    interop: true,
    bundles: true,
  }));

test.each([true, false])('everything plays each theme once; real controller at hand: %s', (atHand) => {
  const leftOut = planOf([], atHand).jest?.args.slice(1) ?? [];
  const themes = ['channel', 'crashes', 'ingest', 'reach', 'subscriptions'];
  const of = (/** @type {string} */ pair) =>
    [...themes, 'ingest-hostile'].filter((theme) =>
      leftOut.every((one) => !new RegExp(one).test(`/x/tests/interop/${pair}/${theme}.test.ts`)),
    );
  expect(of('controller')).toEqual(atHand ? [...themes, 'ingest-hostile'] : []);
  expect(of('sandbox')).toEqual(atHand ? ['ingest-hostile'] : [...themes, 'ingest-hostile']);
  expect(of('moto')).toEqual([]);
});

test('the controller needs Maven and JDK 17', () => {
  const can = (/** @type {string | undefined} */ jdk, /** @type {string | undefined} */ maven) =>
    canRunController([
      { name: 'JDK', version: jdk },
      { name: 'Maven', version: maven },
    ]);
  expect([can('17.0.15', '3.8.7'), can('21.0.1', '3.9.0')]).toEqual([true, true]);
  expect([can('11.0.2', '3.8.7'), can(undefined, '3.8.7'), can('17.0.1', undefined)]).not.toContain(true);
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
