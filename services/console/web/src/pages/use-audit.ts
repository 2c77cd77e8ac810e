import { useEffect, useMemo, useState } from 'preact/hooks';
import type { AuditEvent } from '../../../src/api/events.ts';
import { listen } from '../api/live.ts';
import { matches, withNew, type Filter } from '../lib/events.ts';
import { queryText } from '../lib/route.ts';

const none: readonly AuditEvent[] = [];
/** A page that is open for a day must not grow without end. */
const mostFresh = 500;

/** The events that were loaded, and before them those that have happened since. */
export function useAudit(loaded: readonly AuditEvent[] = none, filter: Filter): readonly AuditEvent[] {
  const [fresh, setFresh] = useState<{ readonly key: string; readonly events: readonly AuditEvent[] }>({
    key: '',
    events: none,
  });
  const key = queryText(filter);
  useEffect(
    () =>
      listen({
        audit: (event) => {
          if (!matches(event, filter)) return;
          setFresh((before) => ({
            key,
            events: [event, ...(before.key === key ? before.events : none)].slice(0, mostFresh),
          }));
        },
      }),
    [key],
  );
  return useMemo(() => (fresh.key === key ? withNew(loaded, fresh.events) : loaded), [loaded, fresh, key]);
}
