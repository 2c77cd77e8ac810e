import { z } from 'zod';
import { AccountRegion, command, regionContextOf } from './control-command.ts';
import { readDocument } from './definition.ts';
import { SeedInput } from './landscape.ts';
import { createStage, deleteApi, deleteStage, deploy, findApi, importApi } from './rest-apis.ts';
import { seedLandscape } from './seed.ts';
import { attachStage, createPlan, detachStage, findPlan } from './usage-plans.ts';
import type { Definition, Method } from './definition.ts';

const Link = AccountRegion.extend({ planId: z.string(), apiId: z.string(), stage: z.string() });
const ApiAt = AccountRegion.extend({ apiId: z.string() });
const Edit = ApiAt.extend({
  name: z.string().optional(),
  description: z.string().nullable().optional(),
  version: z.string().optional(),
  /** Adds a path with a GET that needs a key. */
  addPath: z.string().optional(),
  /** Removes a path. */
  removePath: z.string().optional(),
  /** Replaces all methods and models with an OpenAPI 3 or Swagger 2 document. */
  document: z.unknown().optional(),
});
const ADDED_METHOD: Method = {
  operationId: undefined,
  parameters: [],
  requestBody: {},
  responses: { 200: { content: {}, headers: {} } },
  consumes: undefined,
  produces: undefined,
  apiKeyRequired: true,
  integration: { type: 'mock' },
  documentation: {},
};

function edited(before: Definition, edit: z.infer<typeof Edit>): Definition {
  const { paths, schemas } = edit.document === undefined ? before : readDocument(edit.document).definition;
  const kept = Object.entries(paths).filter(([path]) => path !== edit.removePath);
  const added = edit.addPath === undefined ? {} : { [edit.addPath]: { get: ADDED_METHOD } };
  return { paths: { ...Object.fromEntries(kept), ...added }, schemas };
}

/** Changes in the account that the agent does not make: without signature, throttle or policy. */
export const landscapeCommands = {
  /** Adds a deterministic landscape; answers what it made, including ids. */
  seed: command(SeedInput, (world, input) =>
    seedLandscape(world.regionContext(input.account, input.region), input),
  ),
  /** How much there is, by account and region. */
  state: command(z.strictObject({}), (world) =>
    world.store.all().map(({ account, region, apis, plans, keys }) => ({
      account,
      region,
      apis: apis.size,
      stages: [...apis.values()].reduce((sum, api) => sum + api.stages.size, 0),
      plans: plans.size,
      keys: keys.size,
    })),
  ),
  /** The APIs with their stages and the paths of their live definitions. */
  apis: command(AccountRegion, (world, at) =>
    [...regionContextOf(world, at).region.apis.values()].map(
      ({ definition, deployments, stages, ...api }) => ({
        ...api,
        paths: Object.keys(definition.paths),
        deployments: [...deployments.keys()],
        stages: [...stages.values()].map((stage) => ({ ...stage })),
      }),
    ),
  ),
  /** The plans with their stages and the ids of their keys. */
  plans: command(AccountRegion, (world, at) =>
    [...regionContextOf(world, at).region.plans.values()].map((plan) => ({ ...plan })),
  ),

  /** Imports a document and deploys it to a stage. */
  addApi: command(
    AccountRegion.extend({ document: z.unknown(), stage: z.string().default('prod') }),
    (world, { document, stage, ...at }) => {
      const context = regionContextOf(world, at);
      const api = importApi(context, document, ['REGIONAL']);
      return { apiId: api.id, stage, deploymentId: deploy(context, api, stage).id };
    },
  ),
  /** Changes the live API. Exports show new methods only after `redeploy`. */
  editApi: command(Edit, (world, edit) => {
    const api = findApi(regionContextOf(world, edit).region, edit.apiId);
    api.name = edit.name ?? api.name;
    if (edit.description !== undefined) api.description = edit.description ?? undefined;
    api.version = edit.version ?? api.version;
    api.definition = edited(api.definition, edit);
  }),
  /** Deploys the live API to a stage (default `prod`), which is created if needed. */
  redeploy: command(ApiAt.extend({ stage: z.string().default('prod') }), (world, { apiId, stage, ...at }) => {
    const context = regionContextOf(world, at);
    return { deploymentId: deploy(context, findApi(context.region, apiId), stage).id };
  }),
  /** Creates a stage on the newest deployment. */
  addStage: command(ApiAt.extend({ stage: z.string() }), (world, { apiId, stage: stageName, ...at }) => {
    const context = regionContextOf(world, at);
    const api = findApi(context.region, apiId);
    createStage(context, api, { stageName, deploymentId: [...api.deployments.keys()].at(-1) ?? '' });
  }),
  /** Deletes a stage. */
  deleteStage: command(ApiAt.extend({ stage: z.string() }), (world, { apiId, stage, ...at }) => {
    const context = regionContextOf(world, at);
    deleteStage(context, findApi(context.region, apiId), stage);
  }),
  /** Deletes an API with its stages. */
  deleteApi: command(ApiAt, (world, { apiId, ...at }) => deleteApi(regionContextOf(world, at), apiId)),

  /** A new plan without stages. */
  addPlan: command(
    AccountRegion.extend({
      name: z.string(),
      description: z.string().optional(),
      throttle: z.strictObject({ rateLimit: z.number(), burstLimit: z.int() }).optional(),
      quota: z
        .strictObject({
          limit: z.int(),
          offset: z.int().default(0),
          period: z.enum(['DAY', 'WEEK', 'MONTH']),
        })
        .optional(),
    }),
    (world, { account, region, ...plan }) => ({
      planId: createPlan(world.regionContext(account, region), plan).id,
    }),
  ),
  /** Offers a stage in a plan. */
  attach: command(Link, (world, { planId, apiId, stage, ...at }) => {
    const { region } = regionContextOf(world, at);
    attachStage(region, findPlan(region, planId), { apiId, stage });
  }),
  /** Removes a stage from a plan. */
  detach: command(Link, (world, { planId, apiId, stage, ...at }) => {
    detachStage(findPlan(regionContextOf(world, at).region, planId), { apiId, stage });
  }),
};
