/** In which order a job sends its APIs. Pure. */

/**
 * One of each account and region, and again: each has calls of its own, and where stages have to be read or documents
 * exported the job is as fast as all of them together.
 */
export function roundRobinByTarget(uniqueIds: readonly string[]): string[] {
  const targets = [...Map.groupBy(uniqueIds, targetOf).values()];
  const ordered: string[] = [];
  for (let turn = 0; ordered.length < uniqueIds.length; turn += 1) {
    for (const ids of targets) {
      const id = ids[turn];
      if (id !== undefined) ordered.push(id);
    }
  }
  return ordered;
}

function targetOf(uniqueId: string): string {
  return uniqueId.slice(0, uniqueId.indexOf(':', uniqueId.indexOf(':') + 1));
}
