/** What an operator may ask subscription-manager over the broker: what may be decided of a record, and a decision. */
import {
  AskSubscription,
  type OperatorAnswer,
  type SubscriptionChoices,
  type SubscriptionRecord,
} from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import { answerOperator, type Answering, UnreadableRecordError } from '@federation-agent/broker';
import { allowedActions, operatorTodo } from '../saga/operator-actions.ts';
import { recordKey } from '../saga/record.ts';
import type { Saga } from '../saga/saga.ts';
import { decide } from './decide.ts';

export function answerOperatorRequests(saga: Saga, integrationIds: readonly string[]): Answering {
  const { broker } = saga;
  const handle = async (request: AskSubscription): Promise<OperatorAnswer> => {
    try {
      return request.action === undefined ? await choices(saga, request) : await carryOut(saga, request);
    } catch (error) {
      if (!(error instanceof UnreadableRecordError)) throw error;
      return { status: 409, message: describeError(error) };
    }
  };
  const answering = integrationIds.map((integrationId) =>
    answerOperator(broker, broker.subjects.operator('subscription', integrationId), AskSubscription, handle),
  );
  return {
    stop: () => {
      for (const one of answering) one.stop();
    },
  };
}

async function choices(saga: Saga, request: AskSubscription): Promise<OperatorAnswer> {
  const entry = await saga.records.get(recordKey(request));
  return entry ? { status: 200, body: choicesOf(saga, entry.value, '') } : unknown(request);
}

async function carryOut(
  saga: Saga,
  { action = 'keep', seen, by, ...subscription }: AskSubscription,
): Promise<OperatorAnswer> {
  const decided = await decide(saga, subscription, { action, seen, user: by });
  if (decided.kind === 'unknown') return unknown(subscription);
  return decided.kind === 'refused'
    ? { status: 409, message: decided.why }
    : { status: 200, body: choicesOf(saga, decided.record, decided.does) };
}

function choicesOf(saga: Saga, record: SubscriptionRecord, message: string): SubscriptionChoices {
  const toDo = operatorTodo(record);
  return {
    state: record.state,
    message,
    ...(toDo !== undefined && { toDo }),
    actions: allowedActions(record, saga.limits).map(({ action, does, from, mustHaveSeen = false }) => ({
      action,
      does,
      ...(from !== undefined && { from }),
      mustHaveSeen,
    })),
  };
}

function unknown({
  graviteeSubscriptionId,
  integrationId,
}: Pick<AskSubscription, 'graviteeSubscriptionId' | 'integrationId'>): OperatorAnswer {
  return {
    status: 404,
    message: `there is no subscription ${graviteeSubscriptionId} in the integration ${integrationId}`,
  };
}
