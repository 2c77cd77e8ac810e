/** Subscriptions in memory, without any key value. Pure. */
import { z } from 'zod';
import { apiUniqueId, subscriptionKeys, SubscriptionRecord } from '@federation-agent/contracts';
import type { SubscriptionPage, SubscriptionQuery, SubscriptionRow } from '../api/index.ts';
import type { Estate } from './estate.ts';
import { compare, matcher, searchText } from './search.ts';

/** A record as the console reads it: sealed values are dropped where it is parsed. */
export const ShownRecord = SubscriptionRecord.omit({ value: true, strandedValues: true }).extend({
  /** How many keys of earlier lives have an unknown id. */
  strandedValues: z.array(z.unknown()).transform((values) => values.length),
});
export type ShownRecord = z.output<typeof ShownRecord>;

export interface Subscriptions {
  readonly apply: (key: string, record: ShownRecord | undefined) => void;
  page(query: SubscriptionQuery): SubscriptionPage;
  get(integrationId: string, graviteeSubscriptionId: string): ShownRecord | undefined;
  row(record: ShownRecord): SubscriptionRow;
  all(): readonly ShownRecord[];
  counts(): { readonly subscriptions: number; readonly needPerson: number };
  /** Numbers by state of those for one API at a stage. */
  ofStage(uniqueId: string): Readonly<Record<string, number>>;
}

export function createSubscriptions(estate: Pick<Estate, 'byUniqueId'>): Subscriptions {
  const all = new Map<string, ShownRecord>();
  const row = (record: ShownRecord): SubscriptionRow => subscriptionRow(record, estate);

  return {
    apply: (key, record) => {
      if (record) all.set(key, record);
      else all.delete(key);
    },
    row,
    page: (query) => {
      const matches = matcher(query.search);
      const found = [...all.values()]
        .filter((record) => isWanted(record, query))
        .map(row)
        .filter((one) => matches(textOf(one)));
      found.sort((a, b) => compare(a[query.sort], b[query.sort]) || compare(idOf(a), idOf(b)));
      if (query.order === 'desc') found.reverse();
      return {
        total: found.length,
        rows: found.slice(query.offset, query.offset + query.limit),
        states: byState([...all.values()]),
      };
    },
    get: (integrationId, id) => all.get(subscriptionKeys.record(integrationId, id)),
    all: () => [...all.values()],
    counts: () => ({
      subscriptions: [...all.values()].filter(({ state }) => state !== 'revoked').length,
      needPerson: [...all.values()].filter(needsPerson).length,
    }),
    ofStage: (uniqueId) => byState([...all.values()].filter((one) => apiUniqueId(one) === uniqueId)),
  };
}

/** The states that only a person ends; a key of unknown id is one whatever the state. */
export function needsPerson({ state, strandedValues }: ShownRecord): boolean {
  return state === 'unconfirmed' || state === 'unresolved' || strandedValues > 0;
}

function subscriptionRow(record: ShownRecord, { byUniqueId }: Pick<Estate, 'byUniqueId'>): SubscriptionRow {
  const { integrationId, graviteeSubscriptionId, state, life, changedAt, createdAt, note, keyId } = record;
  const { account, region, restApiId, stage, usagePlanId, keyName } = record;
  const uniqueId = apiUniqueId(record);
  const api = byUniqueId(uniqueId);
  const plan = api?.plans.find((one) => one.usagePlanId === usagePlanId);
  return {
    integrationId,
    graviteeSubscriptionId,
    state,
    life,
    since: changedAt,
    createdAt,
    account,
    region,
    restApiId,
    stage,
    uniqueId,
    ...(api && { apiName: api.name }),
    usagePlanId,
    ...(plan && { planName: plan.name }),
    ...(keyId !== undefined && { apiKeyId: keyId }),
    keyName,
    needsPerson: needsPerson(record),
    ...(note !== undefined && { note }),
  };
}

function isWanted(
  record: ShownRecord,
  { integration, state, needsPerson: need, uniqueId }: SubscriptionQuery,
): boolean {
  return (
    (integration ?? record.integrationId) === record.integrationId &&
    (state ?? record.state) === record.state &&
    (need === undefined || String(needsPerson(record)) === need) &&
    (uniqueId === undefined || uniqueId === apiUniqueId(record))
  );
}

function textOf(row: SubscriptionRow): string {
  const { apiName, planName, keyName, apiKeyId, uniqueId, usagePlanId } = row;
  return searchText(idOf(row), apiName, planName, keyName, apiKeyId, uniqueId, usagePlanId);
}

function idOf({ graviteeSubscriptionId }: SubscriptionRow): string {
  return graviteeSubscriptionId;
}

function byState(records: readonly ShownRecord[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of records) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
