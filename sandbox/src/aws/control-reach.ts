import { z } from 'zod';
import { AccountRegion, command, regionContextOf } from './control-command.ts';
import { addRule, createDomain, findDomain, mapDomain } from './domains/domains.ts';
import { REACH_POLICY } from './iam.ts';
import { DEFAULT_ACCOUNT, SANDBOX_AGENT } from './principals.ts';
import { EstateInput, seedReach } from './seed-reach.ts';
import { createRoute, createV2Api, createV2Stage, deployV2, findV2Api } from './v2/apis.ts';

const NewApi = AccountRegion.extend({
  name: z.string(),
  description: z.string().optional(),
  version: z.string().optional(),
  routes: z.array(z.string()).default([]),
  tags: z.record(z.string(), z.string()).default({}),
});
const DomainAt = AccountRegion.extend({ domain: z.string(), id: z.string().optional() });

/** HTTP and WebSocket APIs and domains, as their owner makes them: without signature, throttle or policy. */
export const reachCommands = {
  /** The agent may read all that its opt-in keys ask for. */
  grantReach: command(z.strictObject({}), (world) => {
    world.principals.setPolicy(`arn:aws:iam::${DEFAULT_ACCOUNT}:user/${SANDBOX_AGENT.name}`, REACH_POLICY);
  }),
  /** An HTTP API with a stage that deploys by itself. */
  addHttpApi: command(
    NewApi.extend({ stage: z.string().default('$default'), autoDeploy: z.boolean().default(true) }),
    (world, { routes, stage: stageName, autoDeploy, account, region, ...given }) => {
      const context = regionContextOf(world, { account, region });
      const api = createV2Api(context, { ...given, protocolType: 'HTTP' });
      for (const routeKey of routes) createRoute(context, api, { routeKey });
      createV2Stage(context, api, { stageName, autoDeploy });
      return { apiId: api.id, stage: stageName };
    },
  ),
  /** A WebSocket API that is deployed to a stage; its routes have no models. */
  addWebSocketApi: command(
    NewApi.extend({ stage: z.string().default('live') }),
    (world, { routes, stage: stageName, account, region, ...given }) => {
      const context = regionContextOf(world, { account, region });
      const more = { protocolType: 'WEBSOCKET', routeSelectionExpression: '$request.body.action' } as const;
      const api = createV2Api(context, { ...given, ...more });
      for (const routeKey of routes) createRoute(context, api, { routeKey });
      createV2Stage(context, api, { stageName, deploymentId: deployV2(context, api).id });
      return { apiId: api.id, stage: stageName };
    },
  ),
  /** A route more; a stage that deploys by itself has it at once. */
  addRoute: command(
    AccountRegion.extend({ apiId: z.string(), routeKey: z.string() }),
    (world, { apiId, routeKey, ...at }) => {
      const context = regionContextOf(world, at);
      return { routeId: createRoute(context, findV2Api(context.region, apiId), { routeKey }).id };
    },
  ),
  /** Switches the default endpoint of an API off, whatever its type. */
  disableEndpoint: command(AccountRegion.extend({ apiId: z.string() }), (world, { apiId, ...at }) => {
    const { region } = regionContextOf(world, at);
    (region.apis.get(apiId) ?? findV2Api(region, apiId)).disableExecuteApiEndpoint = true;
  }),
  /** Deletes an HTTP or WebSocket API with its stages. */
  deleteV2Api: command(AccountRegion.extend({ apiId: z.string() }), (world, { apiId, ...at }) => {
    const { region } = regionContextOf(world, at);
    region.v2Apis.delete(findV2Api(region, apiId).id);
  }),
  /** A custom domain; a private one has an id. */
  addDomain: command(
    AccountRegion.extend({
      domain: z.string(),
      type: z.enum(['EDGE', 'REGIONAL', 'PRIVATE']).default('REGIONAL'),
      routingMode: z
        .enum(['BASE_PATH_MAPPING_ONLY', 'ROUTING_RULE_ONLY', 'ROUTING_RULE_THEN_BASE_PATH_MAPPING'])
        .optional(),
    }),
    (world, { domain, type, routingMode, ...at }) => ({
      id: createDomain(regionContextOf(world, at), { name: domain, type, routingMode }).id,
    }),
  ),
  /** Leads a path of a domain to a stage; without a stage the caller names it. */
  mapDomain: command(
    DomainAt.extend({ path: z.string().default(''), apiId: z.string(), stage: z.string().optional() }),
    (world, { domain, id, path, apiId, stage, ...at }) => {
      const context = regionContextOf(world, at);
      const found = findDomain(context.region, domain, id);
      return { mappingId: mapDomain(context, found, { path, apiId, stage }).id };
    },
  ),
  /** Removes a mapping. */
  unmapDomain: command(
    DomainAt.extend({ mappingId: z.string() }),
    (world, { domain, id, mappingId, ...at }) => {
      findDomain(regionContextOf(world, at).region, domain, id).mappings.delete(mappingId);
    },
  ),
  /** A routing rule of a domain. */
  addRule: command(
    DomainAt.extend({
      priority: z.int(),
      basePaths: z.array(z.string()).default([]),
      headers: z.array(z.strictObject({ header: z.string(), valueGlob: z.string() })).default([]),
      apiId: z.string(),
      stage: z.string(),
      stripBasePath: z.boolean().default(false),
    }),
    (world, { domain, id, account, region, ...rule }) => {
      const context = regionContextOf(world, { account, region });
      return { ruleId: addRule(context, findDomain(context.region, domain, id), rule).id };
    },
  ),
  /** Deletes a domain with its mappings. */
  deleteDomain: command(DomainAt, (world, { domain, id, ...at }) => {
    regionContextOf(world, at).region.domains.delete(id === undefined ? domain : `${domain} ${id}`);
  }),
  /** The throttle of the whole account in a region. */
  setAccountThrottle: command(
    AccountRegion.extend({ rateLimit: z.number(), burstLimit: z.number() }),
    (world, { rateLimit, burstLimit, ...at }) => {
      regionContextOf(world, at).region.throttle = { rateLimit, burstLimit };
    },
  ),
  /** HTTP and WebSocket APIs and domains with mappings of all kinds, over what there is; answers how many. */
  seedReach: command(EstateInput, (world, input) => seedReach(regionContextOf(world, input), input)),
};
