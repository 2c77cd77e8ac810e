/** The audit trail, as the API shows it: one flat shape for every kind of event. docs/events.md has the schemas. */
import { z } from 'zod';
import { count, time } from './common.ts';

export const EventKindName = z.enum(['api', 'subscription', 'link', 'scan', 'receipt', 'operator']);

/** `apim`: a command; `operator`: a person, whose name is `by`; `sweeper`; `agent`: the agent by itself. */
const Actor = z.enum(['apim', 'operator', 'sweeper', 'agent']);

export const AuditEvent = z.object({
  /** Its place in the stream: grows, and never comes again. */
  sequence: count,
  at: time,
  kind: EventKindName,
  /** Such as `added` of an API, or the new state of a subscription. */
  what: z.string(),
  integrationId: z.string(),
  actor: Actor,
  /** The operator's name, the command's id, or the process. */
  by: z.string().exactOptional(),
  graviteeSubscriptionId: z.string().exactOptional(),
  uniqueId: z.string().exactOptional(),
  usagePlanId: z.string().exactOptional(),
  apiKeyId: z.string().exactOptional(),
  account: z.string().exactOptional(),
  region: z.string().exactOptional(),
  outcome: z.enum(['ok', 'failed', 'unknown']),
  detail: z.string().exactOptional(),
  traceId: z.string().exactOptional(),
  /** Where the trace is shown, see `federation.console.traceUrl`. */
  traceUrl: z.string().exactOptional(),
});
export type AuditEvent = z.output<typeof AuditEvent>;

/** Every field must match. */
const eventFilter = {
  kind: EventKindName.exactOptional(),
  what: z.string().max(100).exactOptional(),
  integration: z.string().max(200).exactOptional(),
  subscription: z.string().max(200).exactOptional(),
  api: z.string().max(400).exactOptional(),
  account: z.string().max(100).exactOptional(),
  region: z.string().max(100).exactOptional(),
  actor: Actor.exactOptional(),
  outcome: z.enum(['ok', 'failed', 'unknown']).exactOptional(),
  /** Not older than. */
  from: z.coerce.number().int().nonnegative().exactOptional(),
  /** Not younger than. */
  to: z.coerce.number().int().nonnegative().exactOptional(),
};
export const EventFilter = z.object(eventFilter);
export type EventFilter = z.output<typeof EventFilter>;

export const EventQuery = z.object({
  ...eventFilter,
  /** Only events with a lower sequence: `next` of the page before. */
  before: z.coerce.number().int().positive().exactOptional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});
export type EventQuery = z.output<typeof EventQuery>;

export const EventPage = z.object({
  /** Newest first. */
  events: z.array(AuditEvent),
  /** `before` of the next page; absent: the stream has no older events. A page may be empty and have a next one. */
  next: count.exactOptional(),
  /** The oldest event that the stream still has. */
  oldestAt: time.exactOptional(),
});
export type EventPage = z.output<typeof EventPage>;

export const ExportQuery = z.object({ ...eventFilter, format: z.enum(['jsonl', 'csv']).default('jsonl') });
export type ExportQuery = z.output<typeof ExportQuery>;
