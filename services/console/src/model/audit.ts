/** A message of EVENTS as one flat shape. Pure. */
import { z } from 'zod';
import { EventActor, EventOutcome } from '@federation-agent/contracts';
import type { LogEntry } from '@federation-agent/broker';
import { AuditEvent, EventKindName, type EventFilter } from '../api/index.ts';

/** What events of all kinds and versions have; those of version 1 had neither actor nor outcome. */
const AnyEvent = AuditEvent.pick({
  integrationId: true,
  graviteeSubscriptionId: true,
  uniqueId: true,
  usagePlanId: true,
  apiKeyId: true,
  account: true,
  region: true,
  detail: true,
}).extend({
  at: z.number(),
  actor: EventActor.default({ kind: 'agent' }),
  outcome: EventOutcome.catch('ok'),
  commandId: z.string().exactOptional(),
  linkId: z.string().exactOptional(),
  type: z.string().exactOptional(),
  status: z.string().exactOptional(),
  failures: z.array(z.string()).exactOptional(),
});

/**
 * @param traceUrl `federation.console.traceUrl`
 * @returns undefined: not an event of a kind that is known here
 */
export function auditEvent(
  { sequence, subject, body, traceId }: LogEntry,
  traceUrl?: string,
): AuditEvent | undefined {
  const [, , , kindOfSubject, what] = subject.split('.');
  const kind = EventKindName.safeParse(kindOfSubject);
  const read = AnyEvent.safeParse(body);
  if (!kind.success || !read.success || what === undefined) return undefined;
  const { actor, commandId, linkId, type, status, failures, detail, ...event } = read.data;
  const by =
    actor.kind === 'operator' ? actor.name : actor.kind === 'apim' ? actor.commandId : (commandId ?? linkId);
  const words = [type, status, detail, ...(failures ?? [])].filter(Boolean).join('; ');
  return {
    sequence,
    kind: kind.data,
    what,
    ...event,
    ...placeOf(event),
    actor: actor.kind,
    ...(by !== undefined && { by }),
    ...(words !== '' && { detail: words }),
    ...(traceId !== undefined && { traceId }),
    ...(traceId !== undefined &&
      traceUrl !== undefined && { traceUrl: traceUrl.replaceAll('{traceId}', encodeURIComponent(traceId)) }),
  };
}

/** An event about an API has account and region in its unique id. */
function placeOf({ uniqueId, account, region }: z.output<typeof AnyEvent> | Partial<AuditEvent>) {
  const [ofId, regionOfId] = uniqueId?.split(':') ?? [];
  const place = { account: account ?? ofId, region: region ?? regionOfId };
  return {
    ...(place.account !== undefined && { account: place.account }),
    ...(place.region !== undefined && { region: place.region }),
  };
}

export function isEventWanted(event: AuditEvent, filter: EventFilter): boolean {
  const { kind, what, integration, subscription, api, account, region, actor, outcome, from, to } = filter;
  return (
    (kind ?? event.kind) === event.kind &&
    (what ?? event.what) === event.what &&
    (integration ?? event.integrationId) === event.integrationId &&
    (subscription === undefined || subscription === event.graviteeSubscriptionId) &&
    (api === undefined || api === event.uniqueId) &&
    (account === undefined || account === event.account) &&
    (region === undefined || region === event.region) &&
    (actor ?? event.actor) === event.actor &&
    (outcome ?? event.outcome) === event.outcome &&
    event.at >= (from ?? 0) &&
    event.at <= (to ?? Infinity)
  );
}

const columns = [
  'sequence',
  'at',
  'kind',
  'what',
  'integrationId',
  'actor',
  'by',
  'graviteeSubscriptionId',
  'uniqueId',
  'usagePlanId',
  'apiKeyId',
  'account',
  'region',
  'outcome',
  'detail',
  'traceId',
] as const satisfies readonly (keyof AuditEvent)[];

export const csvHeader = `${columns.join(',')}\n`;

/** One line of CSV; times are ISO 8601. */
export function csvLine(event: AuditEvent): string {
  const cells = columns.map((column) =>
    column === 'at' ? new Date(event.at).toISOString() : cell(String(event[column] ?? '')),
  );
  return `${cells.join(',')}\n`;
}

/** A spreadsheet takes a text that begins with one of these for a formula. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/u.test(text) ? `'${text}` : text;
  return /[",\n\r]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
