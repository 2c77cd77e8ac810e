/** The word of an operator on a record that the protocol cannot decide. */
import { recordKey, apply } from './record.ts';
import { brokerNow, type Saga } from './saga.ts';

/**
 * - `keep`: APIM holds this key (`unconfirmed` becomes `held`);
 * - `revoke`: APIM does not (`unconfirmed`, `held`: the key is deleted); or, for `unresolved`, the key was deleted by its name.
 */
export type OperatorWord = 'keep' | 'revoke';

/** @returns the state of the record from then on; undefined when there is no such record */
export async function sayWord(
  saga: Saga,
  subscription: { readonly integrationId: string; readonly graviteeSubscriptionId: string },
  word: OperatorWord,
): Promise<string | undefined> {
  const { current } = await apply(saga, recordKey(subscription), {
    kind: 'operator',
    word,
    now: brokerNow(saga),
  });
  return current?.state;
}
