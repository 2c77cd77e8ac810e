/** The record changes that the rows of `transition` use. Pure. */
import type { Attempt, SagaState, SubscriptionRecord } from '@federation-agent/contracts';
import type { SeenGate, SubscribeEvent, SubscribeOrder, SweepEvent } from './events.ts';
import { keyDescription, keyName } from './names.ts';

/** The life ends, and may still have a key. */
export const endingStates = ['revoking', 'sweeping', 'purging'] as const satisfies readonly SagaState[];

export function isEnding({ state }: SubscriptionRecord): boolean {
  return endingStates.some((ending) => ending === state);
}

type Optional = 'value' | 'keyId' | 'unsubscribed' | 'purge' | 'note';

/** The record in another state, with further changes. */
export function inState(
  state: SagaState,
  record: SubscriptionRecord,
  now: number,
  changes: Partial<SubscriptionRecord> = {},
): SubscriptionRecord {
  return { ...record, ...changes, state, changedAt: state === record.state ? record.changedAt : now };
}

/** Begins a new life. What earlier lives did is kept. */
export function newLife(
  record: SubscriptionRecord | undefined,
  { order, value, now }: SubscribeEvent,
  tombstone: number,
): SubscriptionRecord {
  const life = (record?.life ?? 0) + 1;
  const { route, integrationId, graviteeSubscriptionId, applicationId, applicationName } = order;
  const past = record ? [...record.pastAttempts, ...record.attempts] : [];
  return {
    integrationId,
    graviteeSubscriptionId,
    state: 'intent',
    life,
    value,
    strandedValues: stranded(record),
    ...route,
    keyName: keyName({ graviteeSubscriptionId, life, applicationName }),
    keyDescription: keyDescription({ applicationId, integrationId, usagePlanId: route.usagePlanId }),
    attempts: [attemptOf(order)],
    // Older attempts need not be remembered: such a late command is dropped for its deadline anyway.
    pastAttempts: past.filter(({ deadline }) => deadline + tombstone > now),
    openCalls: 1,
    lastCreatingCallAt: now,
    createdAt: record?.createdAt ?? now,
    changedAt: now,
  };
}

function stranded(record: SubscriptionRecord | undefined): SubscriptionRecord['strandedValues'] {
  if (record === undefined) return [];
  const unknown = record.state === 'unresolved' && record.value !== undefined ? [record.value] : [];
  return [...record.strandedValues, ...unknown];
}

/** A creating call is about to start. It is counted before it starts. */
export function withOpenCall(record: SubscriptionRecord, now: number): SubscriptionRecord {
  return { ...record, openCalls: record.openCalls + 1, lastCreatingCallAt: now };
}

/** A creating call had a definite answer, so it will not execute any more. */
export function withCallAnswered(record: SubscriptionRecord): SubscriptionRecord {
  return { ...record, openCalls: record.openCalls - 1 };
}

/** After the first unreadable answer and three repeats, another call would not help. */
export const maxUnreadableAnswers = 4;

/** A creating call had an answer that says success but does not name the key. */
export function withUnreadableAnswer(
  record: SubscriptionRecord,
): SubscriptionRecord & { readonly unreadable: number } {
  return { ...record, unreadable: (record.unreadable ?? 0) + 1 };
}

/** The life's key is gone: `revoked`, unless a call of this life may still execute and make the key again. */
export function afterKeyDeleted(record: SubscriptionRecord, now: number): SubscriptionRecord {
  return record.openCalls === 0 ? asTombstone(record, now) : inState('sweeping', record, now);
}

/** The tombstone: the key value is erased. */
export function asTombstone(record: SubscriptionRecord, now: number): SubscriptionRecord {
  return inState('revoked', without(record, 'value', 'purge'), now);
}

function without(record: SubscriptionRecord, ...keys: readonly Optional[]): SubscriptionRecord {
  const copy: SubscriptionRecord = { ...record };
  for (const key of keys) Reflect.deleteProperty(copy, key);
  return copy;
}

export function attemptOf({ commandId, deadline }: SubscribeOrder): Attempt {
  return { commandId, deadline };
}

/** Whether a command is among these attempts. */
export function includesCommand(attempts: readonly Attempt[], commandId: string): boolean {
  return attempts.some((attempt) => attempt.commandId === commandId);
}

/** Adds an attempt. An attempt that is already there stays unchanged. */
export function withAttempt(
  record: SubscriptionRecord,
  { commandId, deadline }: Attempt,
): SubscriptionRecord {
  return includesCommand(record.attempts, commandId)
    ? record
    : { ...record, attempts: [...record.attempts, { commandId, deadline }] };
}

/** Whether the order is for the plan, API and place of the record. */
export function isSameRoute(record: SubscriptionRecord, { route }: SubscribeOrder): boolean {
  return (['account', 'region', 'restApiId', 'stage', 'usagePlanId'] as const).every(
    (part) => record[part] === route[part],
  );
}

/** Copies final gates into their attempts. Returns the same record when there is nothing to copy. */
export function withGateOutcomes(
  record: SubscriptionRecord,
  seen: (commandId: string) => SeenGate,
  now: number,
): SubscriptionRecord {
  const attempts = record.attempts.map((attempt) => {
    const state = attempt.outcome ? undefined : seen(attempt.commandId)?.state;
    return state === undefined || state === 'writing' ? attempt : { ...attempt, outcome: { state, at: now } };
  });
  return attempts.some((attempt, index) => attempt !== record.attempts[index])
    ? { ...record, attempts }
    : record;
}

/** What is known of an attempt's gate: the copy in the record, or else the gate as read. */
export function gateOf(attempt: Attempt, { gates }: SweepEvent): SeenGate {
  return attempt.outcome ?? gates.get(attempt.commandId);
}
