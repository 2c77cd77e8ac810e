/** Performs what `transition` decided, one action at a time. The answer of a call is the next event. */
import { DeadlinePassed } from '@federation-agent/aws-control-plane';
import { subscriptionKeys, type SubscriptionRecord } from '@federation-agent/contracts';
import { attach, checkListed, type AttachmentResult } from './attach.ts';
import { makeCreatingCall, type CreatingResult } from './creating-calls.ts';
import { deleteKey } from './delete-key.ts';
import type { Action, CreatingCall, SagaEvent } from './events.ts';
import { purge } from './purge.ts';
import { brokerNow, type Saga } from './saga.ts';

/** The actions on AWS and on gates. */
export type RemoteAction = Extract<
  Action,
  {
    do:
      | 'create'
      | 'import'
      | 'attach'
      | 'check-listed'
      | 'delete'
      | 'delete-stray'
      | 'shut-gates'
      | 'purge'
      | 'alert';
  }
>;

/** For whom the actions are performed. */
export interface Performer {
  /** The attempt of a SUBSCRIBE; sweepers and UNSUBSCRIBEs have none. */
  readonly attempt?: { readonly commandId: string; readonly deadline: number };
  /** Called with the result of each creating call. */
  called?(call: CreatingCall, life: number, result: CreatingResult): void;
  readonly signal?: AbortSignal;
}

/** @returns what happened; undefined: nothing that the record must know, so look at it again */
export async function perform(
  saga: Saga,
  action: RemoteAction,
  record: SubscriptionRecord | undefined,
  performer: Performer,
): Promise<SagaEvent | undefined> {
  const { signal } = performer;
  switch (action.do) {
    case 'alert':
      saga.metrics.alerts.inc();
      saga.telemetry.log.error(
        {
          integrationId: record?.integrationId,
          graviteeSubscriptionId: record?.graviteeSubscriptionId,
          state: record?.state,
        },
        action.text,
      );
      return undefined;
    case 'shut-gates':
      for (const commandId of action.commandIds) await shutGate(saga, commandId);
      return undefined;
    case 'delete-stray':
      await deleteKey(saga, action.place, action.keyId, 'stray', signal);
      return undefined;
    default:
      return record && performOn(saga, action, record, performer);
  }
}

/** The actions on the key of a record. */
async function performOn(
  saga: Saga,
  action: Exclude<RemoteAction, { do: 'alert' | 'shut-gates' | 'delete-stray' }>,
  record: SubscriptionRecord,
  performer: Performer,
): Promise<SagaEvent | undefined> {
  const { signal } = performer;
  const { life } = record;
  switch (action.do) {
    case 'create':
    case 'import': {
      const result = await makeCreatingCall(saga, record, action.do, { deadline: action.deadline, signal });
      performer.called?.(action.do, life, result);
      const { integrationId, account, region } = record;
      const place = { integrationId, account, region };
      return { kind: 'answer', life, place, answer: result.answer, now: brokerNow(saga) };
    }
    case 'attach':
      try {
        const result = await attach(saga, record, action.keyId, { deadline: action.deadline, signal });
        return attachment(saga, record, action.keyId, performer, result);
      } catch (error) {
        if (error instanceof DeadlinePassed) return undefined;
        throw error;
      }
    case 'check-listed': {
      const result = await checkListed(saga, record, action.keyId, signal);
      return attachment(saga, record, action.keyId, performer, result);
    }
    case 'delete':
      await deleteKey(saga, record, action.keyId, 'life over', signal);
      return { kind: 'deleted', life, now: brokerNow(saga) };
    case 'purge':
      return purge(saga, record, action, signal);
  }
}

function attachment(
  saga: Saga,
  { life }: SubscriptionRecord,
  keyId: string,
  { attempt }: Performer,
  { result, reason }: AttachmentResult,
): SagaEvent | undefined {
  if (attempt === undefined) return undefined;
  return { kind: 'attachment', attempt, life, keyId, result, reason, now: brokerNow(saga) };
}

/** Create-only: when the link was quicker, its gate stands. The next sweep reads which one it is. */
async function shutGate(saga: Saga, commandId: string): Promise<void> {
  const created = await saga.gates.create(subscriptionKeys.gate(commandId), {
    state: 'refused',
    by: saga.instance,
    nonce: saga.random.uuid(),
    at: brokerNow(saga),
  });
  if (created !== undefined) saga.metrics.gatesShut.inc();
}
