/** How a row of the table is written: its states, its kind of event, and its decision. */
import type { SubscriptionRecord } from '@federation-agent/contracts';
import type { RecordState, SagaEvent, SagaLimits, Step } from './events.ts';

export type EventKind = SagaEvent['kind'];
export type EventOfKind<K extends EventKind> = Extract<SagaEvent, { kind: K }>;
/** Undefined: the row's condition does not hold. */
export type Decision = Omit<Step, 'row'> | undefined;

export interface Row {
  /** Short, for logs, traces and metrics. Several rows here that are one row of the document share a name. */
  readonly name: string;
  readonly decide: (record: SubscriptionRecord | undefined, event: SagaEvent, limits: SagaLimits) => Decision;
}

/** A row for any state, and for no record. */
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

/** A row for these states. The event must be the result of a call for this life and, where it names a key, this key. */
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
