/** The estate in memory: a compact row per stage. Pure: it is fed with changes of the catalog. */
import { catalogKeys, type CatalogEntry, type Listing } from '@federation-agent/contracts';
import type { EstatePage, EstateQuery, EstateTree, StageRow } from '../api/index.ts';
import { stageRow } from './stage-row.ts';
import { compare, createTextIndex, searchText } from './search.ts';

interface Indexed {
  row: StageRow;
  text: string;
}

interface EstateCounts {
  readonly stages: number;
  readonly listed: number;
  readonly stale: number;
  readonly hidden: number;
}

export interface Estate {
  /** @param entry undefined: it has left the catalog */
  readonly apply: (key: string, entry: CatalogEntry | undefined) => void;
  page(query: EstateQuery): EstatePage;
  /** Rows whose unique id or REST API id is this, or whose name has it; at most `most`. */
  find(text: string, most: number): readonly StageRow[];
  readonly byUniqueId: (uniqueId: string) => StageRow | undefined;
  tree(): EstateTree;
  counts(): EstateCounts;
  /** Stages of a target. */
  ofTarget(integrationId: string, account: string, region: string): number;
}

export function createEstate(listingOf: (integrationId: string) => Listing): Estate {
  /** By the bucket's key: integrations may share an account, and then a unique id is there twice. */
  const all = new Map<string, Indexed>();
  /** The key of the latest entry with this unique id. */
  const keys = new Map<string, string>();
  /** How many stages each target has, by the beginning of their keys. */
  const perTarget = new Map<string, number>();
  let sorted: readonly Indexed[] | undefined;
  let index: ReturnType<typeof createTextIndex> | undefined;
  const inOrder = (): readonly Indexed[] => (sorted ??= [...all.values()].sort(byName));
  /** In the order of names. */
  const searched = (search: string): readonly Indexed[] => {
    const rows = inOrder();
    if (search === '') return rows;
    index ??= createTextIndex(rows.map(({ text }) => text));
    return index(search).flatMap((place) => rows[place] ?? []);
  };

  const byUniqueId = (uniqueId: string): StageRow | undefined => all.get(keys.get(uniqueId) ?? '')?.row;
  const remove = (key: string): void => {
    const row = all.get(key)?.row;
    if (!row) return;
    all.delete(key);
    const target = targetOf(key);
    perTarget.set(target, (perTarget.get(target) ?? 1) - 1);
    if (keys.get(row.uniqueId) !== key) return;
    const other = [...all].find(([, one]) => one.row.uniqueId === row.uniqueId);
    if (other) keys.set(row.uniqueId, other[0]);
    else keys.delete(row.uniqueId);
  };

  return {
    apply: (key, entry) => {
      if (!entry) {
        sorted = index = undefined;
        remove(key);
        return;
      }
      const row = stageRow(entry, listingOf(entry.integrationId));
      const there = all.get(key);
      if (there?.row.name === row.name && there.row.uniqueId === row.uniqueId) {
        // Its place in the order stays: a scan that changes many would have each search sort all of them.
        const text = textOf(row);
        if (text !== there.text) index = undefined;
        there.row = row;
        there.text = text;
        keys.set(row.uniqueId, key);
        return;
      }
      sorted = index = undefined;
      if (!all.has(key)) perTarget.set(targetOf(key), (perTarget.get(targetOf(key)) ?? 0) + 1);
      all.set(key, { row, text: textOf(row) });
      keys.set(row.uniqueId, key);
    },
    page: (query) => {
      const found = filtered(searched(query.search), query);
      const ordered = order(found, query);
      const rows = ordered.slice(query.offset, query.offset + query.limit).map(({ row }) => row);
      return { total: ordered.length, rows };
    },
    find: (text, most) => {
      const exact = byUniqueId(text);
      if (exact) return [exact];
      const wanted = text.toLowerCase();
      const ofApi = inOrder().filter(({ row }) => row.restApiId === text);
      const named = inOrder().filter(({ row }) => row.name.toLowerCase().includes(wanted));
      return (ofApi.length > 0 ? ofApi : named).slice(0, most).map(({ row }) => row);
    },
    byUniqueId,
    tree: () => treeOf([...all.values()].map(({ row }) => row)),
    counts: () => countsOf([...all.values()].map(({ row }) => row)),
    ofTarget: (integrationId, account, region) =>
      perTarget.get(catalogKeys.scan(integrationId, account, region)) ?? 0,
  };
}

/** `<integration>.<account>.<region>`, as in the key of its scan record. */
function targetOf(key: string): string {
  return key.split('.', 3).join('.');
}

function textOf({
  name,
  restApiId,
  stage,
  account,
  region,
  plans,
  uniqueId,
  addresses = [],
}: StageRow): string {
  const ofPlans = plans.flatMap((plan) => [plan.name, plan.usagePlanId]);
  return searchText(name, uniqueId, restApiId, stage, account, region, ...addresses, ...ofPlans);
}

function byName({ row: a }: Indexed, { row: b }: Indexed): number {
  return compare(a.name, b.name) || compare(a.uniqueId, b.uniqueId);
}

function filtered(found: readonly Indexed[], query: EstateQuery): readonly Indexed[] {
  const { integration: integrationId, account, region, restApiId, state } = query;
  const wanted = Object.entries({ integrationId, account, region, restApiId, state } as const).filter(
    ([, value]) => value !== undefined,
  ) as [keyof StageRow, string][];
  if (wanted.length === 0) return found;
  return found.filter(({ row }) => wanted.every(([name, value]) => row[name] === value));
}

/** @param found in the order of names */
function order(found: readonly Indexed[], { sort, order: way }: EstateQuery): readonly Indexed[] {
  const ordered =
    sort === 'name' ? found : found.toSorted(({ row: a }, { row: b }) => compare(a[sort], b[sort]));
  return way === 'asc' ? ordered : ordered.toReversed();
}

function treeOf(rows: readonly StageRow[]): EstateTree {
  const byAccount = Map.groupBy(rows, ({ account }) => account);
  const accounts = [...byAccount].sort(([a], [b]) => compare(a, b));
  return {
    accounts: accounts.map(([account, ofAccount]) => ({
      account,
      stages: ofAccount.length,
      regions: [...Map.groupBy(ofAccount, ({ region }) => region)]
        .sort(([a], [b]) => compare(a, b))
        .map(([region, ofRegion]) => ({
          region,
          apis: new Set(ofRegion.map(({ restApiId }) => restApiId)).size,
          ...countsOf(ofRegion),
        })),
    })),
  };
}

function countsOf(rows: readonly StageRow[]): EstateCounts {
  const counts = { stages: rows.length, listed: 0, stale: 0, hidden: 0 };
  for (const { state } of rows) counts[state] += 1;
  return counts;
}
