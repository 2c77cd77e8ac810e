/** Events: the audit trail on EVENTS. Nothing depends on reading it, and no event has a secret. */
import { z } from 'zod';

const base = { at: z.number().int().nonnegative(), integrationId: z.string() };

/** `event.api.{added,changed,removed,degraded,restored}` */
export const ApiEvent = z.object({
  ...base,
  uniqueId: z.string(),
  what: z.enum(['added', 'changed', 'removed', 'degraded', 'restored']),
  detail: z.string().exactOptional(),
});
export type ApiEvent = z.output<typeof ApiEvent>;

/** `event.subscription.<state>`: a record's new state. */
export const SubscriptionEvent = z.object({
  ...base,
  graviteeSubscriptionId: z.string(),
  state: z.string(),
  life: z.number().int(),
  apiKeyId: z.string().exactOptional(),
  usagePlanId: z.string().exactOptional(),
  detail: z.string().exactOptional(),
});
export type SubscriptionEvent = z.output<typeof SubscriptionEvent>;

/** `event.link.{connected,refused,closed}` */
export const LinkEvent = z.object({
  ...base,
  linkId: z.string(),
  what: z.enum(['connected', 'refused', 'closed']),
  endpoint: z.string(),
  detail: z.string().exactOptional(),
});
export type LinkEvent = z.output<typeof LinkEvent>;

/** `event.scan.{completed,incomplete}` */
export const ScanEvent = z.object({
  ...base,
  account: z.string(),
  region: z.string(),
  what: z.enum(['completed', 'incomplete']),
  /** Listed stages: each is an API for APIM. */
  apis: z.number().int(),
  plans: z.number().int(),
  exports: z.number().int(),
  durationMs: z.number(),
  failures: z.array(z.string()),
});
export type ScanEvent = z.output<typeof ScanEvent>;

/** `event.receipt.{delivered,unconfirmed,refused}`: the outcome of a command's reply. */
export const ReceiptEvent = z.object({
  ...base,
  commandId: z.string(),
  type: z.string(),
  status: z.enum(['SUCCEEDED', 'ERROR']),
  outcome: z.enum(['delivered', 'unconfirmed', 'refused']),
  detail: z.string().exactOptional(),
});
export type ReceiptEvent = z.output<typeof ReceiptEvent>;

/** Every event by its kind. */
export interface EventsByKind {
  readonly api: ApiEvent;
  readonly subscription: SubscriptionEvent;
  readonly link: LinkEvent;
  readonly scan: ScanEvent;
  readonly receipt: ReceiptEvent;
}
