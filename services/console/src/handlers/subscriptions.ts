import { SubscriptionChoices } from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import { askOperator, NobodyAnswersError } from '@federation-agent/broker';
import type { SubscriptionDetail } from '../api/index.ts';
import { ApiProblem } from '../http/api-error.ts';
import type { Handlers } from '../http/handlers.ts';
import type { ShownRecord, Subscriptions } from '../model/subscriptions.ts';
import type { ConsoleParts } from '../parts.ts';

type Names = 'subscriptions' | 'subscription' | 'subscriptionsExport' | 'act';

const mostEvents = 500;

export function subscriptionHandlers(parts: ConsoleParts): Pick<Handlers, Names> {
  const { models, trail } = parts;
  const whole = async (): Promise<Subscriptions> => (await models.whole()).subscriptions;
  const find = (subscriptions: Subscriptions, params: Readonly<Record<string, string>>): ShownRecord => {
    const { integrationId = '', subscriptionId = '' } = params;
    const record = subscriptions.get(integrationId, subscriptionId);
    if (!record) throw new ApiProblem(404, `there is no subscription ${subscriptionId}`);
    return record;
  };
  return {
    subscriptions: async ({ query }) => (await whole()).page(query),
    subscription: async ({ params, by }) => {
      const subscriptions = await whole();
      const record = find(subscriptions, params);
      const [choices, timeline] = await Promise.all([
        choicesOf(parts, record, by),
        trail.about(record.graviteeSubscriptionId, mostEvents),
      ]);
      return {
        ...subscriptions.row(record),
        attempts: record.attempts.map(({ commandId, deadline, outcome }) => ({
          commandId,
          deadline,
          ...(outcome && { outcome: outcome.state }),
        })),
        ...choices,
        timeline,
      };
    },
    act: async ({ params, body, by }) => {
      const record = find(await whole(), params);
      const { message, state } = await ask(parts, record, { action: body.action, seen: body.since, by });
      return { message, state };
    },
    subscriptionsExport: async (_request, reply) => {
      const lines = (await whole()).all().map((record) => `${JSON.stringify(record)}\n`);
      return reply
        .header('content-type', 'application/jsonl')
        .header('content-disposition', 'attachment; filename="subscriptions.jsonl"')
        .send(lines.join(''));
    },
  };
}

function ask(
  { context: { broker } }: ConsoleParts,
  { integrationId, graviteeSubscriptionId }: ShownRecord,
  more: object,
): Promise<SubscriptionChoices> {
  const subject = broker.subjects.operator('subscription', integrationId);
  const request = { integrationId, graviteeSubscriptionId, ...more };
  return askOperator(broker, { who: 'subscription-manager', subject, request }, SubscriptionChoices);
}

/** The rest of the page is worth showing also when nobody can act now. */
async function choicesOf(
  parts: ConsoleParts,
  record: ShownRecord,
  by: string,
): Promise<Pick<SubscriptionDetail, 'toDo' | 'actions' | 'actionsUnknown'>> {
  try {
    const { toDo, actions } = await ask(parts, record, { by });
    return {
      ...(toDo !== undefined && { toDo }),
      actions: actions.map(({ mustHaveSeen: _seen, ...action }) => ({
        ...action,
        dangerous: action.action === 'revoke',
      })),
    };
  } catch (error) {
    if (!(error instanceof NobodyAnswersError)) throw error;
    return { actions: [], actionsUnknown: describeError(error) };
  }
}
