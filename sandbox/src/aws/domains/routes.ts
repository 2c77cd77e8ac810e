import { z } from 'zod';
import { empty, json } from '../answer.ts';
import { badRequest, notFound } from '../errors.ts';
import { page, param, readBody } from '../routes/route.ts';
import { v2Page } from '../v2/page.ts';
import { addRule, createDomain, findDomain, mapDomain } from './domains.ts';
import type { Answer } from '../answer.ts';
import type { Call, Route } from '../routes/route.ts';
import type { Domain, Mapping, RoutingRule } from './store.ts';

const routingMode = z.enum([
  'BASE_PATH_MAPPING_ONLY',
  'ROUTING_RULE_ONLY',
  'ROUTING_RULE_THEN_BASE_PATH_MAPPING',
]);
const NewDomain = z.object({
  domainName: z.string(),
  endpointConfiguration: z.object({ types: z.array(z.enum(['EDGE', 'REGIONAL', 'PRIVATE'])) }).optional(),
  routingMode: routingMode.optional(),
});
const NewBasePath = z.object({
  restApiId: z.string(),
  basePath: z.string().optional(),
  stage: z.string().optional(),
});
const NewApiMapping = z.object({
  apiId: z.string(),
  stage: z.string(),
  apiMappingKey: z.string().default(''),
});
const NewRule = z.object({
  priority: z.int(),
  conditions: z.array(
    z.object({
      matchBasePaths: z.object({ anyOf: z.array(z.string()) }).optional(),
      matchHeaders: z
        .object({ anyOf: z.array(z.object({ header: z.string(), valueGlob: z.string() })) })
        .optional(),
    }),
  ),
  actions: z.tuple([
    z.object({
      invokeApi: z.object({ apiId: z.string(), stage: z.string(), stripBasePath: z.boolean().optional() }),
    }),
  ]),
});

function domainOnWire(domain: Domain, { region, account }: Call['region']): Record<string, unknown> {
  const path = domain.id === undefined ? domain.name : `${domain.name}+${domain.id}`;
  return {
    domainName: domain.name,
    domainNameId: domain.id,
    domainNameArn: `arn:aws:apigateway:${region}:${domain.id === undefined ? '' : account}:/domainnames/${path}`,
    domainNameStatus: domain.status,
    endpointConfiguration: { types: [domain.type], ipAddressType: 'ipv4' },
    routingMode: domain.routingMode,
    securityPolicy: 'TLS_1_2',
  };
}

/** The root of the domain is `(none)` in the first version. */
function basePathOnWire({ path, apiId, stage }: Mapping): Record<string, unknown> {
  return { basePath: path === '' ? '(none)' : path, restApiId: apiId, stage };
}

function apiMappingOnWire({ id, path, apiId, stage }: Mapping): Record<string, unknown> {
  return { apiId, apiMappingId: id, apiMappingKey: path, stage };
}

function ruleOnWire(rule: RoutingRule): Record<string, unknown> {
  const { id, priority, basePaths, headers, apiId, stage, stripBasePath } = rule;
  return {
    routingRuleId: id,
    priority,
    conditions: [
      ...(basePaths.length > 0 ? [{ matchBasePaths: { anyOf: basePaths } }] : []),
      ...(headers.length > 0 ? [{ matchHeaders: { anyOf: headers } }] : []),
    ],
    actions: [{ invokeApi: { apiId, stage, stripBasePath } }],
  };
}

function domainIn(call: Call): Domain {
  return findDomain(call.region, param(call, 'domain'), call.query.get('domainNameId'));
}

/** AWS refuses base path mappings of a domain that has a multi-level mapping; inferred from its documentation. */
function basePaths(call: Call): Answer {
  const mappings = [...domainIn(call).mappings.values()];
  if (mappings.some(({ path }) => path.includes('/')))
    throw badRequest('This domain has multi-level API mappings: use API Gateway version 2');
  return json(200, page(call, mappings.map(basePathOnWire)));
}

function addedDomain(call: Call): Answer {
  const { domainName: name, endpointConfiguration, routingMode: mode } = readBody(call, NewDomain);
  const [type] = endpointConfiguration?.types ?? [];
  return json(201, domainOnWire(createDomain(call, { name, type, routingMode: mode }), call.region));
}

function addedRule(call: Call): Answer {
  const { priority, conditions, actions } = readBody(call, NewRule);
  const rule = addRule(call, domainIn(call), {
    priority,
    basePaths: conditions.flatMap(({ matchBasePaths }) => matchBasePaths?.anyOf ?? []),
    headers: conditions.flatMap(({ matchHeaders }) => matchHeaders?.anyOf ?? []),
    ...actions[0].invokeApi,
  });
  return json(201, ruleOnWire(rule));
}

/** The model of this list allows a page of 100; that AWS refuses more, and does not cut it, is inferred. */
function listedRules(call: Call): Answer {
  if (Number(call.query.get('maxResults') ?? 0) > 100) throw badRequest('Invalid value for maxResults');
  return v2Page(call, [...domainIn(call).rules.values()].map(ruleOnWire), 'routingRules');
}

const route = (method: string, operation: string, path: string, handle: Route['handle']): Route => ({
  operation,
  method,
  path,
  handle,
});

/** Custom domain names with their mappings and rules, in both versions. */
export const domainRoutes: readonly Route[] = [
  route('GET', 'GetDomainNames', '/domainnames', (call) =>
    json(
      200,
      page(
        call,
        [...call.region.domains.values()].map((domain) => domainOnWire(domain, call.region)),
      ),
    ),
  ),
  route('POST', 'CreateDomainName', '/domainnames', addedDomain),
  route('DELETE', 'DeleteDomainName', '/domainnames/{domain}', (call) => {
    const { name, id } = domainIn(call);
    call.region.domains.delete(id === undefined ? name : `${name} ${id}`);
    return empty(202);
  }),
  route('POST', 'CreateDomainName', '/v2/domainnames', (call) => {
    const { domainName: DomainName } = readBody(call, NewDomain);
    createDomain(call, { name: DomainName, type: 'REGIONAL' });
    return json(201, { domainName: DomainName });
  }),
  route('GET', 'GetBasePathMappings', '/domainnames/{domain}/basepathmappings', basePaths),
  route('POST', 'CreateBasePathMapping', '/domainnames/{domain}/basepathmappings', (call) => {
    const { restApiId: apiId, basePath = '', stage } = readBody(call, NewBasePath);
    return json(201, basePathOnWire(mapDomain(call, domainIn(call), { apiId, path: basePath, stage })));
  }),
  route('GET', 'GetApiMappings', '/v2/domainnames/{domain}/apimappings', (call) =>
    v2Page(call, [...domainIn(call).mappings.values()].map(apiMappingOnWire)),
  ),
  route('POST', 'CreateApiMapping', '/v2/domainnames/{domain}/apimappings', (call) => {
    const { apiMappingKey: path, apiId, stage } = readBody(call, NewApiMapping);
    return json(201, apiMappingOnWire(mapDomain(call, domainIn(call), { apiId, path, stage })));
  }),
  route('DELETE', 'DeleteApiMapping', '/v2/domainnames/{domain}/apimappings/{mapping}', (call) => {
    if (!domainIn(call).mappings.delete(param(call, 'mapping')))
      throw notFound('Invalid API mapping identifier specified');
    return empty(204);
  }),
  {
    ...route('GET', 'ListRoutingRules', '/v2/domainnames/{domain}/routingrules', listedRules),
    ownAction: true,
  },
  {
    ...route('POST', 'CreateRoutingRule', '/v2/domainnames/{domain}/routingrules', addedRule),
    ownAction: true,
  },
];
