import { matchesPattern } from '../iam.ts';
import type { Domain, Mapping, RoutingRule } from '../domains/store.ts';

/** Where a request to a custom domain ends. */
export interface Resolved {
  readonly apiId: string;
  readonly stage: string;
  /** As the API sees it. */
  readonly path: string;
}

interface Request {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Rules by priority, then the mapping with the longest path, each only where the domain's mode lets it. */
export function resolveDomain(domain: Domain, request: Request): Resolved | undefined {
  const mode = domain.routingMode;
  const rules = mode === 'BASE_PATH_MAPPING_ONLY' ? [] : [...domain.rules.values()];
  for (const rule of rules.toSorted((a, b) => a.priority - b.priority)) {
    const found = byRule(rule, request);
    if (found) return found;
  }
  if (mode === 'ROUTING_RULE_ONLY') return undefined;
  const mappings = [...domain.mappings.values()].toSorted((a, b) => b.path.length - a.path.length);
  for (const mapping of mappings) {
    const found = byMapping(mapping, request.path);
    if (found) return found;
  }
  return undefined;
}

/** A rule that strips nothing passes the whole path on, its base path included (AWS's documentation of rules). */
function byRule(rule: RoutingRule, { path, headers }: Request): Resolved | undefined {
  const { apiId, stage, basePaths, headers: wanted, stripBasePath } = rule;
  const hasHeader =
    wanted.length === 0 ||
    wanted.some(({ header, valueGlob }) => matchesPattern(valueGlob, headers[header.toLowerCase()] ?? ''));
  if (!hasHeader) return undefined;
  if (basePaths.length === 0) return { apiId, stage, path };
  const base = basePaths.find((one) => isBelow(one, path));
  if (base === undefined) return undefined;
  return { apiId, stage, path: stripBasePath ? rest(base, path) : path };
}

function byMapping({ path: base, apiId, stage }: Mapping, path: string): Resolved | undefined {
  if (base !== '' && !isBelow(base, path)) return undefined;
  const below = base === '' ? path : rest(base, path);
  if (stage !== undefined) return { apiId, stage, path: below };
  const [, named = '', ...parts] = below.split('/');
  return named === '' ? undefined : { apiId, stage: named, path: `/${parts.join('/')}` };
}

function isBelow(base: string, path: string): boolean {
  return path === `/${base}` || path.startsWith(`/${base}/`);
}

function rest(base: string, path: string): string {
  return path.slice(base.length + 1) || '/';
}
