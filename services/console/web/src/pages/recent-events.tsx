import type { EventPage } from '../../../src/api/events.ts';
import { useResource } from '../api/use-resource.ts';
import type { Filter } from '../lib/events.ts';
import { queryText } from '../lib/route.ts';
import { EventList } from '../ui/event-list.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { useAudit } from './use-audit.ts';

interface RecentEventsProps {
  readonly query: Filter;
  readonly limit?: number;
  readonly within?: 'subscription' | 'api';
}

/** The last events of a filter, new ones as they happen. */
export function RecentEvents({ query, limit = 8, within }: RecentEventsProps) {
  const page = useResource<EventPage>(`/api/events${queryText({ ...query, limit })}`);
  const events = useAudit(page.value?.events, query);
  return (
    <Loaded of={page}>
      {() =>
        events.length === 0 ? (
          <Empty title="No events.">Nothing has happened here since the broker keeps events.</Empty>
        ) : (
          <EventList events={events.slice(0, limit)} {...(within && { within })} />
        )
      }
    </Loaded>
  );
}
