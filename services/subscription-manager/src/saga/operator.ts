/** The word of an operator on a record that the protocol cannot decide. */
import type { SubscriptionRecord } from '@federation-agent/contracts';
import type { OperatorEvent } from './events.ts';
import { recordKey, apply } from './record.ts';
import { brokerNow, type Saga } from './saga.ts';
import { objection } from './words.ts';

export type Said =
  | { readonly kind: 'said'; readonly record: SubscriptionRecord }
  /** The record stays as it is. */
  | { readonly kind: 'refused'; readonly record: SubscriptionRecord; readonly why: string }
  | { readonly kind: 'unknown' };

/**
 * Writes down what follows; the sweeper does it.
 *
 * @throws BrokerUnavailableError: it may have been written; UnreadableRecordError
 */
export async function sayWord(
  saga: Saga,
  subscription: Pick<SubscriptionRecord, 'integrationId' | 'graviteeSubscriptionId'>,
  word: Pick<OperatorEvent, 'word' | 'by' | 'seen'>,
): Promise<Said> {
  const event: OperatorEvent = { kind: 'operator', ...word, now: brokerNow(saga) };
  const { record, current } = await apply(saga, recordKey(subscription), event);
  if (current === undefined) return { kind: 'unknown' };
  if (record !== undefined) return { kind: 'said', record };
  const why = objection(current, event, saga.limits) ?? 'it does not apply';
  return { kind: 'refused', record: current, why };
}
