/** UNSUBSCRIBE works on the key id in its metadata, never on "the key of the subscription". */
import {
  parseApiUniqueId,
  routingKeys,
  type SubscriptionRecord,
  type UnsubscribePayload,
} from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import type { CommandContext, WorkerCommand } from '@federation-agent/broker';
import { deleteKey } from '../saga/delete-key.ts';
import { drive, type Actor } from '../saga/drive.ts';
import type { KeyPlace } from '../saga/events.ts';
import { readHolders } from '../saga/holders.ts';
import { recordKey } from '../saga/record.ts';
import { brokerNow, type Saga } from '../saga/saga.ts';
import { UnknownTargetError } from '../targets.ts';

export type UnsubscribeCommand = WorkerCommand<'UNSUBSCRIBE'>;

/** Answers an UNSUBSCRIBE. A key that is gone already is a success. */
export async function unsubscribe(
  saga: Saga,
  command: UnsubscribeCommand,
  context: CommandContext,
): Promise<void> {
  const { graviteeSubscriptionId } = command.payload.subscription;
  const key = recordKey({ integrationId: command.integrationId, graviteeSubscriptionId });
  await drive(saga, key, unsubscriber(saga, command, context));
}

function unsubscriber(saga: Saga, command: UnsubscribeCommand, context: CommandContext): Actor {
  const { commandId, deadline, payload } = command;
  const { graviteeSubscriptionId, metadata } = payload.subscription;
  const keyId = metadata[routingKeys.apiKeyId];
  const place = placeOf(command.integrationId, payload);
  let answered = false;

  return {
    by: { kind: 'apim', commandId },
    signal: context.signal,
    answered: () => answered,
    look: async (record) => ({
      kind: 'unsubscribe',
      graviteeSubscriptionId,
      deadline,
      keyId,
      untouchable:
        keyId === undefined || keyId === record?.keyId
          ? undefined
          : await untouchable(saga, keyId, place, record),
      now: brokerNow(saga),
    }),
    answer: async (action) => {
      if (action.do === 'delete-named') {
        if (place) await deleteKey(saga, place, action.keyId, 'named', context.signal);
        return undefined;
      }
      await context.reply(
        action.do === 'reply-error'
          ? { status: 'ERROR', errorDetails: action.text }
          : { status: 'SUCCEEDED', payload: {} },
      );
      answered = true;
      return undefined;
    },
  };
}

/** Why a key that is not the record's must stay: it belongs to another subscription, or this agent cannot reach it. */
async function untouchable(
  saga: Saga,
  keyId: string,
  place: KeyPlace | undefined,
  own: SubscriptionRecord | undefined,
): Promise<string | undefined> {
  if (place === undefined) return 'the subscription does not say in which account and region it is';
  try {
    await saga.targets.find(place.integrationId, place.account, place.region);
  } catch (error) {
    if (error instanceof UnknownTargetError) return describeError(error);
    throw error;
  }
  return (await readHolders(saga)).whyHeld(keyId, own && recordKey(own));
}

function placeOf(
  integrationId: string,
  { apiId, subscription: { metadata } }: UnsubscribePayload,
): KeyPlace | undefined {
  const fromId = parseApiUniqueId(apiId);
  const account = metadata[routingKeys.account] ?? fromId?.account;
  const region = metadata[routingKeys.region] ?? fromId?.region;
  return account && region ? { integrationId, account, region } : undefined;
}
