/** Applies an operator's decision, from whichever door it comes, and tells log and audit trail of it. */
import type { SubscriptionRecord } from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import { publishEvent } from '@federation-agent/broker';
import type { OperatorAction } from '../saga/events.ts';
import { applyOperatorAction } from '../saga/operator.ts';
import { brokerNow, type Saga } from '../saga/saga.ts';

type SubscriptionIds = Pick<SubscriptionRecord, 'integrationId' | 'graviteeSubscriptionId'>;

export interface Asked {
  readonly action: OperatorAction;
  /** Name of the operator; undefined: no name is asked for. */
  readonly user: string | undefined;
  /** Address of the sender, where it is known. */
  readonly address?: string;
  /** `changedAt` of the record that the operator has seen. */
  readonly seen: number | undefined;
}

export type Decided =
  | { readonly kind: 'done'; readonly record: SubscriptionRecord; readonly does: string }
  | { readonly kind: 'refused'; readonly record: SubscriptionRecord; readonly why: string }
  | { readonly kind: 'unknown' };

const resultTexts: Readonly<Record<OperatorAction, string>> = {
  keep: 'the key stays, and is held',
  revoke: 'the agent deletes the key in AWS with its next sweep, within seconds',
  resolved: 'the agent has forgotten the keys of unknown id',
};

/** @throws BrokerUnavailableError: the decision may have been written; UnreadableRecordError */
export async function decide(saga: Saga, ids: SubscriptionIds, asked: Asked): Promise<Decided> {
  const { action, user = 'without a name', seen } = asked;
  const audit = auditOf(saga, ids, asked);
  try {
    const said = await applyOperatorAction(saga, ids, { action, by: user, seen });
    if (said.kind === 'unknown') audit('there is no such subscription', 'failed');
    if (said.kind === 'refused') audit(`refused: ${said.why}`, 'failed');
    if (said.kind !== 'said') return said;
    audit(`it is ${said.record.state}`, 'ok');
    return { kind: 'done', record: said.record, does: resultTexts[action] };
  } catch (error) {
    audit(`not known: ${describeError(error)}`, 'unknown');
    throw error;
  }
}

function auditOf(saga: Saga, ids: SubscriptionIds, { action, user, address, seen }: Asked) {
  return (result: string, outcome: 'ok' | 'failed' | 'unknown'): void => {
    const since = seen === undefined ? undefined : new Date(seen).toISOString();
    saga.telemetry.log.info(
      { ...ids, word: action, since, user, address, outcome: result },
      `an operator said "${action}" of a subscription: ${result}`,
    );
    publishEvent(saga.broker, 'operator', {
      at: brokerNow(saga),
      integrationId: ids.integrationId,
      actor: { kind: 'operator', name: user ?? 'without a name' },
      outcome,
      what: action,
      graviteeSubscriptionId: ids.graviteeSubscriptionId,
      detail: result,
    });
  };
}
