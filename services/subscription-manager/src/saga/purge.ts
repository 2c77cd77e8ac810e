/**
 * Ends a life in which a creating call had no definite answer. W after the last such call none of them can still
 * execute. Then the purge finds the key by its value, or makes it disabled, and deletes it. So nothing is left,
 * whatever that call did.
 */
import type { SubscriptionRecord } from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import { makeCreatingCall } from './creating-calls.ts';
import { deleteKey } from './delete-key.ts';
import { brokerNow, type Saga } from './saga.ts';
import type { PurgeEvent, PurgeUnreadableEvent } from './events.ts';

export interface PurgeOrder {
  /** The run that wrote `purging`. */
  readonly run: string;
  /** Epoch ms, the broker's clock: nothing is imported from then on. */
  readonly deadline: number;
}

/**
 * ImportApiKeys(value, Enabled false), then DeleteApiKey of its id. Returns undefined without a definite answer; then W
 * is waited again.
 */
export async function purge(
  saga: Saga,
  record: SubscriptionRecord,
  { run, deadline }: PurgeOrder,
  signal?: AbortSignal,
): Promise<PurgeEvent | PurgeUnreadableEvent | undefined> {
  const { answer, error } = await makeCreatingCall(saga, record, 'import', {
    deadline,
    enabled: false,
    signal,
  });
  if (answer.kind === 'denied') return { kind: 'purge-denied', run, now: brokerNow(saga) };
  if (answer.kind === 'unreadable')
    return { kind: 'purge-unreadable', run, reason: answer.reason, now: brokerNow(saga) };
  if (answer.kind !== 'id') {
    const { integrationId, graviteeSubscriptionId, account, region, keyName } = record;
    saga.telemetry.log.warn(
      {
        integrationId,
        graviteeSubscriptionId,
        account,
        region,
        keyName,
        answer: answer.kind,
        reason: describeError(error),
      },
      'AWS did not say whether a lost call left a key behind; the agent looks for it again later',
    );
    return undefined;
  }
  await deleteKey(saga, record, answer.keyId, 'purge', signal);
  return { kind: 'purged', run, now: brokerNow(saga) };
}
