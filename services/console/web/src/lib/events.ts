/** The filter of the audit trail, as the address of the page and the query of the API have it. */
import type { AuditEvent } from '../../../src/api/events.ts';
import { queryText } from './route.ts';

export const filterNames = [
  'kind',
  'what',
  'actor',
  'outcome',
  'subscription',
  'api',
  'account',
  'region',
  'integration',
] as const;
export type FilterName = (typeof filterNames)[number];
export type Filter = Readonly<Partial<Record<FilterName, string>>>;

export const kinds = [
  'api',
  'subscription',
  'link',
  'scan',
  'receipt',
  'operator',
] as const satisfies readonly AuditEvent['kind'][];

/** What of an address is a filter. */
export function filterOf(query: URLSearchParams): Filter {
  return Object.fromEntries(
    filterNames.flatMap((name) => {
      const value = query.get(name)?.trim() ?? '';
      return value === '' ? [] : [[name, value]];
    }),
  );
}

const fields: Readonly<Record<FilterName, (event: AuditEvent) => string | undefined>> = {
  kind: ({ kind }) => kind,
  what: ({ what }) => what,
  actor: ({ actor }) => actor,
  outcome: ({ outcome }) => outcome,
  subscription: ({ graviteeSubscriptionId }) => graviteeSubscriptionId,
  api: ({ uniqueId }) => uniqueId,
  account: ({ account }) => account,
  region: ({ region }) => region,
  integration: ({ integrationId }) => integrationId,
};

/** Whether an event that has just happened belongs into a list: each value is equal, as in the API's own filter. */
export function matches(event: AuditEvent, filter: Filter): boolean {
  return filterNames.every((name) => filter[name] === undefined || fields[name](event) === filter[name]);
}

/** The address of a file with the events of a filter. */
export function exportPath(filter: Filter, format: 'jsonl' | 'csv'): string {
  return `/api/events/export${queryText({ format, ...filter })}`;
}

/** New events before the ones that are shown, newest first; none twice. */
export function withNew(shown: readonly AuditEvent[], fresh: readonly AuditEvent[]): readonly AuditEvent[] {
  const known = new Set(shown.map(({ sequence }) => sequence));
  const added = fresh.filter(({ sequence }) => !known.has(sequence));
  return added.length === 0 ? shown : [...added, ...shown].toSorted((a, b) => b.sequence - a.sequence);
}
