/**
 * The state machine of a subscription: one pure function (record, event) -> (record, actions).
 *
 * It is the table of docs/subscription-saga.md, row by row and in its order. The first row whose states include the
 * record's state and whose condition holds decides. The caller writes the record by compare-and-set, and performs the
 * actions only after the write. When the write fails, it reads again and decides again.
 */
import type { SagaState, SubscriptionRecord } from '@federation-agent/contracts';
import { fail, lookAgain, stop, succeed } from './actions.ts';
import * as change from './changes.ts';
import type { SagaEvent, SagaLimits, SeenGate, Step } from './events.ts';
import {
  rowForAnyState,
  rowForCallResult,
  rowForStates,
  type Decision,
  type EventOfKind,
  type Row,
} from './transition-row.ts';
import { rowsOfCreating } from './rows-of-creating.ts';
import { texts } from './texts.ts';
import { operatorNote, isAllowedAction } from './operator-actions.ts';

const states = {
  /** Before APIM can hold the key. */
  making: ['intent', 'created'],
  /** The key is in its plan; APIM may hold it. */
  made: ['attached', 'held', 'unconfirmed'],
  /** The life has not begun to end. */
  live: ['intent', 'created', 'attached', 'held', 'unconfirmed'],
  ending: change.endingStates,
} as const satisfies Record<string, readonly SagaState[]>;

/**
 * Whether the command belongs to an earlier life. A tombstone remembers its own attempts and those of lives before it.
 */
function ofEarlierLife(record: SubscriptionRecord, commandId: string): boolean {
  const over = record.state === 'revoked' || record.state === 'unresolved';
  return (
    change.includesCommand(record.pastAttempts, commandId) ||
    (over && change.includesCommand(record.attempts, commandId))
  );
}

/** Whether every attempt's deadline, with the grace after it, has passed. */
function allPast(record: SubscriptionRecord, now: number, { attemptGrace }: SagaLimits): boolean {
  return record.attempts.every(({ deadline }) => now >= deadline + attemptGrace);
}

/** The table of docs/subscription-saga.md. Rows that share a name are one row there. */
export const table: readonly Row[] = [
  // `any` | command past its deadline; or SUBSCRIBE whose gate exists in any form
  rowForAnyState('dropped', 'subscribe', (record, event) => {
    const { order, gate, now } = event;
    if (gate === undefined && now < order.deadline) return undefined;
    return receipt(record, order.commandId, gate, now) ?? { actions: stop };
  }),
  // `any` | command past its deadline; or SUBSCRIBE whose gate exists in any form
  rowForAnyState('dropped', 'unsubscribe', (_, event) =>
    event.now >= event.deadline ? { actions: stop } : undefined,
  ),

  // none, `revoked` | SUBSCRIBE that is not among the tombstone's attempts
  rowForAnyState('begin', 'subscribe', (record, event, limits) => {
    if (record !== undefined && (record.state !== 'revoked' || ofEarlierLife(record, event.order.commandId)))
      return undefined;
    return begin(record, event, limits);
  }),
  // `revoked` | SUBSCRIBE that is among them; in a later life too: the command belongs to one that is over
  rowForStates('life over', [...states.live, 'revoked', 'unresolved'], 'subscribe', (record, event) =>
    ofEarlierLife(record, event.order.commandId) ? { actions: fail(texts.lifeOver) } : undefined,
  ),

  ...rowsOfCreating,
  // `unresolved` | SUBSCRIBE
  rowForStates('begin anew', ['unresolved'], 'subscribe', (record, event, limits) =>
    begin(record, event, limits),
  ),

  // `created` | R; one that is no attempt yet makes its own call: the answer to another's may be older than its
  // SUBSCRIBE
  rowForStates('attach', ['created'], 'subscribe', (record, { order }) =>
    change.isSameRoute(record, order) && record.keyId !== undefined
      ? { actions: [{ do: 'attach', keyId: record.keyId, deadline: order.deadline }] }
      : undefined,
  ),
  // `created` | R
  rowForCallResult('attach', ['created'], 'attachment', (record, { attempt, result, now }) => {
    if (result === 'listed')
      return {
        record: change.inState('attached', change.withAttempt(record, attempt), now),
        actions: lookAgain,
      };
    return result === 'unlisted' ? { actions: [{ do: 'wait' }] } : undefined;
  }),
  // `created` | plan or key not found, other plan on that stage
  rowForCallResult('not attached', ['created'], 'attachment', (record, event) => {
    const { keyId, reason, now } = event;
    return {
      record: change.inState('revoking', record, now, { note: reason }),
      actions: [
        { do: 'reply-error', text: texts.notAttached(record, reason) },
        { do: 'delete', keyId },
      ],
    };
  }),

  // `held`, `unconfirmed` | the same, and the record's plan is gone in two complete reads
  rowForStates(
    'other plan, old gone',
    ['held', 'unconfirmed'],
    'subscribe',
    (record, { order, planGone, now }) =>
      planGone && !change.isSameRoute(record, order)
        ? {
            record: change.inState('revoking', record, now, { note: 'its usage plan is gone' }),
            actions: lookAgain,
          }
        : undefined,
  ),
  // `intent` .. `unconfirmed` | SUBSCRIBE for another plan or API than the record's
  rowForStates('other plan', states.live, 'subscribe', (record, { order }) =>
    change.isSameRoute(record, order) ? undefined : { actions: fail(texts.otherPlan(record)) },
  ),
  // `intent` | SUBSCRIBE that is no attempt yet
  rowForStates('join', ['intent'], 'subscribe', (record, { order }) => ({
    record: change.withAttempt(record, change.attemptOf(order)),
    actions: lookAgain,
  })),

  // `attached`, `held` | R, its command is an attempt
  rowForStates('reply', ['attached', 'held'], 'subscribe', (record, { order }) =>
    change.includesCommand(record.attempts, order.commandId) && record.keyId !== undefined
      ? { actions: [{ do: 'reply-key', keyId: record.keyId }] }
      : undefined,
  ),
  // `attached`, `held`, `unconfirmed` | SUBSCRIBE that is no attempt yet
  rowForStates('prove', states.made, 'subscribe', (record) =>
    record.keyId === undefined ? undefined : { actions: [{ do: 'check-listed', keyId: record.keyId }] },
  ),
  // `attached`, `held`, `unconfirmed` | SUBSCRIBE that is no attempt yet
  rowForCallResult('prove', states.made, 'attachment', (record, event) => {
    const { attempt, keyId, result, now } = event;
    if (result === 'listed')
      return {
        record: change.inState('attached', change.withAttempt(record, attempt), now),
        actions: lookAgain,
      };
    return result === 'unlisted'
      ? { actions: [{ do: 'attach', keyId, deadline: attempt.deadline }] }
      : undefined;
  }),
  // same | the plan is gone
  rowForCallResult('plan gone', states.made, 'attachment', (record, { result, reason }) =>
    result === 'plan-gone' || result === 'refused'
      ? { actions: fail(texts.notAttached(record, reason)) }
      : undefined,
  ),
  // same | the key is gone in AWS: the attach says so and a complete list has the plan
  rowForCallResult('key gone', states.made, 'attachment', (record, { result, now }) => {
    if (result !== 'key-gone') return undefined;
    // No delete here: if this conclusion were wrong, it would kill a live key.
    const gone = { ...record, note: 'the key was deleted in AWS' };
    return { record: change.afterKeyDeleted(gone, now), actions: fail(texts.keyGone(record)) };
  }),

  // `attached` | R or S: a gate is `delivered`
  rowForAnyState('delivered', 'receipt', (record, { commandId, gate, now }) =>
    receipt(record, commandId, gate, now),
  ),
  // (a gate's final state is copied into its attempt: what the rows below read)
  rowForStates('copied', states.live, 'sweep', (record, { gates, now }) => {
    const copy = change.withGateOutcomes(record, (commandId) => gates.get(commandId), now);
    return copy === record ? undefined : { record: copy, actions: lookAgain };
  }),
  // `attached` | R or S: a gate is `delivered`
  rowForStates('delivered', ['attached'], 'sweep', (record, { now }) => hold(record, now)),
  // `intent`, `created`, `attached` | S: every attempt is 10 s past its deadline
  rowForStates('shut gates', [...states.making, 'attached'], 'sweep', (record, event, limits) => {
    if (!allPast(record, event.now, limits)) return undefined;
    const absent = record.attempts.filter((attempt) => change.gateOf(attempt, event) === undefined);
    return absent.length === 0
      ? undefined
      : {
          actions: [
            { do: 'shut-gates', commandIds: absent.map(({ commandId }) => commandId) },
            { do: 'look-again' },
          ],
        };
  }),
  // same, `unconfirmed` | S: **every** gate is `refused`
  rowForStates('all refused', [...states.making, 'attached', 'unconfirmed'], 'sweep', (record, { now }) =>
    record.attempts.every(({ outcome }) => outcome?.state === 'refused')
      ? {
          record: change.inState('revoking', record, now, { note: 'no reply was written' }),
          actions: lookAgain,
        }
      : undefined,
  ),
  // same three | S: none `delivered`, one `unconfirmed`, or `writing` for 60 s
  rowForStates('unknown', [...states.making, 'attached'], 'sweep', (record, event, limits) => {
    const gates = record.attempts.map((attempt) => change.gateOf(attempt, event));
    // An absent gate belongs to a command that may still be answered, so it does not count before it is refused.
    if (gates.some((gate) => gate === undefined || gate.state === 'delivered')) return undefined;
    const unknown = gates.some(
      (gate) =>
        gate?.state === 'unconfirmed' ||
        (gate?.state === 'writing' && event.now >= gate.at + limits.writingGate),
    );
    return unknown ? { record: change.inState('unconfirmed', record, event.now), actions: stop } : undefined;
  }),
  // `unconfirmed` | S: a gate became `delivered`
  rowForStates('delivered late', ['unconfirmed'], 'sweep', (record, { now }) => hold(record, now)),
  // `unconfirmed`; `held` by an operator only | usage plan gone in two complete reads; or an operator says so
  rowForStates('given up', ['unconfirmed'], 'sweep', (record, { planGone, now }) =>
    planGone
      ? {
          record: change.inState('revoking', record, now, { note: 'its usage plan is gone' }),
          actions: lookAgain,
        }
      : undefined,
  ),
  // `unconfirmed`; `held` by an operator only | usage plan gone in two complete reads; or an operator says so
  rowForStates('given up', ['held', 'unconfirmed'], 'operator', (record, event, limits) =>
    isAllowedAction('revoke', record, event, limits)
      ? {
          record: change.inState('revoking', record, event.now, { note: operatorNote(event) }),
          actions: stop,
        }
      : undefined,
  ),
  // `unconfirmed` | an operator says that APIM holds the key
  rowForStates('kept', ['unconfirmed'], 'operator', (record, event, limits) =>
    isAllowedAction('keep', record, event, limits)
      ? { record: change.inState('held', record, event.now, { note: operatorNote(event) }), actions: stop }
      : undefined,
  ),

  // any | UNSUBSCRIBE without a key id that we can read
  rowForAnyState('no key id', 'unsubscribe', (_, { keyId, graviteeSubscriptionId }) =>
    keyId === undefined ? { actions: fail(texts.noKeyId(graviteeSubscriptionId)) } : undefined,
  ),
  // `attached`, `held`, `unconfirmed`, `created` | UNSUBSCRIBE naming this `keyId`, before its deadline
  rowForStates('unsubscribe', [...states.made, 'created'], 'unsubscribe', (record, { keyId, now }) =>
    keyId !== undefined && keyId === record.keyId
      ? {
          record: change.inState('revoking', record, now, { unsubscribed: keyId, note: 'unsubscribed' }),
          actions: [{ do: 'delete', keyId }],
        }
      : undefined,
  ),
  // any other | UNSUBSCRIBE naming another key id
  rowForAnyState('another key', 'unsubscribe', (record, { keyId, untouchable }) => {
    if (keyId === undefined || keyId === record?.keyId) return undefined;
    if (untouchable === undefined) return { actions: [{ do: 'delete-named', keyId }, ...succeed] };
    const text = texts.untouchable(keyId, untouchable);
    return { actions: [{ do: 'alert', text }, ...fail(text)] };
  }),

  // `revoking` | R or S, no deadline
  rowForStates('delete', ['revoking'], 'sweep', (record, { now }) => finish(record, now)),
  // `revoking` | R or S, no deadline
  rowForStates('delete', ['revoking'], 'subscribe', (record, { now }) => finish(record, now)),
  // `revoking` | R or S, no deadline
  rowForCallResult('delete', ['revoking'], 'deleted', (record, { now }) => ({
    record: change.afterKeyDeleted(record, now),
    actions: lookAgain,
  })),
  // `sweeping`, `purging` | S, W after lastCreatingCallAt
  rowForStates('purge', ['sweeping', 'purging'], 'sweep', (record, { run, now }, limits) => {
    if (now < record.lastCreatingCallAt + limits.lateCall) return undefined;
    const purge = { run, until: now + limits.purgeRun };
    return {
      record: change.inState('purging', record, now, { lastCreatingCallAt: now, purge }),
      actions: [{ do: 'purge', run, deadline: purge.until }],
    };
  }),
  // `purging` | the run that wrote it, within 30 s
  rowForStates('purged', ['purging'], 'purged', (record, { run, now }) =>
    record.purge?.run === run ? { record: change.asTombstone(record, now), actions: stop } : undefined,
  ),
  // `purging` | no definite answer, or the run ended
  rowForStates('wait W again', ['purging'], 'sweep', () => ({ actions: stop })),
  // `revoking` .. `purging` | SUBSCRIBE
  rowForStates('ending', states.ending, 'subscribe', () => ({ actions: [{ do: 'wait' }] })),
  // `revoking` | UNSUBSCRIBE again
  rowForStates('unsubscribe again', ['revoking'], 'unsubscribe', (record, { now }) => finish(record, now)),
  // `sweeping` .. `revoked` | UNSUBSCRIBE naming this life's key
  rowForStates('unsubscribed', ['sweeping', 'purging', 'revoked', 'unresolved'], 'unsubscribe', () => ({
    actions: succeed,
  })),

  // A definite answer lowers openCalls in the compare-and-set that records it, save an id other than the record's keyId
  rowForCallResult(
    'definite',
    ['created', 'attached', 'held', 'unconfirmed'],
    'answer',
    (record, { answer }) => {
      if (answer.kind === 'lost' || answer.kind === 'unreadable') return undefined;
      // The key was deleted by hand, and a late call made its value again: it stays counted, so the purge finds that
      // key.
      if (answer.kind === 'id' && answer.keyId !== record.keyId) return undefined;
      return { record: change.withCallAnswered(record), actions: lookAgain };
    },
  ),
  // If the life is over, it deletes the id it was given
  rowForAnyState('stray', 'answer', (record, { life, place, answer }) =>
    answer.kind === 'id' && (record === undefined || record.state === 'revoked' || life !== record.life)
      ? { actions: [{ do: 'delete-stray', keyId: answer.keyId, place }, { do: 'look-again' }] }
      : undefined,
  ),
  // A replica whose record is `revoking` or later drops the answer
  rowForAnyState('late answer', 'answer', () => ({ actions: lookAgain })),
  // (an attachment of another life or key says nothing)
  rowForAnyState('late attachment', 'attachment', () => ({ actions: lookAgain })),

  // (an operator says that the key was deleted by its name)
  rowForStates('resolved', ['unresolved'], 'operator', (record, event, limits) => {
    if (!isAllowedAction('resolved', record, event, limits)) return undefined;
    const settled = { ...record, note: operatorNote(event), openCalls: 0, strandedValues: [] };
    return { record: change.asTombstone(settled, event.now), actions: stop };
  }),
  // (the same for keys of earlier lives, whatever the present one is)
  rowForAnyState('stranded resolved', 'operator', (record, event, limits) =>
    record !== undefined && isAllowedAction('resolved', record, event, limits)
      ? { record: { ...record, note: operatorNote(event), strandedValues: [] }, actions: stop }
      : undefined,
  ),
];

/**
 * What follows from an event: at most one change of the record, then actions.
 *
 * @param rows the table; tests remove rows to show the harm
 */
export function transition(
  record: SubscriptionRecord | undefined,
  event: SagaEvent,
  limits: SagaLimits,
  rows: readonly Row[] = table,
): Step {
  for (const { name, decide } of rows) {
    const decision = decide(record, event, limits);
    if (decision) return { row: name, ...decision };
  }
  return { row: 'nothing to do', actions: event.kind === 'deleted' ? lookAgain : stop };
}

function begin(
  record: SubscriptionRecord | undefined,
  event: EventOfKind<'subscribe'>,
  limits: SagaLimits,
): Decision {
  return {
    record: change.newLife(record, event, limits.tombstone),
    actions: [{ do: 'create', deadline: event.order.deadline }],
  };
}

/** `attached` becomes `held` when the gate of this command says `delivered`. */
function receipt(
  record: SubscriptionRecord | undefined,
  commandId: string,
  gate: SeenGate,
  now: number,
): Decision {
  if (record?.state !== 'attached' || gate?.state !== 'delivered') return undefined;
  if (!change.includesCommand(record.attempts, commandId)) return undefined;
  const copy = change.withGateOutcomes(record, (id) => (id === commandId ? gate : undefined), now);
  return { record: change.inState('held', copy, now), actions: stop };
}

function hold(record: SubscriptionRecord, now: number): Decision {
  return record.attempts.some(({ outcome }) => outcome?.state === 'delivered')
    ? { record: change.inState('held', record, now), actions: stop }
    : undefined;
}

function finish(record: SubscriptionRecord, now: number): Decision {
  return record.keyId === undefined
    ? { record: change.afterKeyDeleted(record, now), actions: lookAgain }
    : { actions: [{ do: 'delete', keyId: record.keyId }] };
}
