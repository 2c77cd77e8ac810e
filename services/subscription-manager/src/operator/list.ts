/**
 * The list of subscriptions for an operator: those that need a person, or those in the states asked for. It never shows
 * a key value.
 */
import { SagaState, subscriptionKeys, type SubscriptionRecord } from '@federation-agent/contracts';
import { type Entry, UnreadableRecordError } from '@federation-agent/broker';
import type { SagaLimits } from '../saga/events.ts';
import { brokerNow, type Saga } from '../saga/saga.ts';
import { isoTime, allowedActions, operatorTodo } from '../saga/operator-actions.ts';

/** Covers only the integrations of this process. */
export interface ListQuery {
  readonly integrationIds: readonly string[];
  /** Absent: the subscriptions that need a person. */
  readonly states?: ReadonlySet<ListedState>;
  /** Bucket key after which the page starts. */
  readonly after: string;
  readonly limit: number;
}

/** `unreadable`: another version wrote the record, or somebody changed it by hand. */
export const listedStates = [...SagaState.options, 'unreadable'] as const;
export type ListedState = (typeof listedStates)[number];

/** A record as an operator sees it. */
export interface ListedSubscription {
  readonly integrationId: string;
  readonly graviteeSubscriptionId: string;
  readonly state: SagaState;
  /** ISO 8601. The operator sends it along when the word must not apply to anything newer. */
  readonly since: string;
  readonly account: string;
  readonly region: string;
  readonly restApiId: string;
  readonly stage: string;
  /** Usage plan id. */
  readonly plan: string;
  /** Absent: AWS never told the id. */
  readonly apiKeyId?: string;
  /** The key's name in AWS; the AWS console finds the key by it. */
  readonly keyName: string;
  /** Why the record is in this state. */
  readonly note?: string;
  /** What a person should find out or do. Absent: nothing. */
  readonly toDo?: string;
  /** The words that the operator may send, each with its effect. */
  readonly canSay: Readonly<Record<string, string>>;
  /** Where to POST the word. */
  readonly at: string;
}

/** An unreadable record: its ids come from its key in the bucket. */
interface UnreadableSubscription {
  readonly record: string;
  readonly state: 'unreadable';
  readonly toDo: string;
  readonly canSay: Readonly<Record<string, never>>;
}

export interface SubscriptionPage {
  /** Count over all pages. */
  readonly total: number;
  readonly subscriptions: readonly (ListedSubscription | UnreadableSubscription)[];
  /** Bucket key of the last subscription on this page; absent on the last page. */
  readonly last?: string;
}

/** Sorted by bucket key. The keys do not change, so the pages fit together whatever happens between two requests. */
export async function listSubscriptions(saga: Saga, query: ListQuery): Promise<SubscriptionPage> {
  const { integrationIds, states, after, limit } = query;
  const found = new Map<string, SubscriptionRecord | undefined>();
  for (const integrationId of integrationIds) {
    const { readable, unreadable } = await readAll(saga, subscriptionKeys.ofIntegration(integrationId));
    for (const { key, value } of readable) {
      if (states ? states.has(value.state) : operatorTodo(value) !== undefined) found.set(key, value);
    }
    if (!states || states.has('unreadable')) for (const key of unreadable) found.set(key, undefined);
  }
  const rest = [...found].filter(([key]) => key > after).sort(([a], [b]) => (a < b ? -1 : 1));
  const page = rest.slice(0, limit);
  const last = page.at(-1)?.[0];
  const now = brokerNow(saga);
  return {
    total: found.size,
    subscriptions: page.map(([key, record]) =>
      record ? listedSubscription(record, now, saga.limits) : unreadableOf(key),
    ),
    ...(rest.length > page.length && last !== undefined && { last }),
  };
}

/** @param now epoch ms, the broker's clock */
export function listedSubscription(
  record: SubscriptionRecord,
  now: number,
  limits: Pick<SagaLimits, 'lateCall'>,
): ListedSubscription {
  const { integrationId, graviteeSubscriptionId, state, account, region, restApiId, stage } = record;
  const { usagePlanId, keyId, keyName, note } = record;
  const needs = operatorTodo(record);
  const ids = [integrationId, graviteeSubscriptionId].map(encodeURIComponent).join('/');
  return {
    integrationId,
    graviteeSubscriptionId,
    state,
    since: isoTime(record.changedAt),
    account,
    region,
    restApiId,
    stage,
    plan: usagePlanId,
    ...(keyId !== undefined && { apiKeyId: keyId }),
    keyName,
    ...(note !== undefined && { note }),
    ...(needs !== undefined && { toDo: needs }),
    canSay: Object.fromEntries(
      allowedActions(record, limits).map(({ action, does, from }) => [
        action,
        from !== undefined && now < from ? `from ${isoTime(from)} on: ${does}` : does,
      ]),
    ),
    at: `/_node/subscriptions/${ids}`,
  };
}

function unreadableOf(record: string): UnreadableSubscription {
  return {
    record,
    state: 'unreadable',
    toDo: 'this record was written by another version of the agent, or by hand: run the version that wrote it. Until then its key stays as it is, and commands for it get an ERROR',
    canSay: {},
  };
}

async function readAll(
  { records }: Pick<Saga, 'records'>,
  filter: string,
): Promise<{ readable: readonly Entry<SubscriptionRecord>[]; unreadable: readonly string[] }> {
  const keys = await records.keys(filter);
  const readable = await records.entries(filter);
  const known = new Set(readable.map(({ key }) => key));
  const unreadable: string[] = [];
  for (const key of keys) {
    if (known.has(key)) continue;
    try {
      // The record may have gone between the two passes.
      await records.get(key);
    } catch (error) {
      if (!(error instanceof UnreadableRecordError)) throw error;
      unreadable.push(key);
    }
  }
  return { readable, unreadable };
}
