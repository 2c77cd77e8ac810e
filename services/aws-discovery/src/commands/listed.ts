/** What is listed of an integration, without holding anything up or more than is wanted. */
import { catalogKeys, type CatalogEntry } from '@federation-agent/contracts';
import { yieldToEventLoop } from '@federation-agent/base';
import type { Discovery, Integration } from '../deps.ts';
import { isListed } from '../scan/scope.ts';

/** @param pick what is wanted of an entry; undefined leaves it out */
export function listedInCatalog<T>(
  { catalog }: Pick<Discovery, 'catalog'>,
  { settings }: Integration,
  pick: (entry: CatalogEntry) => T | undefined,
): Promise<T[]> {
  return catalog.select(catalogKeys.ofIntegration(settings.integrationId), ({ value }) =>
    isListed(value, settings) ? pick(value) : undefined,
  );
}

/** In the order of the unique ids; sorted in parts, as 100,000 at once would keep everything else waiting. */
export async function sortedByUniqueId<T extends { readonly uniqueId: string }>(
  all: readonly T[],
): Promise<T[]> {
  const parts = new Map<string, T[]>();
  for (const one of all) {
    const name = partOf(one.uniqueId);
    const part = parts.get(name);
    if (part) part.push(one);
    else parts.set(name, [one]);
    await yieldToEventLoop();
  }
  const ordered: T[] = [];
  for (const name of [...parts.keys()].toSorted()) {
    const part = parts.get(name) ?? [];
    ordered.push(...part.toSorted((a, b) => (a.uniqueId < b.uniqueId ? -1 : 1)));
    await yieldToEventLoop();
  }
  return ordered;
}

/** Of a target a 36th: account and region, and the first letter or digit of the REST API's id. */
function partOf(uniqueId: string): string {
  return uniqueId.slice(0, uniqueId.indexOf(':', uniqueId.indexOf(':') + 1) + 2);
}
