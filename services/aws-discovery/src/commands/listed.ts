/** What is listed for an integration, without blocking the process and without more in memory than wanted. */
import { catalogKeys, type CatalogEntry } from '@federation-agent/contracts';
import { yieldToEventLoop } from '@federation-agent/base';
import type { Discovery, Integration } from '../deps.ts';
import { isListed } from '../scan/scope.ts';

/** @param pick takes what is wanted from an entry; undefined leaves the entry out */
export function listedInCatalog<T>(
  { catalog }: Pick<Discovery, 'catalog'>,
  { settings }: Integration,
  pick: (entry: CatalogEntry) => T | undefined,
): Promise<T[]> {
  return catalog.select(catalogKeys.ofIntegration(settings.integrationId), ({ value }) =>
    isListed(value, settings) ? pick(value) : undefined,
  );
}

/** Sorted by unique id. It sorts in parts, because sorting 100,000 at once would block everything else. */
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

/** A part is about a 36th of a target: account and region, and the first letter or digit of the REST API's id. */
function partOf(uniqueId: string): string {
  return uniqueId.slice(0, uniqueId.indexOf(':', uniqueId.indexOf(':') + 1) + 2);
}
