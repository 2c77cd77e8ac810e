/** How a row of the table is written down: the states it is for, the kind of event, and what it decides. */
import type { SubscriptionRecord } from '@federation-agent/contracts';
import type { RecordState, SagaEvent, SagaLimits, Step } from './events.ts';

export type EventKind = SagaEvent['kind'];
export type EventOfKind<K extends EventKind> = Extract<SagaEvent, { kind: K }>;
/** Undefined: the row's condition does not hold. */
export type Decision = Omit<Step, 'row'> | undefined;

export interface Row {
  /** Short, for logs, traces and metrics; rows that are one row of the document share it. */
  readonly name: string;
  readonly decide: (record: SubscriptionRecord | undefined, event: SagaEvent, limits: SagaLimits) => Decision;
}

/** A row for any state, also for no record. */
export function rowForAnyState<K extends EventKind>(
  name: string,
  kind: K,
  decide: (record: SubscriptionRecord | undefined, event: EventOfKind<K>, limits: SagaLimits) => Decision,
): Row {
  return {
    name,
    decide: (record, event, limits) => (isOf(kind, event) ? decide(record, event, limits) : undefined),
  };
}

/** A row for these states. */
export function rowForStates<K extends EventKind>(
  name: string,
  states: readonly RecordState[],
  kind: K,
  decide: (record: SubscriptionRecord, event: EventOfKind<K>, limits: SagaLimits) => Decision,
): Row {
  return rowForAnyState(name, kind, (record, event, limits) =>
    record !== undefined && states.includes(record.state) ? decide(record, event, limits) : undefined,
  );
}

/** A row for these states, and for what a call made for this very life, and this very key, ended in. */
export function rowForCallResult<K extends 'answer' | 'attachment' | 'deleted'>(
  name: string,
  states: readonly RecordState[],
  kind: K,
  decide: (record: SubscriptionRecord, event: EventOfKind<K>) => Decision,
): Row {
  return rowForStates(name, states, kind, (record, event) => {
    const { life, keyId }: { readonly life: number; readonly keyId?: string } = event;
    const thisKey = keyId === undefined || keyId === record.keyId;
    return life === record.life && thisKey ? decide(record, event) : undefined;
  });
}

function isOf<K extends EventKind>(kind: K, event: SagaEvent): event is EventOfKind<K> {
  return event.kind === kind;
}
