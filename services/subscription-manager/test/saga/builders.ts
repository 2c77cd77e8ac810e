/** Records, orders and events for tests. */
import { realLimits, type SubscriptionRecord } from '@federation-agent/contracts';
import type {
  OperatorEvent,
  SagaEvent,
  SubscribeEvent,
  SubscribeOrder,
  SweepEvent,
  UnsubscribeEvent,
} from '../../src/saga/events.ts';

export const limits = realLimits;
export const start = 1_000_000_000;
export const deadline = start + limits.commandDeadline;
const route = {
  account: '111122223333',
  region: 'eu-west-1',
  restApiId: 'api1',
  stage: 'prod',
  usagePlanId: 'plan1',
} as const;
export const sealed = (text: string) => ({ key: 'k', iv: '', tag: '', text });

const order: SubscribeOrder = {
  commandId: 'c1',
  deadline,
  integrationId: 'int',
  graviteeSubscriptionId: 'sub',
  applicationId: 'app',
  applicationName: 'My app',
  route,
};

/** A record in a state; `created` and later have a key. */
export function record(
  state: SubscriptionRecord['state'],
  changes: Partial<SubscriptionRecord> = {},
): SubscriptionRecord {
  return {
    integrationId: 'int',
    graviteeSubscriptionId: 'sub',
    state,
    life: 1,
    ...(state !== 'revoked' && { value: sealed('v1') }),
    strandedValues: [],
    ...(state !== 'intent' && state !== 'unresolved' && { keyId: 'key1' }),
    ...route,
    keyName: 'gravitee-sub-1 My app',
    keyDescription: 'd',
    attempts: [{ commandId: 'c1', deadline }],
    pastAttempts: [],
    openCalls: 0,
    lastCreatingCallAt: start,
    createdAt: start,
    changedAt: start,
    ...changes,
  };
}

export function subscribe(changes: Partial<SubscribeEvent> = {}): SubscribeEvent {
  return {
    kind: 'subscribe',
    now: start,
    order,
    gate: undefined,
    value: sealed('new'),
    began: undefined,
    planGone: false,
    ...changes,
  };
}

export function unsubscribe(changes: Partial<UnsubscribeEvent> = {}): UnsubscribeEvent {
  return {
    kind: 'unsubscribe',
    now: start,
    graviteeSubscriptionId: 'sub',
    deadline,
    keyId: 'key1',
    untouchable: undefined,
    ...changes,
  };
}

export function sweep(now: number, changes: Partial<SweepEvent> = {}): SweepEvent {
  return { kind: 'sweep', now, gates: new Map(), planGone: false, run: 'run1', ...changes };
}

export function operator(
  action: OperatorEvent['action'],
  changes: Partial<OperatorEvent> = {},
): OperatorEvent {
  return { kind: 'operator', action, by: 'admin', seen: undefined, now: start, ...changes };
}

export function answer(
  how: Extract<SagaEvent, { kind: 'answer' }>['answer'],
  life = 1,
): Extract<SagaEvent, { kind: 'answer' }> {
  const place = { integrationId: 'int', account: route.account, region: route.region };
  return { kind: 'answer', life, place, answer: how, now: start };
}

export function attachment(
  result: Extract<SagaEvent, { kind: 'attachment' }>['result'],
  changes: Partial<Extract<SagaEvent, { kind: 'attachment' }>> = {},
): Extract<SagaEvent, { kind: 'attachment' }> {
  return {
    kind: 'attachment',
    attempt: { commandId: 'c1', deadline },
    life: 1,
    keyId: 'key1',
    result,
    reason: 'because',
    now: start,
    ...changes,
  };
}

/** An example of a row of the table. */
export interface Case {
  readonly row: string;
  readonly record?: SubscriptionRecord;
  readonly event: SagaEvent;
  /** Names of the actions. */
  readonly then: readonly string[];
  /** What changes in the record; absent: it stays unchanged. */
  readonly to?: Partial<SubscriptionRecord>;
}

export const afterGrace = deadline + limits.attemptGrace;
export const gate = (state: 'writing' | 'refused' | 'delivered' | 'unconfirmed', at = start) => ({
  state,
  at,
});
export const gates = (...list: [string, ReturnType<typeof gate> | undefined][]) => ({ gates: new Map(list) });
export const orderForOtherPlan = { ...order, commandId: 'c2', route: { ...route, usagePlanId: 'plan2' } };
export const secondOrder = { ...order, commandId: 'c2' };
export const refusedAttempt = {
  commandId: 'c1',
  deadline,
  outcome: { state: 'refused', at: start },
} as const;
export const deliveredAttempt = {
  commandId: 'c1',
  deadline,
  outcome: { state: 'delivered', at: start },
} as const;
export const unconfirmedAttempt = {
  commandId: 'c1',
  deadline,
  outcome: { state: 'unconfirmed', at: start },
} as const;
export const afterLateCalls = start + limits.lateCall;
/** The attempts of `order` and `secondOrder`. */
export const bothAttempts = [
  { commandId: 'c1', deadline },
  { commandId: 'c2', deadline },
];
