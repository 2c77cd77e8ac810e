/**
 * What an operator can decide about a record, what each decision does, and what to find out before. Pure; `transition`
 * uses it too.
 */
import type { SubscriptionRecord } from '@federation-agent/contracts';
import type { OperatorEvent, OperatorAction, SagaLimits } from './events.ts';

export interface AllowedAction {
  readonly action: OperatorAction;
  /** The effect, in a sentence. */
  readonly does: string;
  /** Epoch ms: not allowed before, because a call that makes the key may execute until then. */
  readonly from?: number;
  /**
   * Allowed only with `seen`: an operator who read `unconfirmed` an hour ago must not delete a key that APIM holds by
   * now.
   */
  readonly mustHaveSeen?: true;
}

type Limit = Pick<SagaLimits, 'lateCall'>;

/** The actions that a record allows in its present state. */
export function allowedActions(record: SubscriptionRecord, { lateCall }: Limit): readonly AllowedAction[] {
  const from = record.lastCreatingCallAt + lateCall;
  const actions: AllowedAction[] = [];
  switch (record.state) {
    case 'unconfirmed':
      actions.push(
        { action: 'keep', does: 'APIM has the subscription: the key stays, and is held from then on' },
        { action: 'revoke', does: 'APIM does not have it: the agent deletes the key in AWS' },
      );
      break;
    case 'held':
      actions.push({
        action: 'revoke',
        does: 'the agent deletes the key in AWS, and calls with it fail from then on, although APIM holds it; only with "since" as it is here',
        mustHaveSeen: true,
      });
      break;
    case 'unresolved':
      actions.push({
        action: 'resolved',
        does: 'the key was deleted in AWS by its name, or is not there: the agent forgets it',
        from,
      });
      break;
    default:
  }
  if (isStranded(record) && record.state !== 'unresolved') {
    actions.push({
      action: 'resolved',
      does: 'the keys of earlier lives were deleted in AWS by their names, or are not there: the agent forgets them; the present key stays',
      from,
    });
  }
  return actions;
}

/** Whether there are keys of earlier lives whose id was never known. */
function isStranded({ strandedValues }: SubscriptionRecord): boolean {
  return strandedValues.length > 0;
}

/** Why the action does not apply; undefined: it applies. */
export function whyNotAllowed(
  record: SubscriptionRecord,
  { action, seen, now }: Pick<OperatorEvent, 'action' | 'seen' | 'now'>,
  limits: Limit,
): string | undefined {
  const { state, changedAt } = record;
  if (seen !== undefined && seen !== changedAt)
    return `it has changed since you looked: it is ${state} since ${isoTime(changedAt)}`;
  const match = allowedActions(record, limits).find((one) => one.action === action);
  if (match === undefined) return `"${action}" cannot be said of a subscription that is ${state}`;
  if (match.from !== undefined && now < match.from)
    return `a call that makes the key may still execute until ${isoTime(match.from)}: look again after that, and send the word then`;
  return match.mustHaveSeen === true && seen === undefined
    ? `APIM holds this key, and clients may use it: to revoke it all the same, send "since": "${isoTime(changedAt)}" along`
    : undefined;
}

/** Whether the operator asks for this action and it applies. */
export function isAllowedAction(
  action: OperatorAction,
  record: SubscriptionRecord,
  event: OperatorEvent,
  limits: Limit,
): boolean {
  return event.action === action && whyNotAllowed(record, event, limits) === undefined;
}

/** The record's note after the operator's decision. */
export function operatorNote({ by, action }: OperatorEvent): string {
  return `the operator ${by} said ${action}`;
}

/** What a person should find out or do; undefined: nothing. */
export function operatorTodo(record: SubscriptionRecord): string | undefined {
  const { state, account, region, keyName, life, graviteeSubscriptionId } = record;
  const todo: string[] = [];
  if (state === 'unconfirmed')
    todo.push(
      'nobody knows whether the answer with this key reached APIM: look there whether the subscription is accepted and shows the key. The key works until you say revoke; accepting the subscription again settles it too',
    );
  if (state === 'unresolved')
    todo.push(
      `AWS never told the id of a key: in account ${account}, region ${region}, delete the key with the name "${keyName}" if it is there. It is in no usage plan, so it opens nothing`,
    );
  if (isStranded(record))
    todo.push(
      `AWS never told the ids of keys of earlier lives: delete those whose name starts with "gravitee-${graviteeSubscriptionId}-" and a number below ${life}, in account ${account}, region ${region}, or where the subscription was before. They are in no usage plan, so they open nothing`,
    );
  return todo.length === 0 ? undefined : todo.join('; ');
}

export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
