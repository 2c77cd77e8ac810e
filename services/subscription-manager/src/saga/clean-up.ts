/**
 * Removes tombstones and gates that nobody needs any more. Gates have no TTL on purpose: an expired gate would read as
 * "never written", and its key would be deleted. A gate is removed one day after its outcome was copied into the
 * record, or one day after it was made when no record names it. A tombstone is removed after one day.
 */
import {
  subscriptionKeys,
  type Attempt,
  type Gate,
  type SubscriptionRecord,
} from '@federation-agent/contracts';
import { brokerNow, type Saga } from './saga.ts';

/** @returns every readable record, of every integration */
export async function cleanUp(saga: Saga): Promise<readonly SubscriptionRecord[]> {
  const now = brokerNow(saga);
  const { tombstone } = saga.limits;
  const keys = await saga.records.keys();
  const records = await saga.records.entries();
  const readable = new Set(records.map(({ key }) => key));
  for (const { key, value, revision } of records) {
    // Purged with its revision, so that a new life that began meanwhile stays.
    if (isExpiredTombstone(value, now, tombstone)) await saga.records.purge(key, revision);
  }
  // An unreadable record may name any gate, so no gate is removed while there is one.
  const values = records.map(({ value }) => value);
  if (keys.some((key) => !readable.has(key))) return values;
  const attempts = gatesInUse(values);
  for (const { key, value, revision } of await saga.gates.entries()) {
    if (isExpiredGate(value, attempts.get(key), now, tombstone)) await saga.gates.purge(key, revision);
  }
  return values;
}

/**
 * Whether a tombstone is a day old. One that remembers keys of unknown id stays until an operator has dealt with them.
 */
export function isExpiredTombstone(
  { state, changedAt, strandedValues }: SubscriptionRecord,
  now: number,
  tombstone: number,
): boolean {
  return state === 'revoked' && strandedValues.length === 0 && now >= changedAt + tombstone;
}

/** The attempts of all present lives, by the key of their gate. */
export function gatesInUse(records: readonly SubscriptionRecord[]): ReadonlyMap<string, Attempt> {
  return new Map(
    records.flatMap(({ attempts }) =>
      attempts.map((attempt) => [subscriptionKeys.gate(attempt.commandId), attempt] as const),
    ),
  );
}

export function isExpiredGate(
  gate: Gate,
  attempt: Attempt | undefined,
  now: number,
  tombstone: number,
): boolean {
  if (attempt === undefined) return now >= gate.at + tombstone;
  return attempt.outcome !== undefined && now >= attempt.outcome.at + tombstone;
}
