import { z } from 'zod';
import { empty, json } from '../answer.ts';
import { notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import { param, readBody, Tags } from '../routes/route.ts';
import {
  autoDeploy,
  createRoute,
  createV2Api,
  createV2Stage,
  deployV2,
  findV2Api,
  findV2Stage,
} from './apis.ts';
import { exportV2 } from './export.ts';
import { v2Page } from './page.ts';
import { apiOnWire, authorizerOnWire, routeOnWire, stageOnWire } from './wire.ts';
import type { Answer } from '../answer.ts';
import type { Call, Route } from '../routes/route.ts';
import type { V2Api } from './store.ts';

const words = z.array(z.string()).optional();
const Cors = z.object({
  allowOrigins: words,
  allowMethods: words,
  allowHeaders: words,
  exposeHeaders: words,
  allowCredentials: z.boolean().optional(),
  maxAge: z.number().optional(),
});
const ApiFields = z.object({
  name: z.string(),
  description: z.string().optional(),
  version: z.string().optional(),
  disableExecuteApiEndpoint: z.boolean().optional(),
  routeSelectionExpression: z.string().optional(),
  corsConfiguration: Cors.optional(),
});
const NewApi = ApiFields.extend({ protocolType: z.enum(['HTTP', 'WEBSOCKET']), tags: Tags.optional() });
const NewRoute = z.object({
  routeKey: z.string(),
  authorizationType: z.string().optional(),
  authorizerId: z.string().optional(),
  authorizationScopes: words,
  apiKeyRequired: z.boolean().optional(),
  operationName: z.string().optional(),
  requestModels: z.record(z.string(), z.string()).optional(),
});
const NewModel = z.object({
  name: z.string(),
  contentType: z.string().default('application/json'),
  description: z.string().optional(),
  schema: z.string(),
});
const NewAuthorizer = z.object({
  name: z.string(),
  authorizerType: z.string(),
  identitySource: z.array(z.string()).default([]),
  jwtConfiguration: z.object({ issuer: z.string(), audience: z.array(z.string()) }).optional(),
});
const StageFields = z.object({
  autoDeploy: z.boolean().optional(),
  deploymentId: z.string().optional(),
  description: z.string().optional(),
  defaultRouteSettings: z
    .object({ throttlingRateLimit: z.number().optional(), throttlingBurstLimit: z.number().optional() })
    .optional(),
});
const NewStage = StageFields.extend({ stageName: z.string(), tags: Tags.optional() });
const NewDeployment = z.object({ stageName: z.string().optional(), description: z.string().optional() });

function apiIn(call: Call): V2Api {
  return findV2Api(call.region, param(call, 'id'));
}

function throttleIn(settings: z.infer<typeof StageFields>['defaultRouteSettings']) {
  return { rateLimit: settings?.throttlingRateLimit, burstLimit: settings?.throttlingBurstLimit };
}

function changedApi(call: Call): Answer {
  const api = apiIn(call);
  const { corsConfiguration, ...fields } = readBody(call, ApiFields.partial());
  Object.assign(api, fields, corsConfiguration && { cors: corsConfiguration });
  return json(200, apiOnWire(api, call.region));
}

function changedStage(call: Call): Answer {
  const stage = findV2Stage(apiIn(call), param(call, 'stage'));
  const { defaultRouteSettings, ...fields } = readBody(call, StageFields);
  Object.assign(stage, fields, defaultRouteSettings && { throttle: throttleIn(defaultRouteSettings) });
  stage.lastUpdatedDate = call.now;
  return json(200, stageOnWire(stage));
}

function deleted(of: (api: V2Api) => Map<string, unknown>, name: string, what: string): Route['handle'] {
  return (call) => {
    const api = apiIn(call);
    if (!of(api).delete(param(call, name))) throw notFound(`Invalid ${what} identifier specified`);
    autoDeploy(call, api);
    return empty(204);
  };
}

function added(call: Call): Answer {
  const { corsConfiguration, ...api } = readBody(call, NewApi);
  return json(201, apiOnWire(createV2Api(call, { ...api, corsConfiguration }), call.region));
}

function addedModel(call: Call): Answer {
  const api = apiIn(call);
  const given = readBody(call, NewModel);
  const model = { id: newId(call.random, 6, api.models), ...given, description: given.description };
  api.models.set(model.id, model);
  return json(201, { modelId: model.id, ...given });
}

function addedAuthorizer(call: Call): Answer {
  const api = apiIn(call);
  const { jwtConfiguration: jwt, ...given } = readBody(call, NewAuthorizer);
  const authorizer = { id: newId(call.random, 6, api.authorizers), ...given, jwt };
  api.authorizers.set(authorizer.id, authorizer);
  return json(201, authorizerOnWire(authorizer));
}

function exported(call: Call): Answer {
  const extensions = call.query.get('includeExtensions') !== 'false';
  const document = exportV2(apiIn(call), call.region.region, call.query.get('stageName'), extensions);
  return { ...json(200, {}), body: Buffer.from(JSON.stringify(document, undefined, 2)) };
}

const route = (method: string, operation: string, path: string, handle: Route['handle']): Route => ({
  operation,
  method,
  path: `/v2/apis${path}`,
  handle,
});

/** HTTP and WebSocket APIs: what the agent reads, and what their owner does. */
export const v2Routes: readonly Route[] = [
  route('GET', 'GetApis', '', (call) =>
    v2Page(
      call,
      [...call.region.v2Apis.values()].map((api) => apiOnWire(api, call.region)),
    ),
  ),
  route('POST', 'CreateApi', '', added),
  route('GET', 'GetApi', '/{id}', (call) => json(200, apiOnWire(apiIn(call), call.region))),
  route('PATCH', 'UpdateApi', '/{id}', changedApi),
  route('DELETE', 'DeleteApi', '/{id}', (call) => {
    call.region.v2Apis.delete(apiIn(call).id);
    return empty(204);
  }),
  route('GET', 'GetRoutes', '/{id}/routes', (call) =>
    v2Page(call, [...apiIn(call).routes.values()].map(routeOnWire)),
  ),
  route('POST', 'CreateRoute', '/{id}/routes', (call) =>
    json(201, routeOnWire(createRoute(call, apiIn(call), readBody(call, NewRoute)))),
  ),
  route(
    'DELETE',
    'DeleteRoute',
    '/{id}/routes/{route}',
    deleted((api) => api.routes, 'route', 'Route'),
  ),
  route('POST', 'CreateIntegration', '/{id}/integrations', (call) =>
    json(201, { integrationId: newId(call.random, 7, apiIn(call).routes) }),
  ),
  route('GET', 'GetModels', '/{id}/models', (call) =>
    v2Page(
      call,
      [...apiIn(call).models.values()].map(({ id, ...model }) => ({ modelId: id, ...model })),
    ),
  ),
  route('POST', 'CreateModel', '/{id}/models', addedModel),
  route('GET', 'GetAuthorizers', '/{id}/authorizers', (call) =>
    v2Page(call, [...apiIn(call).authorizers.values()].map(authorizerOnWire)),
  ),
  route('POST', 'CreateAuthorizer', '/{id}/authorizers', addedAuthorizer),
  route('GET', 'GetStages', '/{id}/stages', (call) =>
    v2Page(call, [...apiIn(call).stages.values()].map(stageOnWire)),
  ),
  route('POST', 'CreateStage', '/{id}/stages', (call) => {
    const { defaultRouteSettings, ...given } = readBody(call, NewStage);
    const throttle = throttleIn(defaultRouteSettings);
    return json(201, stageOnWire(createV2Stage(call, apiIn(call), { ...given, throttle })));
  }),
  route('GET', 'GetStage', '/{id}/stages/{stage}', (call) =>
    json(200, stageOnWire(findV2Stage(apiIn(call), param(call, 'stage')))),
  ),
  route('PATCH', 'UpdateStage', '/{id}/stages/{stage}', changedStage),
  route(
    'DELETE',
    'DeleteStage',
    '/{id}/stages/{stage}',
    deleted((api) => api.stages, 'stage', 'stage'),
  ),
  route('POST', 'CreateDeployment', '/{id}/deployments', (call) => {
    const { id, createdDate } = deployV2(call, apiIn(call), readBody(call, NewDeployment).stageName);
    return json(201, {
      deploymentId: id,
      deploymentStatus: 'DEPLOYED',
      autoDeployed: false,
      createdDate: new Date(createdDate * 1000).toISOString(),
    });
  }),
  route('GET', 'ExportApi', '/{id}/exports/OAS30', exported),
];
