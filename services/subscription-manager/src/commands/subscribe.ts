/** SUBSCRIBE: one AWS key for one Gravitee subscription. */
import {
  parseApiUniqueId,
  routingKeys,
  type Sealed,
  type SubscribePayload,
} from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import {
  type CommandContext,
  dispositionOf,
  HandBackError,
  type WorkerCommand,
} from '@federation-agent/broker';
import { openKeyValue } from '../saga/creating-calls.ts';
import { drive, type Actor } from '../saga/drive.ts';
import type { Route, SeenGate, SubscribeOrder } from '../saga/events.ts';
import { newKeyValue } from '../saga/key-value.ts';
import { readGate, recordKey } from '../saga/record.ts';
import { brokerNow, type Saga } from '../saga/saga.ts';
import { includesCommand, isEnding, isSameRoute } from '../saga/changes.ts';

export type SubscribeCommand = WorkerCommand<'SUBSCRIBE'>;

/** Answers a SUBSCRIBE, or decides that it needs no answer. */
export async function subscribe(
  saga: Saga,
  command: SubscribeCommand,
  context: CommandContext,
): Promise<void> {
  const { payload } = command;
  const fail = async (errorDetails: string): Promise<void> => {
    await context.reply({ status: 'ERROR', errorDetails });
  };
  const { type } = payload.subscription;
  if (type !== 'API_KEY') {
    return fail(
      `a subscription of type ${type} cannot be served: AWS usage plans take API keys only (API_KEY)`,
    );
  }
  const route = routeOf(payload);
  if (typeof route === 'string') return fail(route);
  await saga.targets.find(command.integrationId, route.account, route.region);

  const order = orderOf(command, route);
  const [gate, refusal] = await Promise.all([
    readGate(saga, order.commandId),
    saga.plans.refusal(command.integrationId, route),
  ]);
  if (gate === undefined && refusal !== undefined) return fail(refusal);
  const actor = subscriber(saga, order, context);
  try {
    await drive(saga, recordKey(order), actor);
  } catch (error) {
    // Its reply is out: what is left to do is the sweeper's.
    if (!actor.answered() || error instanceof HandBackError) throw error;
    saga.telemetry.log.warn(
      {
        commandId: order.commandId,
        integrationId: order.integrationId,
        graviteeSubscriptionId: order.graviteeSubscriptionId,
        reason: describeError(error),
      },
      'a SUBSCRIBE was answered, but not written down: the sweeper keeps or ends its key by its gate',
    );
    return;
  }
  const trouble = actor.trouble();
  if (!actor.answered() && trouble !== undefined) {
    await fail(`not done within the time APIM waits: ${trouble}; accept the subscription again`);
  }
}

interface Subscriber extends Actor {
  /** What stood in the way last; for a publisher whose command ran out of time. */
  trouble(): string | undefined;
}

function subscriber(saga: Saga, order: SubscribeOrder, context: CommandContext): Subscriber {
  const { commandId, deadline } = order;
  let value: Sealed | undefined;
  let began: number | undefined;
  let answered = false;
  let trouble: string | undefined;
  let gate: SeenGate;

  return {
    by: { kind: 'apim', commandId },
    attempt: { commandId, deadline },
    signal: context.signal,
    answered: () => answered,
    trouble: () => trouble,
    look: async (record, holds) => {
      if (!holds) gate = await readGate(saga, commandId);
      // Where this command's own key is being removed, what stood in its way says more.
      if (record && isEnding(record) && !includesCommand(record.attempts, commandId)) {
        trouble = 'the former API key of this subscription is still being removed';
      }
      if (record?.state === 'created')
        trouble = 'the API key was made, and is not known to be in its usage plan';
      return {
        kind: 'subscribe',
        order,
        began,
        gate,
        planGone: record !== undefined && !isSameRoute(record, order) && (await saga.plans.isGone(record)),
        now: brokerNow(saga),
        // Made only when a life begins.
        get value() {
          value ??= sealedKeyValue(saga, order);
          return value;
        },
      };
    },
    called: (call, life, { answer, error }) => {
      if (call === 'create') began = life;
      if (['conflict', 'lost', 'unreadable'].includes(answer.kind)) began = undefined;
      if (error !== undefined && dispositionOf(error) === 'retryable') trouble = describeError(error);
    },
    answer: async (action, record) => {
      if (action.do === 'reply-error') {
        await context.reply({ status: 'ERROR', errorDetails: action.text });
        answered = true;
        return undefined;
      }
      if (action.do !== 'reply-key' || record === undefined) return undefined;
      await context.reply({
        status: 'SUCCEEDED',
        payload: {
          subscription: {
            graviteeSubscriptionId: order.graviteeSubscriptionId,
            apiKey: openKeyValue(saga, record),
            metadata: {
              [routingKeys.apiKeyId]: action.keyId,
              [routingKeys.account]: record.account,
              [routingKeys.region]: record.region,
              [routingKeys.restApiId]: record.restApiId,
              [routingKeys.stage]: record.stage,
              [routingKeys.usagePlanId]: record.usagePlanId,
            },
          },
        },
      });
      answered = true;
      return { kind: 'receipt', commandId, gate: await readGate(saga, commandId), now: brokerNow(saga) };
    },
  };
}

/** A new key value, redacted wherever it might show up, sealed for this subscription. */
function sealedKeyValue(saga: Saga, order: SubscribeOrder): Sealed {
  const keyValue = newKeyValue(saga.random);
  saga.telemetry.secrets.addRecent(keyValue);
  return saga.sealer.seal(keyValue, recordKey(order));
}

function keyOf({ integrationId, payload }: SubscribeCommand) {
  return { integrationId, graviteeSubscriptionId: payload.subscription.graviteeSubscriptionId };
}

function orderOf(command: SubscribeCommand, route: Route): SubscribeOrder {
  const { graviteeApplicationId, graviteeApplicationName } = command.payload.subscription;
  return {
    ...keyOf(command),
    commandId: command.commandId,
    deadline: command.deadline,
    applicationId: graviteeApplicationId,
    applicationName: graviteeApplicationName,
    route,
  };
}

/** Where the key goes: the API's connection details, else its unique id. A text: what is missing, for the publisher. */
function routeOf({ apiId, subscription: { metadata } }: SubscribePayload): Route | string {
  const fromId = parseApiUniqueId(apiId);
  const account = metadata[routingKeys.account] ?? fromId?.account;
  const region = metadata[routingKeys.region] ?? fromId?.region;
  const restApiId = metadata[routingKeys.restApiId] ?? fromId?.restApiId;
  const stage = metadata[routingKeys.stage] ?? fromId?.stage;
  const usagePlanId = metadata['planId'];
  if (!account || !region || !restApiId || !stage) {
    const missing = [
      ...(account ? [] : [routingKeys.account]),
      ...(region ? [] : [routingKeys.region]),
      ...(restApiId ? [] : [routingKeys.restApiId]),
      ...(stage ? [] : [routingKeys.stage]),
    ];
    return `this API was not ingested by this agent: its connection details lack ${missing.join(', ')}; ingest it again, then accept the subscription again`;
  }
  if (!usagePlanId)
    return 'the subscription names no plan (planId is missing); ingest the API again, then subscribe again';
  return { account, region, restApiId, stage, usagePlanId };
}
