/** The operator's routes on the node API: list the subscriptions, and send a word about one of them. */
import { z } from 'zod';
import { describeError } from '@federation-agent/base';
import { UnreadableRecordError } from '@federation-agent/broker';
import type { NodeAnswer, NodeRequest, NodeRoute } from '@federation-agent/service-kit';
import { operatorActions } from '../saga/events.ts';
import { brokerNow, type Saga } from '../saga/saga.ts';
import { decide, type Decided } from './decide.ts';
import { listedSubscription, listedStates, listSubscriptions, type ListedState } from './list.ts';

const path = '/subscriptions';
const defaultLimit = 200;
const mostAtOnce = 1_000;

const Word = z.strictObject({
  word: z.enum(operatorActions),
  /** `since` from the list: the word applies only to what the operator has seen. */
  since: z.iso.datetime({ offset: true }).exactOptional(),
});

/** @param integrationIds integrations whose records this process sweeps */
export function operatorRoutes(saga: Saga, integrationIds: readonly string[]): readonly NodeRoute[] {
  return [
    { method: 'GET', path, answer: ({ query }) => list(saga, integrationIds, query) },
    {
      method: 'POST',
      path: `${path}/:integrationId/:graviteeSubscriptionId`,
      answer: (request) => applyAction(saga, integrationIds, request),
    },
  ];
}

async function list(
  saga: Saga,
  integrationIds: readonly string[],
  query: URLSearchParams,
): Promise<NodeAnswer> {
  const asked = query.getAll('state').flatMap((names) => names.split(','));
  const states = statesOf(asked.map((name) => name.trim()).filter(Boolean));
  if (states === 'unknown') {
    return bad(`state is all, or some of ${listedStates.join(', ')}, with commas between`);
  }
  const limit = Number(query.get('limit') ?? defaultLimit);
  if (!Number.isInteger(limit) || limit < 1 || limit > mostAtOnce) {
    return bad(`limit is a number from 1 to ${mostAtOnce}`);
  }
  const after = query.get('after') ?? '';
  const { last, ...page } = await listSubscriptions(saga, {
    integrationIds,
    after,
    limit,
    ...(states && { states }),
  });
  if (last === undefined) return { status: 200, body: page };
  const next = new URLSearchParams({
    ...(asked.length > 0 && { state: asked.join(',') }),
    limit: String(limit),
    after: last,
  });
  return { status: 200, body: { ...page, next: `/_node${path}?${next.toString()}` } };
}

/** Undefined: the request names no states. */
function statesOf(names: readonly string[]): ReadonlySet<ListedState> | undefined | 'unknown' {
  if (names.length === 0) return undefined;
  if (names.includes('all')) return new Set(listedStates);
  const known = names.flatMap((name) => listedStates.find((state) => state === name) ?? []);
  return known.length === names.length ? new Set(known) : 'unknown';
}

async function applyAction(
  saga: Saga,
  integrationIds: readonly string[],
  { params, body, user, address }: NodeRequest,
): Promise<NodeAnswer> {
  const { integrationId = '', graviteeSubscriptionId = '' } = params;
  const read = Word.safeParse(body);
  if (!read.success) {
    const words = operatorActions.map((word) => `"${word}"`).join(', ');
    return bad(`send {"word": one of ${words}}, and optionally "since" from the list`);
  }
  const { word, since } = read.data;
  const ids = { integrationId, graviteeSubscriptionId };
  const unknown = (): NodeAnswer => {
    const message = `there is no subscription ${graviteeSubscriptionId} in the integration ${integrationId}, or this agent has no such integration`;
    return { status: 404, body: { message } };
  };
  if (!integrationIds.includes(integrationId)) return unknown();
  let decided: Decided;
  try {
    const seen = since === undefined ? undefined : Date.parse(since);
    decided = await decide(saga, ids, { action: word, user, address, seen });
  } catch (error) {
    if (!(error instanceof UnreadableRecordError)) throw error;
    return { status: 409, body: { message: describeError(error), canSay: {} } };
  }
  if (decided.kind === 'unknown') return unknown();
  const subscription = listedSubscription(decided.record, brokerNow(saga), saga.limits);
  return decided.kind === 'refused'
    ? { status: 409, body: { message: decided.why, ...subscription } }
    : { status: 200, body: { message: decided.does, ...subscription } };
}

function bad(message: string): NodeAnswer {
  return { status: 400, body: { message } };
}
