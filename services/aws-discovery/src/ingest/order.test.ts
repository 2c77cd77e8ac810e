import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { roundRobinByTarget } from './order.ts';

test('one of each target, and again', () => {
  const ids = ['1:eu:a:prod', '1:eu:b:prod', '1:eu:c:prod', '1:us:a:prod', '2:eu:a:dev', '2:eu:b:dev'];
  expect(roundRobinByTarget(ids)).toEqual([
    '1:eu:a:prod',
    '1:us:a:prod',
    '2:eu:a:dev',
    '1:eu:b:prod',
    '2:eu:b:dev',
    '1:eu:c:prod',
  ]);
});

test('none is lost or sent twice, and those of a target keep their order', () => {
  const id = fc.tuple(fc.constantFrom('1', '2'), fc.constantFrom('eu', 'us'), fc.string());
  fc.assert(
    fc.property(
      fc.uniqueArray(id.map(([account, region, api]) => `${account}:${region}:${api}:prod`)),
      (ids) => {
        const ordered = roundRobinByTarget(ids);
        expect(ordered.toSorted()).toEqual(ids.toSorted());
        const of = (all: readonly string[]) => all.filter((one) => one.startsWith('1:eu:'));
        expect(of(ordered)).toEqual(of(ids));
      },
    ),
  );
});
