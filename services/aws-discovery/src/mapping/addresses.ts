/**
 * The addresses of stages under custom domains, from what a sweep of the domains has read. Pure.
 *
 * | a domain has | address |
 * |---|---|
 * | a mapping to a stage, with a path or at the root | `https://<domain>/<path>` |
 * | a mapping without a stage (REST APIs) | `https://<domain>/<path>/<stage>`, for every stage |
 * | a rule for base paths that strips them | `https://<domain>/<base path>`, for each |
 * | a rule for base paths that passes them on (1) | `https://<domain>` |
 * | a rule for any path | `https://<domain>` |
 * | a rule that wants headers | none: an address alone does not lead there |
 * | a name with a wildcard | none: nobody can call it as it is |
 * | a status in which it was never available | none |
 *
 * (1) The API sees the base path as the first part of its own paths, and so its document has it already.
 *
 * An address counts only where AWS leads it to that stage: a rule that is asked before, or a longer mapping, may take
 * all its requests. A domain that asks only its rules has no addresses by mappings.
 */
import type { DomainMapping, DomainName, RoutingRule } from '@federation-agent/aws-control-plane';
import type { StageAddress } from '@federation-agent/contracts';
import { stageKey } from '../scan/seen.ts';

/** One domain with what it leads to. */
export interface DomainRead {
  readonly domain: DomainName;
  readonly mappings: readonly DomainMapping[];
  readonly rules: readonly RoutingRule[];
}

/** By `stageKey`; `stagesOf` gives the known stages of an API. */
export function addressesByStage(
  domains: readonly DomainRead[],
  stagesOf: (apiId: string) => readonly string[],
): ReadonlyMap<string, readonly StageAddress[]> {
  const byStage = new Map<string, StageAddress[]>();
  for (const read of domains) {
    for (const { apiId, stage, path } of placesOf(read, stagesOf)) {
      const key = stageKey({ restApiId: apiId, stage });
      const address = addressOf(read.domain, path);
      const before = byStage.get(key) ?? [];
      if (!before.some(({ url }) => url === address.url)) byStage.set(key, [...before, address]);
    }
  }
  return new Map([...byStage].map(([key, addresses]) => [key, addresses.toSorted(bestFirst)]));
}

/** Names a domain in an address: private domains of one name differ by their id. */
export function domainKey({ name, id }: Pick<DomainName, 'name' | 'id'>): string {
  return id === undefined ? name : `${name} ${id}`;
}

/** The entry's addresses after a sweep. Those of a domain that could not be read stay. */
export function nextAddresses(
  before: readonly StageAddress[],
  read: readonly StageAddress[],
  unread: ReadonlySet<string>,
): readonly StageAddress[] {
  return [...before.filter(({ domain }) => unread.has(domain)), ...read].toSorted(bestFirst);
}

/** Others, such as `UPDATING`, belong to domains that work. */
const notYet = new Set(['PENDING', 'PENDING_OWNERSHIP_VERIFICATION', 'FAILED']);

interface Place {
  readonly apiId: string;
  readonly stage: string;
  /** Of the address. Without a slash at either end. */
  readonly path: string;
  /** Where the requests are that lead there, when not at the address itself. */
  readonly base?: string;
}

function placesOf(read: DomainRead, stagesOf: (apiId: string) => readonly string[]): Place[] {
  const { domain, mappings } = read;
  if (domain.name.startsWith('*') || notYet.has(domain.status ?? '')) return [];
  const rules = rulesOf(read);
  const leadsTo = createRoute(read, rules);
  const places = [...rules.flatMap(ofRule), ...mappings.flatMap((mapping) => ofMapping(mapping, stagesOf))];
  return places.filter(({ apiId, stage, path, base = path }) => {
    const found = leadsTo(base);
    return found?.apiId === apiId && found.stage === stage;
  });
}

/** The rules that requests without special headers ask, in their order. */
function rulesOf({ domain, rules }: DomainRead): RoutingRule[] {
  if (!domain.routingMode.startsWith('ROUTING_RULE')) return [];
  return rules.filter(({ needsHeaders }) => !needsHeaders).toSorted((a, b) => a.priority - b.priority);
}

/** Where AWS leads the requests below a path: to the first rule that covers it, else to the longest mapping. */
function createRoute(
  { domain, mappings }: DomainRead,
  rules: readonly RoutingRule[],
): (path: string) => Pick<Place, 'apiId' | 'stage'> | undefined {
  const asked = domain.routingMode === 'ROUTING_RULE_ONLY' ? [] : mappings;
  const longestFirst = asked
    .map((mapping) => ({ ...mapping, path: trimmed(mapping.path) }))
    .toSorted((a, b) => b.path.length - a.path.length);
  return (path) => {
    const covers = (base: string): boolean => isBelow(path, trimmed(base));
    const rule = rules.find(({ basePaths }) => basePaths.length === 0 || basePaths.some(covers));
    if (rule) return rule;
    const mapping = longestFirst.find((one) => covers(one.path));
    if (!mapping) return undefined;
    const [named = ''] = trimmed(path.slice(mapping.path.length)).split('/');
    return { apiId: mapping.apiId, stage: mapping.stage ?? named };
  };
}

function isBelow(path: string, base: string): boolean {
  return base === '' || path === base || path.startsWith(`${base}/`);
}

function ofRule({ apiId, stage, basePaths, stripBasePath }: RoutingRule): Place[] {
  const bases = basePaths.length > 0 ? basePaths.map(trimmed) : [''];
  return bases.map((base) => ({ apiId, stage, path: stripBasePath ? base : '', base }));
}

function ofMapping(
  { apiId, stage, path }: DomainMapping,
  stagesOf: (apiId: string) => readonly string[],
): Place[] {
  const base = trimmed(path);
  if (stage !== undefined) return [{ apiId, stage, path: base }];
  return stagesOf(apiId).map((named) => ({ apiId, stage: named, path: trimmed(`${base}/${named}`) }));
}

function addressOf(domain: DomainName, path: string): StageAddress {
  const url = `https://${domain.name}${path === '' ? '' : `/${path}`}`;
  const isPrivate = domain.endpointTypes.includes('PRIVATE');
  return { domain: domainKey(domain), url, ...(isPrivate && { private: true }) };
}

function bestFirst(a: StageAddress, b: StageAddress): number {
  const inside = Number(a.private ?? false) - Number(b.private ?? false);
  return inside || a.url.length - b.url.length || (a.url < b.url ? -1 : a.url > b.url ? 1 : 0);
}

const trimmed = (path: string): string => path.replace(/^\/+|\/+$/gu, '');
