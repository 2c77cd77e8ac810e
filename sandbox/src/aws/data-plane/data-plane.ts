import { json } from '../answer.ts';
import { hostOf } from './host.ts';
import { resolveDomain } from './resolve.ts';
import type { Answer } from '../answer.ts';
import type { Definition } from '../definition.ts';
import type { Region, Store } from '../store.ts';
import type { V2Route } from '../v2/store.ts';

/** What a request reached: the body of the answer. */
interface Reached {
  readonly account: string;
  readonly region: string;
  readonly apiId: string;
  readonly apiType: 'REST' | 'HTTP' | 'WEBSOCKET';
  readonly stage: string;
  /** As the API sees it. */
  readonly path: string;
}

/**
 * Answers a request to an API as its deployed stage would, or says that it is for no API of the sandbox. Nothing is
 * executed: the body says which stage was reached. Keys and authorizers are not checked.
 *
 * @param host of the request, without its port
 */
export function answerDataPlane(
  store: Store,
  host: string,
  request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
  },
): Answer | undefined {
  for (const region of store.all()) {
    const [first = ''] = host.split('.');
    if (host === hostOf(first, region.region)) {
      if (!region.apis.has(first) && !region.v2Apis.has(first)) continue;
      return answerDefault(region, first, request);
    }
    const domain = [...region.domains.values()].find(({ name }) => matchesName(name, host));
    if (!domain) continue;
    const found = resolveDomain(domain, request);
    return found ? answerStage(region, found.apiId, found.stage, found.path, request.method) : forbidden();
  }
  return undefined;
}

function matchesName(name: string, host: string): boolean {
  return name.startsWith('*.') ? host.endsWith(name.slice(1)) : name === host;
}

function answerDefault(
  region: Region,
  apiId: string,
  { method, path }: { readonly method: string; readonly path: string },
): Answer {
  const api = region.apis.get(apiId) ?? region.v2Apis.get(apiId);
  if (!api || api.disableExecuteApiEndpoint) return forbidden();
  const [, first = '', ...rest] = path.split('/');
  if (api.stages.has(first)) return answerStage(region, apiId, first, `/${rest.join('/')}`, method);
  if (api.stages.has('$default')) return answerStage(region, apiId, '$default', path, method);
  return region.v2Apis.has(apiId) ? notFound() : forbidden();
}

function answerStage(region: Region, apiId: string, stage: string, path: string, method: string): Answer {
  const at = { account: region.account, region: region.region, apiId, stage, path };
  const rest = region.apis.get(apiId);
  if (rest) {
    const deployed = rest.deployments.get(rest.stages.get(stage)?.deploymentId ?? '');
    return deployed && hasMethod(deployed.definition, method, path)
      ? reached({ ...at, apiType: 'REST' })
      : forbidden();
  }
  const api = region.v2Apis.get(apiId);
  const deployed = api?.deployments.get(api.stages.get(stage)?.deploymentId ?? '');
  if (!api || !deployed) return notFound();
  if (api.protocolType === 'WEBSOCKET') return reached({ ...at, apiType: 'WEBSOCKET' });
  return deployed.routes.some((route) => hasRoute(route, method, path))
    ? reached({ ...at, apiType: 'HTTP' })
    : notFound();
}

function hasMethod({ paths }: Definition, method: string, path: string): boolean {
  return Object.entries(paths).some(
    ([pattern, verbs]) =>
      fits(pattern, path) && (method.toLowerCase() in verbs || 'x-amazon-apigateway-any-method' in verbs),
  );
}

function hasRoute({ routeKey }: V2Route, method: string, path: string): boolean {
  if (routeKey === '$default') return true;
  const [verb, pattern = ''] = routeKey.split(' ');
  return (verb === 'ANY' || verb === method) && fits(pattern, path);
}

/** `{name}` is one part of a path, `{name+}` the rest of it. */
function fits(pattern: string, path: string): boolean {
  const source = pattern
    .replace(/[.*+?^$()|[\]\\]/g, '\\$&')
    .replace(/\{[^}]*\\\+\}/g, '.+')
    .replace(/\{[^}]*\}/g, '[^/]+');
  return new RegExp(`^${source}/?$`).test(path);
}

const reached = (body: Reached): Answer => json(200, body);
const forbidden = (): Answer => json(403, { message: 'Forbidden' });
const notFound = (): Answer => json(404, { message: 'Not Found' });
