import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { realLimits } from '@federation-agent/contracts';
import { createPendingCommands, type HeldCommand } from './pending.ts';

const command = (commandId: string, socketId = 's1'): HeldCommand => ({
  commandId,
  type: 'DISCOVER',
  integrationId: 'int-1',
  socketId,
  receivedAt: 0,
});

describe('pending commands', () => {
  it('are claimed once', () => {
    const pending = createPendingCommands(realLimits);
    expect(pending.claim('a')).toBeUndefined();
    expect(pending.hold(command('a'), 0)).toBe('new');
    expect(pending.hold(command('a'), 1)).toBe('held');
    expect(pending.claim('a')).toStrictEqual(command('a'));
    expect(pending.claim('a')).toBeUndefined();
    expect(pending.open('int-1')).toBe(1);
    pending.settle('a', { outcome: 'delivered' }, 2);
    expect(pending.claim('a')).toBeUndefined();
    expect(pending.open('int-1')).toBe(0);
    expect(pending.hold(command('a'), 3)).toBe('settled');
  });

  it('keep their first outcome for ten minutes', () => {
    const pending = createPendingCommands(realLimits);
    pending.hold(command('a'), 0);
    pending.settle('a', { outcome: 'refused' }, 1_000);
    pending.settle('a', { outcome: 'delivered' }, 2_000);
    pending.hold(command('b'), 600_999);
    expect(pending.outcome('a')).toStrictEqual({ outcome: 'refused' });
    pending.hold(command('c'), 601_000);
    expect(pending.outcome('a')).toBeUndefined();
  });

  it('of a socket are those that nobody answers yet', () => {
    const pending = createPendingCommands(realLimits);
    for (const [id, socket] of [
      ['a', 's1'],
      ['b', 's1'],
      ['c', 's2'],
      ['d', 's1'],
    ] as const)
      pending.hold(command(id, socket), 0);
    pending.claim('b');
    pending.settle('d', { outcome: 'delivered' }, 0);
    expect(pending.waitingOn('s1').map(({ commandId }) => commandId)).toStrictEqual(['a']);
  });

  it('give one claim per id, and count what is open, whatever comes', () => {
    const step = fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      what: fc.constantFrom('hold', 'claim', 'settle'),
      wait: fc.nat(300_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const pending = createPendingCommands(realLimits);
        const model = new Map<string, { claims: number; settled?: number }>();
        let now = 0;
        for (const { id, what, wait } of steps) {
          now += wait;
          const known = model.get(id);
          const forgotten = known?.settled !== undefined && now - known.settled >= realLimits.outcomeMemory;
          if (what === 'hold') {
            const expected =
              known === undefined || forgotten ? 'new' : known.settled === undefined ? 'held' : 'settled';
            expect(pending.hold(command(id), now)).toBe(expected);
            if (expected === 'new') model.set(id, { claims: 0 });
          } else if (what === 'claim') {
            const mine = pending.claim(id) !== undefined;
            expect(mine).toBe(known?.claims === 0 && known.settled === undefined);
            if (mine && known) known.claims += 1;
          } else {
            pending.settle(id, { outcome: 'delivered' }, now);
            if (known) known.settled ??= now;
          }
          expect(pending.open('int-1')).toBe(
            [...model.values()].filter(({ settled }) => settled === undefined).length,
          );
        }
      }),
    );
  });
});
