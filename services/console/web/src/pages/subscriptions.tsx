import type { SubscriptionPage, SubscriptionRow } from '../../../src/api/subscriptions.ts';
import { useRows } from '../api/use-rows.ts';
import { counted, count } from '../lib/numbers.ts';
import { href, queryText } from '../lib/route.ts';
import { subscriptionStates } from '../lib/states.ts';
import { navigate } from '../lib/use-route.ts';
import { Badge } from '../ui/badge.tsx';
import { Page } from '../ui/page.tsx';
import { Search } from '../ui/search.tsx';
import { Empty, Problem } from '../ui/states.tsx';
import { Table, type Column } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';

const names = ['search', 'state', 'needsPerson', 'uniqueId'] as const;
const topics = ['subscriptions'] as const;

const columns: readonly Column<SubscriptionRow>[] = [
  {
    id: 'id',
    title: 'Subscription',
    size: 'wide',
    cell: ({ graviteeSubscriptionId: id }) => <span class="mono">{id}</span>,
  },
  {
    id: 'state',
    title: 'State',
    size: 'state',
    cell: ({ state }) => <Badge of={subscriptionStates[state]} />,
  },
  { id: 'since', title: 'Since', size: 'narrow', cell: ({ since }) => <Time at={since} /> },
  {
    id: 'api',
    title: 'API',
    size: 'wide',
    room: 'medium',
    cell: ({ apiName, restApiId, stage }) => `${apiName ?? restApiId} · ${stage}`,
  },
  { id: 'plan', title: 'Plan', room: 'large', cell: ({ planName, usagePlanId }) => planName ?? usagePlanId },
  {
    id: 'key',
    title: 'Key id',
    room: 'large',
    cell: ({ apiKeyId }) =>
      apiKeyId === undefined ? <span class="faint">unknown</span> : <code>{apiKeyId}</code>,
  },
  {
    id: 'note',
    title: 'Note',
    size: 'wide',
    room: 'large',
    cell: ({ note, needsPerson }) => (
      <span title={note}>
        {needsPerson && <strong>Needs a person. </strong>}
        {note}
      </span>
    ),
  },
];

/** Which key belongs to which subscription, and what is stuck. */
export function SubscriptionsPage({ query }: { readonly query: URLSearchParams }) {
  const asked = Object.fromEntries(names.map((name) => [name, query.get(name) ?? undefined]));
  const rows = useRows<SubscriptionRow, SubscriptionPage>(`/api/subscriptions${queryText(asked)}`, topics);
  const change = (more: Readonly<Record<string, string | undefined>>): void =>
    navigate(href('subscriptions', {}, { ...asked, ...more }), { replace: true });
  const { uniqueId, needsPerson, state } = asked;
  const filtered = Object.values(asked).some((value) => value !== undefined && value !== '');

  return (
    <Page
      title="Subscriptions"
      aside={
        <a class="button" href="/api/subscriptions/export" download>
          Export
        </a>
      }
    >
      <div class="bar" role="search" aria-label="Search the subscriptions">
        <Search
          label="Search by id, key, API or plan"
          value={asked['search'] ?? ''}
          onInput={(search) => change({ search })}
        />
        <select
          aria-label="State"
          value={state ?? ''}
          onChange={({ currentTarget }) => change({ state: currentTarget.value })}
        >
          <option value="">Any state</option>
          {Object.values(subscriptionStates).map(({ word }) => (
            <option key={word} value={word}>
              {word} ({count(rows.page?.states[word] ?? 0)})
            </option>
          ))}
        </select>
        <label class="check">
          <input
            type="checkbox"
            checked={needsPerson === 'true'}
            onChange={({ currentTarget }) =>
              change({ needsPerson: currentTarget.checked ? 'true' : undefined })
            }
          />
          Needs a person
        </label>
        {uniqueId !== undefined && (
          <a class="button" href={href('subscriptions')}>
            {uniqueId} ✕<span class="unseen"> show all</span>
          </a>
        )}
        <span class="grow" />
        <span class="faint" role="status">
          {rows.page && counted(rows.total, 'subscription')}
        </span>
      </div>
      {rows.failure && <Problem failure={rows.failure} retry={rows.reload} />}
      {rows.page?.total === 0 ? (
        <Empty title={filtered ? 'No subscription matches.' : 'There is no subscription yet.'}>
          {filtered ? (
            <a href={href('subscriptions')}>Show all</a>
          ) : (
            'One appears when APIM accepts a subscription to a plan of a federated API.'
          )}
        </Empty>
      ) : (
        <Table
          caption="Subscriptions and their keys"
          query={rows.path}
          columns={columns}
          total={rows.total}
          rowAt={rows.rowAt}
          onRange={rows.onRange}
          hrefOf={({ integrationId, graviteeSubscriptionId: subscriptionId }) =>
            href('subscription', { integrationId, subscriptionId })
          }
        />
      )}
    </Page>
  );
}
