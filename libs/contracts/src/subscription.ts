/** What subscription-manager stores: a record per Gravitee subscription, and a gate per SUBSCRIBE command. */
import { z } from 'zod';
import { ReplyOutcome } from './broker/messages.ts';
import { idToken } from './ids.ts';

const epochMs = z.number().int().nonnegative();
const outcomes = ReplyOutcome.shape.outcome;
/** Earlier versions wrote `void` for `refused`. */
const readVoid = (state: unknown): unknown => (state === 'void' ? 'refused' : state);

/** States of the saga; docs/subscription-saga.md has the table. */
export const SagaState = z.enum([
  'intent',
  'created',
  'attached',
  'held',
  'unconfirmed',
  'revoking',
  'sweeping',
  'purging',
  'revoked',
  'unresolved',
]);
export type SagaState = z.output<typeof SagaState>;

/** AES-256-GCM under a named sealing key; all base64. */
export const Sealed = z.strictObject({
  key: z.string(),
  iv: z.string(),
  tag: z.string(),
  text: z.string(),
});
export type Sealed = z.output<typeof Sealed>;

/**
 * A SUBSCRIBE command that joined a life of the record. `outcome` is a copy of its gate's final state, with the time of
 * the copy. From then on the record counts, and the gate may be removed.
 */
export const Attempt = z.object({
  commandId: z.string(),
  deadline: epochMs,
  outcome: z.object({ state: z.preprocess(readVoid, outcomes), at: epochMs }).exactOptional(),
});
export type Attempt = z.output<typeof Attempt>;

/** Changed only by compare-and-set. A revoked record stays as a tombstone for a day. */
export const SubscriptionRecord = z.object({
  integrationId: z.string(),
  graviteeSubscriptionId: z.string(),
  state: SagaState,
  /** Counts the lives of this subscription id from 1; part of the key's name. */
  life: z.number().int().positive(),
  /** The key value, one per life, kept until `revoked`. */
  value: Sealed.exactOptional(),
  /** Sealed values of earlier lives whose key id was never known (`unresolved`). */
  strandedValues: z.array(Sealed),
  keyId: z.string().exactOptional(),
  account: z.string(),
  region: z.string(),
  restApiId: z.string(),
  stage: z.string(),
  usagePlanId: z.string(),
  /**
   * Name and description of the AWS key. Every call of this life uses the same ones, because an import overwrites them.
   */
  keyName: z.string(),
  keyDescription: z.string(),
  attempts: z.array(Attempt),
  /** Attempts of lives before this one: a redelivered SUBSCRIBE must not start a second life. */
  pastAttempts: z.array(Attempt),
  /** Creating calls that may still execute. */
  openCalls: z.number().int().nonnegative(),
  lastCreatingCallAt: epochMs,
  /** Creating calls of this life that succeeded according to AWS, but with an unreadable answer. */
  unreadable: z.number().int().nonnegative().exactOptional(),
  /** The key id that an UNSUBSCRIBE named. */
  unsubscribed: z.string().exactOptional(),
  /** The purge run that wrote `purging`. */
  purge: z.object({ run: z.string(), until: epochMs }).exactOptional(),
  /** Why the record is in its state, for an operator; never a secret. */
  note: z.string().exactOptional(),
  createdAt: epochMs,
  changedAt: epochMs,
});
export type SubscriptionRecord = z.output<typeof SubscriptionRecord>;

/**
 * Whether a SUBSCRIBE's SUCCEEDED reply was written. Made by create-only: the first writer wins for good. Only the link
 * that wrote `writing` may change it to `delivered`, `unconfirmed` or `refused`.
 */
export const Gate = z.object({
  state: z.preprocess(readVoid, z.enum(['writing', ...outcomes.options])),
  /** Link id, or the sweeper's instance. */
  by: z.string(),
  /** Tells after a lost answer to the create whose gate it is: read it back and compare. */
  nonce: z.string(),
  at: epochMs,
});
export type Gate = z.output<typeof Gate>;

/** Keys of the buckets. */
export const subscriptionKeys = {
  record: (integrationId: string, graviteeSubscriptionId: string): string =>
    `${idToken(integrationId)}.${idToken(graviteeSubscriptionId)}`,
  ofIntegration: (integrationId: string): string => `${idToken(integrationId)}.*`,
  gate: (commandId: string): string => idToken(commandId),
} as const;
