/** What may happen to a subscription record, and what to do about it: input and output of `transition`. */
import type {
  Attempt,
  Gate,
  Limits,
  SagaState,
  Sealed,
  SubscriptionRecord,
} from '@federation-agent/contracts';

/** Where a key belongs: a usage plan, for a REST API at a stage, in one account and region. */
export interface Route {
  readonly account: string;
  readonly region: string;
  readonly restApiId: string;
  readonly stage: string;
  readonly usagePlanId: string;
}

/** A SUBSCRIBE command, as the saga sees it. `deadline` is absolute (epoch ms). */
export interface SubscribeOrder {
  readonly commandId: string;
  readonly deadline: number;
  readonly integrationId: string;
  readonly graviteeSubscriptionId: string;
  readonly applicationId: string;
  readonly applicationName: string;
  readonly route: Route;
}

export type GateState = Gate['state'];
/** A gate as it was read; undefined: nobody wrote it. */
export type SeenGate = Pick<Gate, 'state' | 'at'> | undefined;

/** A creating call: it may leave a key behind. */
export type CreatingCall = 'create' | 'import';

/**
 * How a creating call ended.
 * - `id`: AWS named the key;
 * - `conflict`: 409, another key has this value already;
 * - `not-executed`: TooManyRequests, credentials, or never sent: the call may be made again;
 * - `refused`: LimitExceeded, 400, or 403 on a create;
 * - `denied`: 403 on an import;
 * - `lost`: no definite answer; the call may execute up to W later;
 * - `unreadable`: success, but the answer does not name the key: like `lost`, but repeated a limited number of times.
 */
export type CreatingAnswer =
  | { readonly kind: 'id'; readonly keyId: string }
  | { readonly kind: 'conflict' | 'not-executed' | 'lost' }
  | { readonly kind: 'refused' | 'denied' | 'unreadable'; readonly reason: string };

/**
 * What is known of a key and its plan after a CreateUsagePlanKey or a GetUsagePlans(keyId).
 * - `listed`: the key is in the plan;
 * - `unlisted`: it is not in the plan, or not yet;
 * - `plan-gone`: a complete list lacks the plan;
 * - `key-gone`: AWS does not know the key, and a complete list has the plan;
 * - `refused`: the key is in another plan of that stage, or AWS denies the call.
 */
export type Attachment = 'listed' | 'unlisted' | 'plan-gone' | 'key-gone' | 'refused';

interface Happened {
  /** Epoch ms, the broker's clock. */
  readonly now: number;
}

/** A replica has a SUBSCRIBE and looks at the record: first, and again after everything that it did. */
export interface SubscribeEvent extends Happened {
  readonly kind: 'subscribe';
  readonly order: SubscribeOrder;
  readonly gate: SeenGate;
  /** The sealed key value of a life that begins here; called so in the record too. */
  readonly value: Sealed;
  /** The life that this replica began itself, as long as it saw neither a 409 nor a lost answer in it. */
  readonly began: number | undefined;
  /** Two complete reads, at least a schedule interval apart, lack the record's plan. */
  readonly planGone: boolean;
}

/** Where a key is. */
export interface KeyPlace {
  readonly integrationId: string;
  readonly account: string;
  readonly region: string;
}

/** A creating call of a SUBSCRIBE ended. */
interface AnswerEvent extends Happened {
  readonly kind: 'answer';
  /** The life that the call was made for, and where. */
  readonly life: number;
  readonly place: KeyPlace;
  readonly answer: CreatingAnswer;
}

/** An attach or a check ended. */
interface AttachmentEvent extends Happened {
  readonly kind: 'attachment';
  readonly attempt: Attempt;
  readonly life: number;
  readonly keyId: string;
  readonly result: Attachment;
  readonly reason: string;
}

/** A SUCCEEDED reply was published and the link answered; `gate` is the command's gate at that time. */
interface ReceiptEvent extends Happened {
  readonly kind: 'receipt';
  readonly commandId: string;
  readonly gate: SeenGate;
}

/** A replica has an UNSUBSCRIBE and looks at the record. */
export interface UnsubscribeEvent extends Happened {
  readonly kind: 'unsubscribe';
  readonly graviteeSubscriptionId: string;
  readonly deadline: number;
  /** From the metadata that our SUBSCRIBE reply returned. */
  readonly keyId: string | undefined;
  /** When the key id is not the record's: why the key must not be deleted. Undefined: it may be deleted. */
  readonly untouchable: string | undefined;
}

/** DeleteApiKey(keyId of this life) succeeded, or the key was gone. */
interface DeletedEvent extends Happened {
  readonly kind: 'deleted';
  readonly life: number;
}

/** A sweeper looks at the record. */
export interface SweepEvent extends Happened {
  readonly kind: 'sweep';
  /** Gates of the attempts whose outcome is not copied yet, by command id. They are read after the record. */
  readonly gates: ReadonlyMap<string, SeenGate>;
  readonly planGone: boolean;
  /** Name of the purge that may start here. */
  readonly run: string;
}

/** A purge ended: the key with the life's value is gone, or AWS denied the import that finds it. */
export interface PurgeEvent extends Happened {
  readonly kind: 'purged' | 'purge-denied';
  readonly run: string;
}

/** The import of a purge succeeded, but its answer names no key. */
export interface PurgeUnreadableEvent extends Happened {
  readonly kind: 'purge-unreadable';
  readonly run: string;
  readonly reason: string;
}

/**
 * What an operator may decide when the agent cannot.
 * - `keep`: APIM holds this key;
 * - `revoke`: APIM does not hold it, or should not: the key is deleted;
 * - `resolved`: the operator deleted the keys of unknown id by their names.
 */
export const operatorActions = ['keep', 'revoke', 'resolved'] as const;
export type OperatorAction = (typeof operatorActions)[number];

/** An operator decided. */
export interface OperatorEvent extends Happened {
  readonly kind: 'operator';
  readonly action: OperatorAction;
  /** Name of the operator. */
  readonly by: string;
  /** `changedAt` of the record that the operator has seen; undefined: not told. */
  readonly seen: number | undefined;
}

export type SagaEvent =
  | SubscribeEvent
  | AnswerEvent
  | AttachmentEvent
  | ReceiptEvent
  | UnsubscribeEvent
  | DeletedEvent
  | SweepEvent
  | PurgeEvent
  | PurgeUnreadableEvent
  | OperatorEvent;

/**
 * What to do next, in order. A list ends with `look-again`, `wait` or `stop`, or with a call whose answer is the next
 * event.
 */
export type Action =
  /** Creating calls. The record that comes with them already counts them. */
  | { readonly do: 'create' | 'import'; readonly deadline: number }
  | { readonly do: 'attach'; readonly keyId: string; readonly deadline: number }
  /** GetUsagePlans(keyId). */
  | { readonly do: 'check-listed'; readonly keyId: string }
  /** DeleteApiKey of this life's key; no deadline. */
  | { readonly do: 'delete'; readonly keyId: string }
  /** DeleteApiKey of a key that a call of an earlier life made. */
  | { readonly do: 'delete-stray'; readonly keyId: string; readonly place: KeyPlace }
  /** DeleteApiKey of the key that an UNSUBSCRIBE names when no record has it. */
  | { readonly do: 'delete-named'; readonly keyId: string }
  /** Create the gate `refused` for each of these commands. */
  | { readonly do: 'shut-gates'; readonly commandIds: readonly string[] }
  /** ImportApiKeys(value, Enabled false), then DeleteApiKey of its id. */
  | { readonly do: 'purge'; readonly run: string; readonly deadline: number }
  /** Send the SUBSCRIBE's SUCCEEDED reply, then read its gate. */
  | { readonly do: 'reply-key'; readonly keyId: string }
  | { readonly do: 'reply-success' }
  | { readonly do: 'reply-error'; readonly text: string }
  | { readonly do: 'alert'; readonly text: string }
  /** A pause, then as `look-again`. The pause grows each time, and with the creating calls whose outcome is unknown. */
  | { readonly do: 'wait'; readonly calls?: number }
  /** Read the record again and decide anew. */
  | { readonly do: 'look-again' }
  /** Nothing more to do for this command or sweep; a command is acked. */
  | { readonly do: 'stop' };

/** State of a record; `none` when there is no record. */
export type RecordState = SagaState | 'none';

export interface Step {
  /** The row of the table that decided. */
  readonly row: string;
  /** What to write by compare-and-set before the actions; absent: the record stays unchanged. */
  readonly record?: SubscriptionRecord;
  readonly actions: readonly Action[];
}

/** The durations that the rows need, milliseconds. */
export type SagaLimits = Pick<Limits, 'attemptGrace' | 'writingGate' | 'lateCall' | 'purgeRun' | 'tombstone'>;
