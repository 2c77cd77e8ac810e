import { z } from 'zod';
import { AccountRegion } from './control-command.ts';
import { addRule, createDomain, mapDomain } from './domains/domains.ts';
import { createRoute, createV2Api, createV2Stage, deployV2 } from './v2/apis.ts';
import type { Domain } from './domains/store.ts';
import type { RegionContext } from './region-context.ts';
import type { V2Api } from './v2/store.ts';

/** How much to make. */
export const EstateInput = AccountRegion.extend({
  httpApis: z.int().min(0).default(0),
  webSocketApis: z.int().min(0).default(0),
  domains: z.int().min(0).default(0),
  /** Begins every name and every domain. */
  prefix: z.string().default('reach'),
});
export type EstateInput = z.infer<typeof EstateInput>;

/**
 * Makes HTTP and WebSocket APIs, and domains that lead to them and to the REST APIs of the region. Every kind there is:
 * `$default` and named stages, JWT authorizers, APIs without routes, endpoints that are switched off, edge, regional
 * and private domains, paths of several levels, rules.
 */
export function seedReach(context: RegionContext, input: EstateInput) {
  const http = Array.from({ length: input.httpApis }, (_, index) => httpApi(context, input.prefix, index));
  const chats = Array.from({ length: input.webSocketApis }, (_, index) =>
    chatApi(context, input.prefix, index),
  );
  const places = [
    ...[...context.region.apis.values()].map(({ id, stages }) => ({ apiId: id, stages: [...stages.keys()] })),
    ...[...http, ...chats]
      .filter(({ routes }) => routes.size > 0)
      .map(({ id, stages }) => ({ apiId: id, stages: [...stages.keys()] })),
  ];
  for (let index = 0; index < input.domains; index += 1) {
    const mapped = [places[(2 * index) % places.length], places[(2 * index + 1) % places.length]].flatMap(
      (place) => (place?.stages[0] === undefined ? [] : [{ apiId: place.apiId, stage: place.stages[0] }]),
    );
    addMappings(context, newDomain(context, input.prefix, index), index, mapped);
  }
  return { httpApis: http.length, webSocketApis: chats.length, domains: input.domains };
}

function httpApi(context: RegionContext, prefix: string, index: number): V2Api {
  const api = createV2Api(context, {
    name: `${prefix}-http-${index}`,
    protocolType: 'HTTP',
    version: `1.${index}`,
    description: `HTTP API number ${index}`,
    disableExecuteApiEndpoint: index % 20 === 9,
    ...(index % 3 === 0 && { corsConfiguration: { allowOrigins: ['https://shop.example.com'] } }),
    tags: { team: index % 2 === 0 ? 'payments' : 'shipping' },
  });
  const authorizer = {
    id: 'jwt001',
    name: 'login',
    authorizerType: 'JWT',
    identitySource: ['$request.header.Authorization'],
    jwt: { issuer: 'https://login.example.com', audience: ['orders'] },
  };
  api.authorizers.set(authorizer.id, authorizer);
  const secured = index % 4 === 1 ? { authorizationType: 'JWT', authorizerId: authorizer.id } : {};
  // One in ten has no routes: nothing to deploy, and nothing to export.
  if (index % 10 !== 7) {
    createRoute(context, api, { routeKey: 'GET /items', ...secured });
    createRoute(context, api, { routeKey: 'POST /items', ...secured });
    createRoute(context, api, { routeKey: index % 5 === 2 ? 'ANY /{proxy+}' : 'GET /items/{id}' });
  }
  createV2Stage(context, api, { stageName: index % 3 === 2 ? 'v1' : '$default', autoDeploy: true });
  return api;
}

function chatApi(context: RegionContext, prefix: string, index: number): V2Api {
  const api = createV2Api(context, {
    name: `${prefix}-chat-${index}`,
    protocolType: 'WEBSOCKET',
    routeSelectionExpression: '$request.body.action',
  });
  const schema = JSON.stringify({ type: 'object', properties: { text: { type: 'string' } } });
  const model = {
    id: 'model1',
    name: 'Message',
    contentType: 'application/json',
    description: undefined,
    schema,
  };
  api.models.set(model.id, model);
  for (const routeKey of ['$connect', '$disconnect', '$default']) createRoute(context, api, { routeKey });
  createRoute(context, api, { routeKey: 'send', requestModels: { $default: model.name } });
  createV2Stage(context, api, { stageName: 'live', deploymentId: deployV2(context, api).id });
  return api;
}

function newDomain(context: RegionContext, prefix: string, index: number): Domain {
  const type = index % 10 === 3 ? 'EDGE' : index % 10 === 6 ? 'PRIVATE' : 'REGIONAL';
  const rules = index % 10 === 8;
  const routingMode = rules
    ? index % 20 === 8
      ? 'ROUTING_RULE_ONLY'
      : 'ROUTING_RULE_THEN_BASE_PATH_MAPPING'
    : undefined;
  return createDomain(context, { name: `${prefix}-${index}.example.com`, type, routingMode });
}

/** One at the root and one below a path; domains with rules have a rule for the second. */
function addMappings(
  context: RegionContext,
  domain: Domain,
  index: number,
  [first, second]: readonly { readonly apiId: string; readonly stage: string }[],
): void {
  const rest = (place: typeof first): boolean => place !== undefined && context.region.apis.has(place.apiId);
  // Edge and private domains lead to REST APIs only.
  const may = (place: typeof first): place is NonNullable<typeof first> =>
    place !== undefined && (domain.type === 'REGIONAL' || rest(place));
  const byRules = domain.routingMode !== 'BASE_PATH_MAPPING_ONLY';
  if (may(first) && domain.routingMode !== 'ROUTING_RULE_ONLY')
    mapDomain(context, domain, { path: '', ...first });
  if (!may(second)) return;
  if (!byRules) {
    mapDomain(context, domain, { path: domain.type === 'REGIONAL' ? `shop/v${index}` : 'shop', ...second });
    return;
  }
  // What a rule passes on must begin as the API's own paths do.
  const passesOn = context.region.v2Apis.get(second.apiId)?.protocolType === 'HTTP' && index % 20 !== 8;
  const basePaths = [passesOn ? 'items' : 'extra'];
  addRule(context, domain, { priority: 10, basePaths, stripBasePath: !passesOn, ...second });
}
