import { apiKeyRoutes } from './apikeys.ts';
import { deploymentRoutes } from './deployments.ts';
import { exportRoutes } from './exports.ts';
import { otherRoutes } from './others.ts';
import { restApiRoutes } from './restapis.ts';
import { stageRoutes } from './stages.ts';
import { usagePlanRoutes } from './usageplans.ts';
import { domainRoutes } from '../domains/routes.ts';
import { v2Routes } from '../v2/routes.ts';
import type { Route } from './route.ts';

/** Every operation of the sandbox. Of two with the same path, the one that requires a query comes first. */
const ROUTES: readonly Route[] = [
  ...restApiRoutes,
  ...stageRoutes,
  ...deploymentRoutes,
  ...exportRoutes,
  ...usagePlanRoutes,
  ...apiKeyRoutes,
  ...otherRoutes,
  ...v2Routes,
  ...domainRoutes,
];

/** The route of a request with its path parameters, decoded. */
export function findRoute(
  method: string,
  path: string,
  query: URLSearchParams,
): { route: Route; params: Record<string, string> } | undefined {
  for (const route of ROUTES) {
    if (route.method !== method) continue;
    if (!Object.entries(route.query ?? {}).every(([name, value]) => query.get(name) === value)) continue;
    const params = matchPath(route.path, path);
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const segment = given[index] ?? '';
    if (part.startsWith('{') && segment !== '') {
      try {
        params[part.slice(1, -1)] = decodeURIComponent(segment);
      } catch {
        return undefined;
      }
    } else if (part !== segment) return undefined;
  }
  return params;
}
