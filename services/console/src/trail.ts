/** Reads the audit trail: page by page from the newest event back, all of it in order, or as it happens. */
import { streams, type EventKind } from '@federation-agent/contracts';
import { openStreamLog, type Broker, type LogEntry } from '@federation-agent/broker';
import type { AuditEvent, EventFilter, EventPage, EventQuery } from './api/index.ts';
import { auditEvent, isEventWanted } from './model/audit.ts';

export interface Trail {
  page(query: EventQuery): Promise<EventPage>;
  /** Every wanted event, oldest first. Ends early when `each` answers false. */
  all(filter: EventFilter, each: (event: AuditEvent) => boolean | Promise<boolean>): Promise<void>;
  /** The events about one subscription or API, oldest first; of more than `most`, the latest. */
  about(id: string, most: number): Promise<AuditEvent[]>;
  follow(onEvent: (event: AuditEvent) => void): { stop(): Promise<void> };
}

/** How many sequences the first look back covers; each further one covers twice as many. */
const firstLook = 512;
/** One request looks back over no more than this; the next page goes on from there. */
const mostLooks = 20_000;

/** @param traceUrl `federation.console.traceUrl` */
export function openTrail(broker: Broker, traceUrl?: string): Trail {
  const { subjects } = broker;
  const read = (entry: LogEntry): AuditEvent | undefined => auditEvent(entry, traceUrl);
  const log = openStreamLog(broker, streams.events);

  /** Old events have no id in their subjects, so only `kind` narrows what the broker sends. */
  const subjectOf = ({ kind }: { readonly kind?: EventKind }): string =>
    kind === undefined ? subjects.allEvents : subjects.eventsOf(kind);

  const page = async (query: EventQuery): Promise<EventPage> => {
    const { first, last, firstAt } = await log.state();
    const filter = subjectOf(query);
    const found: AuditEvent[] = [];
    let before = Math.min(query.before ?? last + 1, last + 1);
    const stopAt = Math.max(first, before - mostLooks);
    for (let look = firstLook; before > stopAt && found.length < query.limit; look *= 2) {
      const from = Math.max(stopAt, before - look);
      const chunk: AuditEvent[] = [];
      await log.read({ from, to: before - 1, filter }, (entry) => {
        const event = read(entry);
        if (event && isEventWanted(event, query)) chunk.push(event);
        return true;
      });
      found.push(...chunk.reverse());
      before = from;
    }
    const events = found.slice(0, query.limit);
    const next = found.length > query.limit ? events.at(-1)?.sequence : before;
    return {
      events,
      ...(next !== undefined && next > first && { next }),
      ...(firstAt !== undefined && { oldestAt: firstAt }),
    };
  };

  return {
    page,
    all: async (filter, each) => {
      const { first, last } = await log.state();
      if (last < first) return;
      await log.read({ from: first, to: last, filter: subjectOf(filter) }, (entry) => {
        const event = read(entry);
        return event && isEventWanted(event, filter) ? each(event) : true;
      });
    },
    about: async (id, most) => {
      const { first, last } = await log.state();
      const found: AuditEvent[] = [];
      if (last < first) return found;
      await log.read({ from: first, to: last, filter: subjects.eventsAbout(id) }, (entry) => {
        const event = read(entry);
        if (event) found.push(event);
        if (found.length > most) found.shift();
        return true;
      });
      return found;
    },
    follow: (onEvent) =>
      log.follow(subjects.allEvents, (entry) => {
        const event = read(entry);
        if (event) onEvent(event);
      }),
  };
}
