import { describe, expect, test } from '@jest/globals';
import { subscriptionKeys, type Gate } from '@federation-agent/contracts';
import { limits, record, sealed, start } from '../../test/saga/builders.ts';
import { isExpiredTombstone, isExpiredGate, gatesInUse } from './clean-up.ts';

const { tombstone } = limits;
const gate: Gate = { state: 'refused', by: 'link', nonce: 'n', at: start };
const attempt = { commandId: 'c1', deadline: start };
const copied = { ...attempt, outcome: { state: 'refused', at: start + 5 } } as const;

describe('a gate', () => {
  test('that a record names stays until its outcome was copied', () => {
    expect(isExpiredGate(gate, attempt, start + 100 * tombstone, tombstone)).toBe(false);
  });

  test('goes a day after its outcome was copied', () => {
    expect(isExpiredGate(gate, copied, start + 5 + tombstone - 1, tombstone)).toBe(false);
    expect(isExpiredGate(gate, copied, start + 5 + tombstone, tombstone)).toBe(true);
  });

  test('that no record names goes a day after its making', () => {
    expect(isExpiredGate(gate, undefined, start + tombstone - 1, tombstone)).toBe(false);
    expect(isExpiredGate(gate, undefined, start + tombstone, tombstone)).toBe(true);
  });

  test('is named by the attempts of the present life', () => {
    const named = gatesInUse([record('held', { attempts: [copied] })]);
    expect(named.get(subscriptionKeys.gate('c1'))).toEqual(copied);
  });
});

describe('a tombstone', () => {
  test('goes after a day', () => {
    expect(isExpiredTombstone(record('revoked'), start + tombstone - 1, tombstone)).toBe(false);
    expect(isExpiredTombstone(record('revoked'), start + tombstone, tombstone)).toBe(true);
  });

  test('that remembers a key of unknown id stays', () => {
    const stranded = record('revoked', { strandedValues: [sealed('v0')] });
    expect(isExpiredTombstone(stranded, start + 100 * tombstone, tombstone)).toBe(false);
  });

  test('is no record of another state', () => {
    expect(isExpiredTombstone(record('held'), start + 100 * tombstone, tombstone)).toBe(false);
  });
});
