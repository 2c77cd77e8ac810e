import { describe, expect, test } from '@jest/globals';
import type { BudgetRecord } from '@federation-agent/contracts';
import fc from 'fast-check';
import {
  type SlotRequest,
  type KeyCall,
  currentBudget,
  slowDown,
  takeSlot,
  type BudgetConfig,
} from './budget-step.ts';

const config: BudgetConfig = { rate: 5, burst: 5, recovery: 30_000 };
const start = 1_700_000_000_000;

/** Takes as many slots as there are at `now`. */
function takeAll(
  record: BudgetRecord | undefined,
  now: number,
  ask: SlotRequest = { keys: undefined, ahead: 0 },
) {
  const grants: number[] = [];
  let current = record;
  for (;;) {
    const step = takeSlot(current, now, config, ask);
    if (!step.granted) return { grants, record: current, until: step.until };
    grants.push(step.at);
    current = step.record;
  }
}

/** The highest number of `times` in any closed window. */
function most(times: readonly number[], window: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.max(
    0,
    ...sorted.map((from, index) => sorted.slice(index).filter((at) => at <= from + window).length),
  );
}

describe('a slot', () => {
  test('a full bucket gives the burst at once, then one per interval', () => {
    const first = takeAll(undefined, start);
    expect(first.grants).toEqual([start, start, start, start, start]);
    expect(first.until).toBeCloseTo(start + 200, 3);
    expect(takeAll(first.record, start + 200).grants).toHaveLength(1);
    expect(takeAll(first.record, start + 60_000).grants).toHaveLength(5);
  });

  test('a scan takes only what is due; a command reserves ahead, and the scan then waits behind it', () => {
    const { record } = takeAll(undefined, start);
    const command = takeSlot(record, start, config, { keys: undefined, ahead: 5_000 });
    expect(command).toMatchObject({ granted: true, at: start + 200 });
    const scan = takeSlot(command.record, start + 200, config, { keys: undefined, ahead: 0 });
    expect(scan.granted).toBe(false);
    const many = takeAll(undefined, start, { keys: undefined, ahead: 5_000 });
    expect(many.grants).toHaveLength(5 + 25);
    expect(Math.max(...many.grants) - start).toBeLessThanOrEqual(5_000);
  });

  test('keys take a second token, of 4.9 a second', () => {
    const keys = takeAll(undefined, start, { keys: 'create', ahead: 1_000 });
    expect(keys.grants.map((at) => Math.round(at - start))).toEqual([0, 204, 408, 612, 816]);
  });

  test('a delete does not wait behind creates', () => {
    const creates = takeAll(undefined, start, { keys: 'create', ahead: 400 });
    expect(creates.grants).toHaveLength(2);
    expect(takeSlot(creates.record, start, config, { keys: 'delete', ahead: 0 })).toMatchObject({
      granted: true,
      at: start,
    });
  });

  test('a key call that waits for its own bucket takes its shared token then, not now', () => {
    const fast: BudgetConfig = { rate: 8, burst: 1, recovery: 30_000 };
    const grants: number[] = [];
    let record: BudgetRecord | undefined;
    const take = (now: number, ask: SlotRequest): void => {
      const step = takeSlot(record, now, fast, ask);
      if (!step.granted) return;
      record = step.record;
      grants.push(step.at);
    };
    for (let n = 0; n < 30; n += 1) take(start, { keys: 'create', ahead: 5_000 });
    for (let now = start; now < start + 8_000; now += 25) take(now, { keys: undefined, ahead: 0 });
    expect(most(grants, 2_999)).toBeLessThanOrEqual(8 * 3 + 1);
  });

  test('a record from far in the future, written by a host with a wrong clock, blocks for a minute at the most', () => {
    const record = { ...currentBudget(undefined, start, config), tat: start + 86_400_000 };
    expect(takeSlot(record, start, config, { keys: undefined, ahead: 0 })).toMatchObject({
      until: start + 60_000,
    });
  });
});

describe('the rate', () => {
  test('a 429 halves it for everybody; those of calls sent within a second do not halve it again', () => {
    const record = currentBudget(undefined, start, config);
    const once = slowDown(record, start + 100, config, { keys: undefined, sentAt: start + 50 });
    expect(once.rate).toBe(2.5);
    expect(slowDown(once, start + 150, config, { keys: undefined, sentAt: start + 60 }).rate).toBe(2.5);
    expect(slowDown(once, start + 900, config, { keys: undefined, sentAt: start + 800 }).rate).toBe(2.5);
    expect(slowDown(once, start + 1_200, config, { keys: undefined, sentAt: start + 1_100 }).rate).toBe(1.25);
  });

  test('it grows by a tenth of the configured one every 30 s, up to it', () => {
    const slowed = slowDown(undefined, start, config, { keys: undefined, sentAt: start });
    const after = (ms: number): number => currentBudget(slowed, start + ms, config).rate;
    expect([after(29_999), after(30_000), after(90_000), after(3_000_000)]).toEqual([2.5, 3, 4, 5]);
  });

  test('a 429 of a key call leaves it alone and pauses the keys', () => {
    const slowed = slowDown(undefined, start, config, { keys: 'create', sentAt: start, retryAfterMs: 3_000 });
    expect(slowed).toMatchObject({ rate: 5, keysTat: start + 3_000, tat: 0 });
  });

  test('Retry-After holds everybody back, 30 s at the most', () => {
    const slowed = slowDown(undefined, start, config, {
      keys: undefined,
      sentAt: start,
      retryAfterMs: 600_000,
    });
    expect(takeSlot(slowed, start, config, { keys: undefined, ahead: 5_000 })).toMatchObject({
      until: start + 25_000,
    });
  });

  test('the lowest rate configured wins, until nobody with it has called for an hour', () => {
    const slow = { ...config, rate: 2 };
    const mine = takeSlot(undefined, start, config, { keys: undefined, ahead: 0 }).record;
    const theirs = takeSlot(mine, start + 1, slow, { keys: undefined, ahead: 0 }).record;
    expect(theirs.rate).toBe(2);
    expect(currentBudget(theirs, start + 3_599_000, config).rate).toBe(2);
    const later = currentBudget(theirs, start + 3_700_000, config);
    expect(later.configured.rate).toBe(5);
    expect(currentBudget(later, start + 4_000_000, config).rate).toBe(5);
  });

  test('property: between its floor and the configured one, whatever comes', () => {
    const event = fc.record({
      wait: fc.integer({ min: 0, max: 100_000 }),
      throttled: fc.boolean(),
      keys: fc.constantFrom<KeyCall | undefined>(undefined, 'create', 'delete'),
      late: fc.integer({ min: 0, max: 5_000 }),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let record: BudgetRecord | undefined;
        let now = start;
        for (const { wait, throttled, keys, late } of events) {
          now += wait;
          record = throttled
            ? slowDown(record, now, config, { keys, sentAt: now - late })
            : takeSlot(record, now, config, { keys, ahead: 0 }).record;
          expect(record.rate).toBeGreaterThanOrEqual(0.25);
          expect(record.rate).toBeLessThanOrEqual(5);
        }
      }),
    );
  });
});

test('property: no window holds more than rate x window + burst calls, nor of the calls that make or delete keys more than AWS has for each', () => {
  const ask = fc.record({
    wait: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 4_000 })),
    skew: fc.integer({ min: -2_000, max: 2_000 }),
    keys: fc.constantFrom<KeyCall | undefined>(undefined, 'create', 'delete'),
    ahead: fc.constantFrom(0, 5_000),
  });
  const configs = fc.record({
    rate: fc.integer({ min: 1, max: 8 }),
    burst: fc.integer({ min: 1, max: 10 }),
    recovery: fc.constant(30_000),
  });
  fc.assert(
    fc.property(configs, fc.array(ask, { maxLength: 150 }), (some, asks) => {
      const grants: { at: number; keys: KeyCall | undefined }[] = [];
      let record: BudgetRecord | undefined;
      let now = start;
      for (const { wait, skew, keys, ahead } of asks) {
        now += wait;
        const step = takeSlot(record, now + skew, some, { keys, ahead });
        if (!step.granted) continue;
        expect(step.at).toBeGreaterThanOrEqual(now + skew);
        expect(step.at).toBeLessThanOrEqual(now + skew + ahead);
        record = step.record;
        grants.push({ at: step.at, keys });
      }
      // Allows for rounding errors in floating-point sums.
      const at = grants.map((grant) => grant.at);
      for (const window of [1_000, 3_000])
        expect(most(at, window - 0.01)).toBeLessThanOrEqual((some.rate * window) / 1_000 + some.burst);
      for (const kind of ['create', 'delete'] as const) {
        const ofKind = grants.filter(({ keys }) => keys === kind).map((grant) => grant.at);
        expect(most(ofKind, 1_000)).toBeLessThanOrEqual(5);
      }
    }),
    { numRuns: 300 },
  );
});
