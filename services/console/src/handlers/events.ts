import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Handlers } from '../http/handlers.ts';
import { csvHeader, csvLine } from '../model/audit.ts';
import type { ConsoleParts } from '../parts.ts';

export function eventHandlers({ context, trail }: ConsoleParts): Pick<Handlers, 'events' | 'eventsExport'> {
  const { log } = context.telemetry;
  return {
    events: async ({ query }) => trail.page(query),
    eventsExport: async ({ query }, reply) => {
      const { format, ...filter } = query;
      const csv = format === 'csv';
      const out = new PassThrough();
      if (csv) out.write(csvHeader);
      // As fast as the browser reads, so that a long trail is not held in memory.
      const writing = trail.all(filter, async (event) => {
        if (!out.write(csv ? csvLine(event) : `${JSON.stringify(event)}\n`)) {
          await Promise.race([once(out, 'drain'), once(out, 'close')]);
        }
        return !out.destroyed;
      });
      writing.then(
        () => out.end(),
        (error: unknown) => {
          log.warn({ err: error }, 'an export of events broke off');
          out.destroy(error instanceof Error ? error : undefined);
        },
      );
      return reply
        .header('content-type', csv ? 'text/csv; charset=utf-8' : 'application/jsonl')
        .header('content-disposition', `attachment; filename="events.${csv ? 'csv' : 'jsonl'}"`)
        .send(out);
    },
  };
}
