/** Applies an operator's decision to a record. */
import type { SubscriptionRecord } from '@federation-agent/contracts';
import type { OperatorEvent } from './events.ts';
import { recordKey, apply } from './record.ts';
import { brokerNow, type Saga } from './saga.ts';
import { whyNotAllowed } from './operator-actions.ts';

export type OperatorActionResult =
  | { readonly kind: 'said'; readonly record: SubscriptionRecord }
  /** The record stays unchanged. */
  | { readonly kind: 'refused'; readonly record: SubscriptionRecord; readonly why: string }
  | { readonly kind: 'unknown' };

/**
 * Writes the decision into the record; the sweeper carries it out.
 *
 * @throws BrokerUnavailableError: the decision may have been written; UnreadableRecordError
 */
export async function applyOperatorAction(
  saga: Saga,
  subscription: Pick<SubscriptionRecord, 'integrationId' | 'graviteeSubscriptionId'>,
  request: Pick<OperatorEvent, 'action' | 'by' | 'seen'>,
): Promise<OperatorActionResult> {
  const event: OperatorEvent = { kind: 'operator', ...request, now: brokerNow(saga) };
  const { record, current } = await apply(saga, recordKey(subscription), event, undefined, {
    kind: 'operator',
    name: request.by,
  });
  if (current === undefined) return { kind: 'unknown' };
  if (record !== undefined) return { kind: 'said', record };
  const why = whyNotAllowed(current.value, event, saga.limits) ?? 'it does not apply';
  return { kind: 'refused', record: current.value, why };
}
