import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { realLimits } from '@federation-agent/contracts';
import { createGathering } from './gathered.ts';
import type { Change } from './read-change.ts';

const { changePause, changeAge, changesApart } = realLimits;
const old = { kind: 'change', account: '1', region: 'r', domain: false } as const satisfies Change;
const message = (handle: string) => ({ handle, receives: 1 });

test('changes within a second are read together, each API once', () => {
  const gathering = createGathering(realLimits);
  expect(gathering.wait(0)).toBeUndefined();
  gathering.add({ ...old, apiId: 'a' }, message('1'), 10_000);
  gathering.add({ ...old, apiId: 'a' }, message('2'), 10_400);
  gathering.add({ ...old, apiId: 'b', domain: true }, message('3'), 10_900);
  expect(gathering.wait(10_900)).toBe(changePause - 900);
  expect(gathering.wait(10_000 + changePause)).toBe(0);
  expect(gathering.take(11_000)).toEqual({
    apiIds: new Set(['a', 'b']),
    domains: true,
    messages: [message('1'), message('2'), message('3')],
  });
  expect(gathering.wait(11_000)).toBeUndefined();
  expect(gathering.take(11_000)).toEqual({ apiIds: new Set(), domains: false, messages: [] });
});

test('a change that was made just now is read once what it set off has happened', () => {
  const gathering = createGathering(realLimits);
  gathering.add({ ...old, madeAt: 10_000 }, message('1'), 10_100);
  expect(gathering.wait(10_100)).toBe(changeAge - 100);
});

test('a wrong clock does not hold up a change', () => {
  const gathering = createGathering(realLimits);
  gathering.add({ ...old, madeAt: 1e15 }, message('1'), 10_000);
  expect(gathering.wait(10_000)).toBe(changeAge);
});

test('two reads begin apart, and a steady stream of changes does not put off a read', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 50, maxLength: 200 }), (gaps) => {
      const gathering = createGathering(realLimits);
      const begun: number[] = [];
      let now = 1_000_000;
      let oldest: number | undefined;
      const readIfDue = () => {
        if (gathering.wait(now) !== 0) return;
        begun.push(now);
        gathering.take(now);
        expect(now - (oldest ?? now)).toBeLessThanOrEqual(changesApart);
        oldest = undefined;
      };
      for (const gap of gaps) {
        gathering.add({ ...old, madeAt: now }, message(String(now)), now);
        oldest ??= now;
        for (let passed = 0; passed < gap; passed += 1) {
          readIfDue();
          now += 1;
        }
      }
      for (const [index, at] of begun.entries())
        if (index > 0) expect(at - (begun[index - 1] ?? 0)).toBeGreaterThanOrEqual(changesApart);
    }),
    { numRuns: 20 },
  );
});

test('a flood is not kept: what is too much comes again', () => {
  const gathering = createGathering(realLimits);
  for (let n = 0; n < 5_000; n += 1) gathering.add({ ...old, apiId: `a${n}` }, message(`${n}`), 0);
  const { messages, apiIds } = gathering.take(0);
  expect([messages.length, apiIds.size]).toEqual([1_000, 1_000]);
});
