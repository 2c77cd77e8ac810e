import { badRequest, conflict, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import type { RegionContext } from '../region-context.ts';
import type { Region, Tags } from '../store.ts';
import type { V2Api, V2Cors, V2Deployment, V2Route, V2Stage } from './store.ts';

/** The input of CreateApi. */
export interface NewV2Api {
  readonly name: string;
  readonly protocolType: 'HTTP' | 'WEBSOCKET';
  readonly description?: string | undefined;
  readonly version?: string | undefined;
  readonly disableExecuteApiEndpoint?: boolean | undefined;
  readonly routeSelectionExpression?: string | undefined;
  readonly corsConfiguration?: V2Cors | undefined;
  readonly tags?: Tags | undefined;
}

/** The API with this id. @throws AwsError 404 */
export function findV2Api(region: Region, id: string): V2Api {
  const api = region.v2Apis.get(id);
  if (api === undefined) throw notFound(`Invalid API identifier specified ${region.account}:${id}`);
  return api;
}

/** A new API. Its id differs from those of all REST APIs of the region, since both make host names. */
export function createV2Api({ region, random, now }: RegionContext, given: NewV2Api): V2Api {
  if (given.protocolType === 'WEBSOCKET' && given.routeSelectionExpression === undefined)
    throw badRequest('RouteSelectionExpression is required for WEBSOCKET protocol type');
  const taken = { has: (id: string) => region.apis.has(id) || region.v2Apis.has(id) };
  const api: V2Api = {
    id: newId(random, 10, taken),
    protocolType: given.protocolType,
    createdDate: now,
    name: given.name,
    description: given.description,
    version: given.version,
    disableExecuteApiEndpoint: given.disableExecuteApiEndpoint ?? false,
    routeSelectionExpression: given.routeSelectionExpression ?? '$request.method $request.path',
    cors: given.corsConfiguration,
    tags: { ...given.tags },
    routes: new Map(),
    models: new Map(),
    authorizers: new Map(),
    deployments: new Map(),
    stages: new Map(),
  };
  region.v2Apis.set(api.id, api);
  return api;
}

/** The input of CreateRoute. */
export type NewRoute = { readonly routeKey: string } & {
  readonly [Key in keyof V2Route]?: V2Route[Key] | undefined;
};

/** Adds a route, and deploys it to the stages that deploy by themselves. @throws AwsError 400 or 409 */
export function createRoute(context: RegionContext, api: V2Api, given: NewRoute): V2Route {
  const http = api.protocolType === 'HTTP';
  if (http && !/^(\$default|[A-Z]+ \/\S*)$/.test(given.routeKey))
    throw badRequest(`The provided route key is not formatted properly for HTTP protocol: ${given.routeKey}`);
  if ([...api.routes.values()].some(({ routeKey }) => routeKey === given.routeKey))
    throw conflict(`Route with key ${given.routeKey} already exists for this API`);
  const route: V2Route = {
    id: newId(context.random, 7, api.routes),
    routeKey: given.routeKey,
    authorizationType: given.authorizationType ?? 'NONE',
    authorizerId: given.authorizerId,
    authorizationScopes: given.authorizationScopes ?? [],
    apiKeyRequired: given.apiKeyRequired ?? false,
    operationName: given.operationName,
    requestModels: { ...given.requestModels },
  };
  api.routes.set(route.id, route);
  autoDeploy(context, api);
  return route;
}

/** The stage of this name. @throws AwsError 404 */
export function findV2Stage(api: V2Api, name: string): V2Stage {
  const stage = api.stages.get(name);
  if (stage === undefined) throw notFound('Invalid stage identifier specified');
  return stage;
}

/** The input of CreateStage. */
export interface NewV2Stage {
  readonly stageName: string;
  readonly autoDeploy?: boolean | undefined;
  readonly deploymentId?: string | undefined;
  readonly description?: string | undefined;
  readonly throttle?: V2Stage['throttle'] | undefined;
  readonly tags?: Tags | undefined;
}

/** A new stage; with `autoDeploy` what there is is deployed to it. @throws AwsError 400 or 409 */
export function createV2Stage(context: RegionContext, api: V2Api, given: NewV2Stage): V2Stage {
  if (!/^(\$default|[A-Za-z0-9_-]{1,128})$/.test(given.stageName))
    throw badRequest('Stage name only allows a-zA-Z0-9_- or $default');
  if (given.stageName === '$default' && api.protocolType === 'WEBSOCKET')
    throw badRequest('Invalid stage name: $default is only for HTTP APIs');
  if (api.stages.has(given.stageName)) throw conflict('Stage already exists');
  if (given.deploymentId !== undefined && !api.deployments.has(given.deploymentId))
    throw badRequest('Deployment id does not exist');
  const stage: V2Stage = {
    stageName: given.stageName,
    deploymentId: given.deploymentId,
    autoDeploy: given.autoDeploy ?? false,
    description: given.description,
    throttle: { ...given.throttle },
    tags: { ...given.tags },
    createdDate: context.now,
    lastUpdatedDate: context.now,
  };
  api.stages.set(stage.stageName, stage);
  if (stage.autoDeploy && api.routes.size > 0) autoDeploy(context, api);
  return stage;
}

/** A snapshot of the routes, on a stage if one is named. @throws AwsError 400 without routes, 404 */
export function deployV2(context: RegionContext, api: V2Api, stageName?: string): V2Deployment {
  if (api.routes.size === 0) throw badRequest('Unable to deploy API because no routes exist in this API');
  const stage = stageName === undefined ? undefined : findV2Stage(api, stageName);
  const routes = [...api.routes.values()].map((route) => ({ ...route }));
  const deployment = { id: newId(context.random, 6, api.deployments), createdDate: context.now, routes };
  api.deployments.set(deployment.id, deployment);
  if (stage) Object.assign(stage, { deploymentId: deployment.id, lastUpdatedDate: context.now });
  return deployment;
}

/** What AWS does after a change of routes or models. */
export function autoDeploy(context: RegionContext, api: V2Api): void {
  const stages = [...api.stages.values()].filter((stage) => stage.autoDeploy);
  if (stages.length === 0 || api.routes.size === 0) return;
  const { id } = deployV2(context, api);
  for (const stage of stages) Object.assign(stage, { deploymentId: id, lastUpdatedDate: context.now });
}
