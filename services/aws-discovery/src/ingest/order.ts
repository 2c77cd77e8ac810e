/** The order in which a job sends its APIs. Pure. */

/**
 * Takes one API of each account and region in turn. Each account and region has its own limit of calls, so when stages
 * must be read or documents exported, the job uses all limits at once.
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
