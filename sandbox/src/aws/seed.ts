import { createKey } from './api-keys.ts';
import { readDocument } from './definition.ts';
import { seededRandom } from './ids.ts';
import { apiSpecs, usagePlanSpecs } from './landscape.ts';
import { createApi, createStage, deploy } from './rest-apis.ts';
import { attachKey, createPlan } from './usage-plans.ts';
import type { ApiSpec, SeedInput } from './landscape.ts';
import type { RegionContext } from './region-context.ts';

/** What a seed made, with the sandbox's ids. */
export interface Landscape {
  readonly account: string;
  readonly region: string;
  readonly apis: readonly SeededApi[];
  readonly plans: readonly SeededPlan[];
  readonly keys: readonly {
    readonly id: string;
    readonly name: string;
    readonly planId: string | undefined;
  }[];
}

/** An API as it was made. `paths` has the verbs of each path. */
export interface SeededApi extends Omit<ApiSpec, 'document'> {
  readonly id: string;
  readonly deploymentId: string;
  readonly paths: Record<string, readonly string[]>;
}

/** A plan as it was made. */
export interface SeededPlan {
  readonly id: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly apiStages: readonly { readonly apiId: string; readonly stage: string }[];
}

/** Adds a landscape to the existing data. */
export function seedLandscape(at: RegionContext, input: SeedInput): Landscape {
  const context = { ...at, random: seededRandom(input.seed + 2) };
  const planned = apiSpecs(input);
  const apis = planned.map(({ document, ...given }): SeededApi => {
    const api = createApi(context, { ...given, endpointTypes: ['REGIONAL'] });
    api.definition = readDocument(document).definition;
    const { id: deploymentId } = deploy(context, api);
    for (const stageName of given.stages) createStage(context, api, { stageName, deploymentId });
    const verbs = Object.entries(api.definition.paths).map(
      ([path, methods]) => [path, Object.keys(methods)] as const,
    );
    return { ...given, id: api.id, deploymentId, paths: Object.fromEntries(verbs) };
  });
  const plans = usagePlanSpecs(input, planned).map(({ stages, ...given }): SeededPlan => {
    const apiStages = stages.flatMap(({ api, stage }) => {
      const apiId = apis[api]?.id;
      return apiId === undefined ? [] : [{ apiId, stage }];
    });
    const { id } = createPlan(context, { ...given, apiStages });
    return { id, name: given.name, description: given.description, apiStages };
  });
  const keys = Array.from({ length: input.keys }, (_, index) => {
    const name = `${input.prefix ?? `seed${input.seed}`}-foreign-${String(index).padStart(4, '0')}`;
    const key = createKey(context, {
      name,
      description: 'not yours; do not touch',
      enabled: index % 5 !== 0,
    });
    const planId = plans[index % Math.max(1, plans.length)]?.id;
    if (planId !== undefined) attachKey(context, planId, key.id);
    return { id: key.id, name, planId };
  });
  return { account: input.account, region: input.region, apis, plans, keys };
}
