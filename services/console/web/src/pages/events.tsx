import { useEffect, useState } from 'preact/hooks';
import type { AuditEvent, EventPage } from '../../../src/api/events.ts';
import { get, RequestFailed } from '../api/client.ts';
import type { Failure } from '../api/failure.ts';
import { useResource } from '../api/use-resource.ts';
import { exportPath, filterNames, filterOf, kinds, type Filter, type FilterName } from '../lib/events.ts';
import { href, queryText } from '../lib/route.ts';
import { actors, outcomes } from '../lib/states.ts';
import { navigate } from '../lib/use-route.ts';
import { EventList } from '../ui/event-list.tsx';
import { Page } from '../ui/page.tsx';
import { Empty, Loaded, Problem } from '../ui/states.tsx';
import { Time } from '../ui/time.tsx';
import { useAudit } from './use-audit.ts';

const limit = 100;

/** The audit trail: newest first, new ones as they happen; a filter in the address; the same filter as a file. */
export function EventsPage({ query }: { readonly query: URLSearchParams }) {
  const filter = filterOf(query);
  const key = queryText(filter);
  const page = useResource<EventPage>(`/api/events${queryText({ ...filter, limit })}`);
  return (
    <Page
      title="Events"
      aside={
        <>
          <a class="button" href={exportPath(filter, 'jsonl')} download>
            JSON lines
          </a>
          <a class="button" href={exportPath(filter, 'csv')} download>
            CSV
          </a>
        </>
      }
    >
      <FilterForm filter={filter} />
      <Loaded of={page}>{(first) => <Trail key={key} first={first} filter={filter} />}</Loaded>
    </Page>
  );
}

interface TrailProps {
  readonly first: EventPage;
  readonly filter: Filter;
}

function Trail({ first, filter }: TrailProps) {
  const [older, setOlder] = useState<readonly AuditEvent[]>([]);
  const [next, setNext] = useState(first.next);
  const [failure, setFailure] = useState<Failure>();
  useEffect(() => {
    setOlder([]);
    setNext(first.next);
  }, [first]);
  const events = useAudit(first.events, filter);

  const loadOlder = async (): Promise<void> => {
    try {
      const path = `/api/events${queryText({ ...filter, limit, before: next })}`;
      const page = await get<EventPage>(path);
      setOlder([...older, ...page.events]);
      setNext(page.next);
      setFailure(undefined);
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      setFailure(error.failure);
    }
  };

  if (events.length === 0 && older.length === 0 && next === undefined) {
    return (
      <Empty title="No event matches.">
        {first.oldestAt === undefined ? (
          'Nothing has happened yet, or the broker has dropped what is older than it keeps.'
        ) : (
          <>
            The oldest event that is kept is from <Time at={first.oldestAt} />.{' '}
            <a href={href('events')}>Show all</a>
          </>
        )}
      </Empty>
    );
  }
  return (
    <>
      <EventList events={[...events, ...older]} />
      {failure && <Problem failure={failure} />}
      {next === undefined ? (
        <p class="faint small">Older events are not kept.</p>
      ) : (
        <button type="button" onClick={() => void loadOlder()}>
          Older events
        </button>
      )}
    </>
  );
}

const choices: Partial<Record<FilterName, readonly string[]>> = {
  kind: kinds,
  actor: Object.keys(actors),
  outcome: Object.keys(outcomes),
};
const labels: Readonly<Record<FilterName, string>> = {
  kind: 'Kind',
  what: 'What',
  actor: 'By',
  outcome: 'Outcome',
  subscription: 'Subscription',
  api: 'API (unique id)',
  account: 'Account',
  region: 'Region',
  integration: 'Integration',
};

function FilterForm({ filter }: { readonly filter: Filter }) {
  const set = (name: FilterName, value: string): void =>
    navigate(href('events', {}, { ...filter, [name]: value.trim() }));
  const active = filterNames.filter((name) => filter[name] !== undefined).length;
  return (
    <form
      class="filters"
      role="search"
      aria-label="Filter of events"
      onSubmit={(event) => event.preventDefault()}
    >
      {filterNames.map((name) => {
        const options = choices[name];
        return (
          <label key={name} class="field">
            <span>{labels[name]}</span>
            {options ? (
              <select
                value={filter[name] ?? ''}
                onChange={({ currentTarget }) => set(name, currentTarget.value)}
              >
                <option value="">any</option>
                {options.map((option) => (
                  <option key={option}>{option}</option>
                ))}
              </select>
            ) : (
              <input
                value={filter[name] ?? ''}
                spellcheck={false}
                onChange={({ currentTarget }) => set(name, currentTarget.value)}
              />
            )}
          </label>
        );
      })}
      {active > 0 && (
        <a class="button" href={href('events')}>
          Clear
        </a>
      )}
    </form>
  );
}
