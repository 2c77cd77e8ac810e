import { useMemo, useState } from 'preact/hooks';
import type { EstatePage as Page_, StageRow } from '../../../src/api/estate.ts';
import { useRows } from '../api/use-rows.ts';
import { counted } from '../lib/numbers.ts';
import { href, queryText } from '../lib/route.ts';
import { listingStates } from '../lib/states.ts';
import { navigate } from '../lib/use-route.ts';
import { Badge } from '../ui/badge.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/states.tsx';
import { Search } from '../ui/search.tsx';
import { Table, type Column } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { EstateTreeView } from './estate-tree.tsx';
import { WhyNot } from './why-not.tsx';

/** The type is named where it is not the usual one. */
function nameOf({ name, restApiId, apiType }: StageRow): string {
  const shown = name === '' ? restApiId : name;
  return apiType === undefined ? shown : `${shown} · ${apiType === 'HTTP' ? 'HTTP' : 'WebSocket'}`;
}

const names = ['search', 'state', 'account', 'region', 'restApiId', 'sort', 'order'] as const;
const topics = ['estate'] as const;

const columns: readonly Column<StageRow>[] = [
  { id: 'name', title: 'API', size: 'wide', cell: nameOf },
  { id: 'stage', title: 'Stage', size: 'narrow', cell: ({ stage }) => stage },
  { id: 'state', title: 'In APIM', size: 'state', cell: ({ state }) => <Badge of={listingStates[state]} /> },
  {
    id: 'reason',
    title: 'Why',
    size: 'wide',
    room: 'medium',
    cell: ({ reasons: [reason] }) => reason && <span title={reason.text}>{reason.text}</span>,
  },
  {
    id: 'plans',
    title: 'Plans',
    room: 'large',
    cell: ({ plans }) => plans.map(({ name, usagePlanId }) => (name === '' ? usagePlanId : name)).join(', '),
  },
  {
    id: 'account',
    title: 'Account',
    room: 'large',
    cell: ({ account }) => <span class="mono">{account}</span>,
  },
  { id: 'region', title: 'Region', room: 'large', cell: ({ region }) => region },
  {
    id: 'changed',
    title: 'Changed',
    size: 'narrow',
    room: 'medium',
    cell: ({ changedAt }) => <Time at={changedAt} />,
  },
];

/** Everything that was found in AWS: a tree to choose a part, a table to search it. */
export function EstatePage({ query }: { readonly query: URLSearchParams }) {
  const asked = Object.fromEntries(names.map((name) => [name, query.get(name) ?? undefined]));
  const rows = useRows<StageRow, Page_>(`/api/estate${queryText(asked)}`, topics);
  const [tree, setTree] = useState(() => innerWidth > 760);
  const change = (more: Readonly<Record<string, string | undefined>>): void =>
    navigate(href('estate', {}, { ...asked, ...more }), { replace: true });
  // Drawn when its rows have changed, not with each letter of a search.
  const table = useMemo(
    () => (
      <Table
        caption="Stages of REST APIs"
        query={rows.path}
        columns={columns}
        total={rows.total}
        rowAt={rows.rowAt}
        onRange={rows.onRange}
        hrefOf={({ uniqueId }) => href('api', { uniqueId })}
      />
    ),
    [rows.path, rows.total, rows.rowAt, rows.onRange],
  );
  const place = [asked['account'], asked['region'], asked['restApiId']].filter(Boolean).join(' › ');

  return (
    <Page
      title="Estate"
      aside={
        <button
          type="button"
          class="tree-switch"
          aria-expanded={tree}
          aria-controls="tree"
          onClick={() => setTree(!tree)}
        >
          Tree
        </button>
      }
    >
      <div class={`estate ${tree ? 'with-tree' : ''}`}>
        <div id="tree" hidden={!tree}>
          <EstateTreeView
            selected={asked}
            onSelect={(part) => change({ region: undefined, restApiId: undefined, ...part })}
          />
        </div>
        <div class="estate-table">
          <div class="bar" role="search" aria-label="Search the estate">
            <Search
              label="Search by name, id, stage, account, region or plan"
              value={asked['search'] ?? ''}
              onInput={(search) => change({ search })}
            />
            <select
              aria-label="In APIM"
              value={asked['state'] ?? ''}
              onChange={({ currentTarget }) => change({ state: currentTarget.value })}
            >
              <option value="">Any state</option>
              {Object.values(listingStates).map(({ word }) => (
                <option key={word}>{word}</option>
              ))}
            </select>
            <select
              aria-label="Order"
              value={`${asked['sort'] ?? 'name'} ${asked['order'] ?? 'asc'}`}
              onChange={({ currentTarget }) => {
                const [sort, order] = currentTarget.value.split(' ');
                change({ sort, order });
              }}
            >
              <option value="name asc">By name</option>
              <option value="changedAt desc">Last changed first</option>
              <option value="state asc">By state</option>
            </select>
            {place !== '' && (
              <a class="button" href={href('estate', {}, { search: asked['search'], state: asked['state'] })}>
                {place} ✕<span class="unseen"> show all</span>
              </a>
            )}
            <span class="grow" />
            <span class="faint" role="status">
              {rows.page && counted(rows.total, 'stage')}
            </span>
          </div>
          {rows.failure && <Problem failure={rows.failure} retry={rows.reload} />}
          {rows.page?.total === 0 ? (
            <WhyNot search={asked['search'] ?? ''} filtered={place !== '' || asked['state'] !== undefined} />
          ) : (
            table
          )}
        </div>
      </div>
    </Page>
  );
}
