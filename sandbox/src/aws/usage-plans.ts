import { badRequest, conflict, limitExceeded, notFound } from './errors.ts';
import { newId } from './ids.ts';
import { findKey } from './api-keys.ts';
import type { RegionContext } from './region-context.ts';
import type { ApiKey, ApiStage, QuotaLimit, Region, Tags, ThrottleLimit, UsagePlan } from './store.ts';

/** The input of CreateUsagePlan. */
export interface NewUsagePlan {
  readonly name: string;
  readonly description?: string | undefined;
  readonly apiStages?: readonly ApiStage[] | undefined;
  readonly throttle?: ThrottleLimit | undefined;
  readonly quota?: QuotaLimit | undefined;
  readonly tags?: Tags | undefined;
}

/** The plan with this id. @throws AwsError 404 */
export function findPlan(region: Region, id: string): UsagePlan {
  const plan = region.plans.get(id);
  if (plan === undefined) throw notFound('Invalid Usage Plan ID specified');
  return plan;
}

/** Plans that a key is attached to. */
export function plansOfKey(region: Region, keyId: string): UsagePlan[] {
  return [...region.plans.values()].filter((plan) => plan.keyIds.includes(keyId));
}

/** A new plan. @throws AwsError 400 (name), 404 (unknown stage), 429 (300 plans) */
export function createPlan(context: RegionContext, given: NewUsagePlan): UsagePlan {
  if (given.name === '') throw badRequest('Usage Plan name cannot be empty');
  if (context.region.plans.size >= context.limits.maxPlans) throw limitExceeded('Usage plans limit exceeded');
  const plan: UsagePlan = {
    id: newId(context.random, 6, context.region.plans),
    name: given.name,
    description: given.description,
    apiStages: [],
    throttle: given.throttle,
    quota: given.quota,
    tags: { ...given.tags },
    keyIds: [],
  };
  for (const link of given.apiStages ?? []) attachStage(context.region, plan, link);
  context.region.plans.set(plan.id, plan);
  return plan;
}

/** Deletes a plan; its keys stay. @throws AwsError 404, 400 while it still offers stages */
export function deletePlan(region: Region, id: string): void {
  if (findPlan(region, id).apiStages.length > 0)
    throw badRequest(`Cannot delete usage plan ${id}: remove its API stages first`);
  region.plans.delete(id);
}

const sameStage = (a: ApiStage, b: ApiStage) => a.apiId === b.apiId && a.stage === b.stage;

/**
 * Adds a stage to a plan.
 * @throws AwsError 404 (no such API or stage), 409 (already in the plan, or a key would then have two plans for it)
 */
export function attachStage(region: Region, plan: UsagePlan, link: ApiStage): void {
  const stage = `{api: ${link.apiId}, stage: ${link.stage}}`;
  if (region.apis.get(link.apiId)?.stages.has(link.stage) !== true)
    throw notFound(`Invalid API Stage ${stage} specified for usageplan ${plan.id}`);
  if (plan.apiStages.some((known) => sameStage(known, link)))
    throw conflict(`API Stage ${stage} is already in usageplan ${plan.id}`);
  for (const keyId of plan.keyIds) refuseSecondPlan(region, plan, keyId, [link]);
  plan.apiStages = [...plan.apiStages, link];
}

/** Removes a stage from a plan; the plan's keys stay. @throws AwsError 404 */
export function detachStage(plan: UsagePlan, link: ApiStage): void {
  if (!plan.apiStages.some((known) => sameStage(known, link)))
    throw notFound(
      `Invalid API Stage {api: ${link.apiId}, stage: ${link.stage}} specified for usageplan ${plan.id}`,
    );
  plan.apiStages = plan.apiStages.filter((known) => !sameStage(known, link));
}

function refuseSecondPlan(region: Region, plan: UsagePlan, keyId: string, links: readonly ApiStage[]): void {
  for (const other of plansOfKey(region, keyId)) {
    const both =
      other.id === plan.id
        ? undefined
        : links.find((link) => other.apiStages.some((it) => sameStage(it, link)));
    if (both !== undefined)
      throw conflict(
        `API Key ${keyId} cannot be added to usage plan ${plan.id}: usage plan ${other.id} has it for API stage ${both.apiId}:${both.stage}`,
      );
  }
}

/**
 * Attaches a key to a plan. A key has at most one plan for each stage (developer guide, "usage plans").
 * @throws AwsError 404 (plan, key), 409 (attached already; another plan covers a stage), 429 (10 plans for a key)
 */
export function attachKey(context: RegionContext, planId: string, keyId: string): ApiKey {
  const plan = findPlan(context.region, planId);
  const key = findKey(context.region, keyId);
  if (plan.keyIds.includes(keyId)) throw conflict('Usage Plan Key already exists');
  refuseSecondPlan(context.region, plan, keyId, plan.apiStages);
  if (plansOfKey(context.region, keyId).length >= context.limits.maxPlansPerKey)
    throw limitExceeded('Usage plans per API key limit exceeded');
  plan.keyIds = [...plan.keyIds, keyId];
  return key;
}

/** Removes a key from a plan. @throws AwsError 404 */
export function detachKey(region: Region, planId: string, keyId: string): void {
  const plan = findPlan(region, planId);
  if (!plan.keyIds.includes(keyId)) throw notFound('Invalid Usage Plan Key identifier specified');
  plan.keyIds = plan.keyIds.filter((id) => id !== keyId);
}
