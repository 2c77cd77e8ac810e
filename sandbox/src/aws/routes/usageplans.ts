import { z } from 'zod';
import { empty, json } from '../answer.ts';
import { notFound } from '../errors.ts';
import { attachKey, createPlan, deletePlan, detachKey, findPlan, plansOfKey } from '../usage-plans.ts';
import { badRequest } from '../errors.ts';
import { authorizeTags, page, param, Patch, readBody, Tags, unlessEmpty } from './route.ts';
import { patchPlan } from './usageplan-patch.ts';
import type { ApiKey, UsagePlan } from '../store.ts';
import type { Call, Route } from './route.ts';

const Throttle = z.object({ rateLimit: z.number().optional(), burstLimit: z.number().optional() });
const Quota = z.object({
  limit: z.number(),
  offset: z.number().default(0),
  period: z.enum(['DAY', 'WEEK', 'MONTH']),
});
const NewPlan = z.object({
  name: z.string(),
  description: z.string().optional(),
  apiStages: z
    .array(
      z.object({ apiId: z.string(), stage: z.string(), throttle: z.record(z.string(), Throttle).optional() }),
    )
    .optional(),
  throttle: Throttle.optional(),
  quota: Quota.optional(),
  tags: Tags.optional(),
});
const NewPlanKey = z.object({ keyId: z.string(), keyType: z.string() });

/** A plan in a list: `tags` is absent when there are none. GetUsagePlan always has them, even empty. */
function planOnWire(plan: UsagePlan): Record<string, unknown> {
  const { id, name, description, apiStages, throttle, quota } = plan;
  return { id, name, description, apiStages, throttle, quota, tags: unlessEmpty(plan.tags) };
}

/** The link of a key and a plan. As in AWS, it has the secret value, although nobody asks for it. */
function planKeyOnWire({ id, value, name }: ApiKey): Record<string, unknown> {
  return { id, type: 'API_KEY', value, name };
}

function listedPlans(call: Call): UsagePlan[] {
  const keyId = call.query.get('keyId');
  return keyId === null ? [...call.region.plans.values()] : plansOfKey(call.region, keyId);
}

/** Keys of a plan, newest first. As in AWS, an unknown plan has no keys and is not an error. */
function keysOfPlan(call: Call): ApiKey[] {
  const prefix = call.query.get('name') ?? '';
  return (call.region.plans.get(param(call, 'plan'))?.keyIds ?? [])
    .flatMap((id) => call.region.keys.get(id) ?? [])
    .filter((key) => (key.name ?? '').startsWith(prefix))
    .reverse();
}

function keyOfPlan(call: Call): ApiKey {
  const key = keysOfPlan(call).find(({ id }) => id === param(call, 'key'));
  if (key === undefined) throw notFound('Invalid Usage Plan Key identifier specified');
  return key;
}

/** Usage plans and the keys attached to them. */
export const usagePlanRoutes: readonly Route[] = [
  {
    operation: 'GetUsagePlans',
    method: 'GET',
    path: '/usageplans',
    handle: (call) => json(200, page(call, listedPlans(call).map(planOnWire))),
  },
  {
    operation: 'CreateUsagePlan',
    method: 'POST',
    path: '/usageplans',
    handle: (call) => {
      const body = readBody(call, NewPlan);
      authorizeTags(call, body.tags, '/usageplans');
      return json(201, planOnWire(createPlan(call, body)));
    },
  },
  {
    operation: 'GetUsagePlan',
    method: 'GET',
    path: '/usageplans/{plan}',
    handle: (call) => {
      const plan = findPlan(call.region, param(call, 'plan'));
      return json(200, { ...planOnWire(plan), tags: plan.tags });
    },
  },
  {
    operation: 'UpdateUsagePlan',
    method: 'PATCH',
    path: '/usageplans/{plan}',
    handle: (call) => {
      const plan = findPlan(call.region, param(call, 'plan'));
      patchPlan(call.region, plan, readBody(call, Patch));
      return json(200, { ...planOnWire(plan), tags: plan.tags });
    },
  },
  {
    operation: 'DeleteUsagePlan',
    method: 'DELETE',
    path: '/usageplans/{plan}',
    handle: (call) => {
      deletePlan(call.region, param(call, 'plan'));
      return empty(202);
    },
  },
  {
    operation: 'GetUsage',
    method: 'GET',
    path: '/usageplans/{plan}/usage',
    handle: (call) => {
      const { id } = findPlan(call.region, param(call, 'plan'));
      const [startDate, endDate] = [call.query.get('startDate'), call.query.get('endDate')];
      return json(200, { usagePlanId: id, startDate, endDate, values: {} });
    },
  },
  {
    operation: 'GetUsagePlanKeys',
    method: 'GET',
    path: '/usageplans/{plan}/keys',
    handle: (call) => json(200, page(call, keysOfPlan(call).map(planKeyOnWire))),
  },
  {
    operation: 'CreateUsagePlanKey',
    method: 'POST',
    path: '/usageplans/{plan}/keys',
    handle: (call) => {
      const { keyId, keyType } = readBody(call, NewPlanKey);
      if (keyType !== 'API_KEY') throw badRequest(`Invalid key type ${keyType} specified`);
      return json(201, planKeyOnWire(attachKey(call, param(call, 'plan'), keyId)));
    },
  },
  {
    operation: 'GetUsagePlanKey',
    method: 'GET',
    path: '/usageplans/{plan}/keys/{key}',
    handle: (call) => json(200, planKeyOnWire(keyOfPlan(call))),
  },
  {
    operation: 'DeleteUsagePlanKey',
    method: 'DELETE',
    path: '/usageplans/{plan}/keys/{key}',
    handle: (call) => {
      detachKey(call.region, param(call, 'plan'), param(call, 'key'));
      return empty(202);
    },
  },
];
