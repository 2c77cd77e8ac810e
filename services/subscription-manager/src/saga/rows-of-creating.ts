/** The rows about the two calls that make a key: when each is sent, and what each answer means. */
import type { SubscriptionRecord } from '@federation-agent/contracts';
import { fail, lookAgain, stop } from './actions.ts';
import * as change from './changes.ts';
import type { Action } from './events.ts';
import { rowForCallResult, rowForStates, type Row } from './transition-row.ts';
import { texts } from './texts.ts';

/** The pause before an ambiguous call is repeated. */
function pause({ openCalls }: SubscriptionRecord): Action {
  return { do: 'wait', calls: openCalls };
}

export const rowsOfCreating: readonly Row[] = [
  // `intent` | R wrote the record itself
  rowForStates('create', ['intent'], 'subscribe', (record, { order, began, now }) =>
    change.includesCommand(record.attempts, order.commandId) && began === record.life
      ? { record: change.withOpenCall(record, now), actions: [{ do: 'create', deadline: order.deadline }] }
      : undefined,
  ),
  // `intent` | R found the record so, or had 409, or lost an answer
  rowForStates('import', ['intent'], 'subscribe', (record, { order, now }) =>
    change.includesCommand(record.attempts, order.commandId)
      ? { record: change.withOpenCall(record, now), actions: [{ do: 'import', deadline: order.deadline }] }
      : undefined,
  ),
  // `intent` | 201, or an id from the import
  rowForCallResult('id', ['intent'], 'answer', (record, { answer, now }) =>
    answer.kind === 'id'
      ? {
          record: change.inState('created', change.withCallAnswered(record), now, { keyId: answer.keyId }),
          actions: lookAgain,
        }
      : undefined,
  ),
  // `intent` | R found the record so, or had 409, or lost an answer
  rowForCallResult('import', ['intent'], 'answer', (record, { answer }) => {
    if (answer.kind === 'conflict') return { record: change.withCallAnswered(record), actions: lookAgain };
    return answer.kind === 'lost' ? { actions: [pause(record)] } : undefined;
  }),
  // `intent`, `purging` | success that cannot be read, for the fourth time in this life
  rowForCallResult('unreadable', ['intent'], 'answer', (record, { answer, now }) => {
    if (answer.kind !== 'unreadable') return undefined;
    const after = change.withUnreadableAnswer(record);
    if (after.unreadable < change.maxUnreadableAnswers) return { record: after, actions: [pause(record)] };
    return {
      record: change.inState('unresolved', after, now, { note: answer.reason }),
      actions: [
        { do: 'alert', text: texts.unresolved(record) },
        ...fail(texts.unreadable(record, answer.reason)),
      ],
    };
  }),
  // `intent`, `purging` | success that cannot be read, for the fourth time in this life
  rowForStates('unreadable', ['purging'], 'purge-unreadable', (record, { run, reason, now }) => {
    if (record.purge?.run !== run) return undefined;
    const after = change.withUnreadableAnswer(record);
    if (after.unreadable < change.maxUnreadableAnswers) return { record: after, actions: stop };
    return {
      record: change.inState('unresolved', after, now, { note: reason }),
      actions: [{ do: 'alert', text: texts.unresolved(record) }, { do: 'stop' }],
    };
  }),
  // `intent` | TooManyRequests
  rowForCallResult('throttled', ['intent'], 'answer', (record, { answer }) =>
    answer.kind === 'not-executed'
      ? { record: change.withCallAnswered(record), actions: [{ do: 'wait' }] }
      : undefined,
  ),
  // `intent` | LimitExceeded, 400, 403
  rowForCallResult('refused', ['intent'], 'answer', (record, { answer, now }) =>
    answer.kind === 'refused'
      ? {
          record: change.inState('revoking', change.withCallAnswered(record), now, { note: answer.reason }),
          actions: fail(texts.refused(answer.reason)),
        }
      : undefined,
  ),
  // `intent`, `purging` | import denied, and no other way to the id
  rowForCallResult('denied', ['intent'], 'answer', (record, { answer, now }) =>
    answer.kind === 'denied'
      ? {
          record: change.inState('unresolved', change.withCallAnswered(record), now, { note: answer.reason }),
          actions: [
            { do: 'alert', text: texts.unresolved(record) },
            ...fail(texts.importDenied(record, answer.reason)),
          ],
        }
      : undefined,
  ),
  // `intent`, `purging` | import denied, and no other way to the id
  rowForStates('denied', ['purging'], 'purge-denied', (record, { run, now }) =>
    record.purge?.run === run
      ? {
          record: change.inState('unresolved', record, now, {
            note: 'the import that finds the key is denied',
          }),
          actions: [{ do: 'alert', text: texts.unresolved(record) }, { do: 'stop' }],
        }
      : undefined,
  ),
];
