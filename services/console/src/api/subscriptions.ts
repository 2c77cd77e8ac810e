/** Subscriptions and their API keys. No shape here has a key value. */
import { z } from 'zod';
import { SagaState } from '@federation-agent/contracts';
import { count, paging, time } from './common.ts';
import { AuditEvent } from './events.ts';

export const SubscriptionRow = z.object({
  integrationId: z.string(),
  graviteeSubscriptionId: z.string(),
  state: SagaState,
  /** How often this subscription had a key made: counts from 1. */
  life: count,
  /** In this state since. */
  since: time,
  createdAt: time,
  account: z.string(),
  region: z.string(),
  restApiId: z.string(),
  stage: z.string(),
  uniqueId: z.string(),
  /** Absent: the catalog does not know the API. */
  apiName: z.string().exactOptional(),
  usagePlanId: z.string(),
  planName: z.string().exactOptional(),
  /** Absent: AWS never told the id. */
  apiKeyId: z.string().exactOptional(),
  keyName: z.string(),
  /** An operator has to decide or to do something. */
  needsPerson: z.boolean(),
  /** Why it is in its state. */
  note: z.string().exactOptional(),
});
export type SubscriptionRow = z.output<typeof SubscriptionRow>;

export const SubscriptionQuery = z.object({
  /** Words; each must be in an id, the key's name, the API's or the plan's name. */
  search: z.string().max(200).default(''),
  integration: z.string().exactOptional(),
  state: SagaState.exactOptional(),
  needsPerson: z.enum(['true', 'false']).exactOptional(),
  uniqueId: z.string().exactOptional(),
  sort: z.enum(['since', 'createdAt', 'state']).default('since'),
  order: z.enum(['asc', 'desc']).default('desc'),
  ...paging,
});
export type SubscriptionQuery = z.output<typeof SubscriptionQuery>;

export const SubscriptionPage = z.object({
  total: count,
  rows: z.array(SubscriptionRow),
  /** Numbers by state over all subscriptions, whatever the query. */
  states: z.record(z.string(), count),
});
export type SubscriptionPage = z.output<typeof SubscriptionPage>;

export const OperatorActionName = z.enum(['keep', 'revoke', 'resolved']);
export type OperatorActionName = z.output<typeof OperatorActionName>;

export const AllowedAction = z.object({
  action: OperatorActionName,
  /** The effect, in a sentence. */
  does: z.string(),
  /** Not allowed before. */
  from: time.exactOptional(),
  /** Deletes a key that APIM may hold: ask for a typed confirmation. */
  dangerous: z.boolean(),
});
export type AllowedAction = z.output<typeof AllowedAction>;

export const SubscriptionDetail = SubscriptionRow.extend({
  /** SUBSCRIBE commands of this life, and what became of their replies. */
  attempts: z.array(
    z.object({
      commandId: z.string(),
      deadline: time,
      outcome: z.enum(['refused', 'delivered', 'unconfirmed']).exactOptional(),
    }),
  ),
  /** What a person should find out or do first. */
  toDo: z.string().exactOptional(),
  actions: z.array(AllowedAction),
  /** Why `actions` is empty although there may be some: no subscription-manager answered. */
  actionsUnknown: z.string().exactOptional(),
  /** Oldest first; empty when the events are older than the stream keeps them. */
  timeline: z.array(AuditEvent),
});
export type SubscriptionDetail = z.output<typeof SubscriptionDetail>;

export const ActionRequest = z.strictObject({
  action: OperatorActionName,
  /** `since` of the subscription as the operator has seen it: the action applies to nothing newer. */
  since: time,
});
export type ActionRequest = z.output<typeof ActionRequest>;

export const ActionDone = z.object({ message: z.string(), state: SagaState });
export type ActionDone = z.output<typeof ActionDone>;
