import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { SagaState } from '@federation-agent/contracts';
import { listedSubscription } from '../operator/list.ts';
import { operatorActions } from './events.ts';
import { afterLateCalls, limits, operator, record, sealed, start } from '../../test/saga/builders.ts';
import { transition } from './transition.ts';
import { whyNotAllowed, allowedActions, operatorTodo } from './operator-actions.ts';

const someRecord = fc
  .record({ state: fc.constantFrom(...SagaState.options), stranded: fc.boolean(), since: fc.nat(2) })
  .map(({ state, stranded, since }) =>
    record(state, { changedAt: start + since, strandedValues: stranded ? [sealed('v0')] : [] }),
  );
const someWord = fc
  .record({
    action: fc.constantFrom(...operatorActions),
    seen: fc.option(fc.integer({ min: start, max: start + 2 }), { nil: undefined }),
    now: fc.constantFrom(start, afterLateCalls - 1, afterLateCalls),
  })
  .map(({ action, ...changes }) => operator(action, changes));

describe('what can be said', () => {
  test('is what the table does something about, and nothing else', () => {
    fc.assert(
      fc.property(someRecord, someWord, (before, event) => {
        const applies = whyNotAllowed(before, event, limits) === undefined;
        expect(transition(before, event, limits).record !== undefined).toBe(applies);
        if (applies)
          expect(allowedActions(before, limits).map(({ action }) => action)).toContain(event.action);
      }),
      { numRuns: 2_000 },
    );
  });

  test('can be said by who has just looked and has waited for W, each of it', () => {
    fc.assert(
      fc.property(someRecord, (before) => {
        for (const { action } of allowedActions(before, limits)) {
          const event = operator(action, { seen: before.changedAt, now: afterLateCalls });
          expect(whyNotAllowed(before, event, limits)).toBeUndefined();
        }
      }),
    );
  });

  test('never hits what is newer than what was seen', () => {
    fc.assert(
      fc.property(someRecord, someWord, (before, event) => {
        if (event.seen === undefined || event.seen === before.changedAt) return;
        expect(transition(before, event, limits).record).toBeUndefined();
      }),
    );
  });
});

test('a person is needed where the protocol cannot decide, and there something can be said', () => {
  const states = SagaState.options.filter((state) => operatorTodo(record(state)) !== undefined);
  expect(states).toEqual(['unconfirmed', 'unresolved']);
  for (const state of SagaState.options) {
    const stranded = record(state, { life: 3, strandedValues: [sealed('v0')] });
    expect(operatorTodo(stranded)).toContain('"gravitee-sub-" and a number below 3');
    expect(allowedActions(stranded, limits).map(({ action }) => action)).toContain('resolved');
  }
  for (const state of states) expect(allowedActions(record(state), limits)).not.toEqual([]);
});

test('who would be too early is told from when on, in the list and in the answer', () => {
  const before = record('unresolved');
  const until = new Date(afterLateCalls).toISOString();
  expect(whyNotAllowed(before, operator('resolved', { now: afterLateCalls - 1 }), limits)).toContain(
    `until ${until}`,
  );
  expect(listedSubscription(before, afterLateCalls - 1, limits).canSay['resolved']).toContain(
    `from ${until} on: the key was`,
  );
  expect(listedSubscription(before, afterLateCalls, limits).canSay['resolved']).toMatch(/^the key was/u);
});
