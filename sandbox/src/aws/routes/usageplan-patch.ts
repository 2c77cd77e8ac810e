import { z } from 'zod';
import { badRequest } from '../errors.ts';
import { attachStage, detachStage } from '../usage-plans.ts';
import type { ApiStage, QuotaLimit, Region, UsagePlan } from '../store.ts';
import type { Patch } from './route.ts';

const Period = z.enum(['DAY', 'WEEK', 'MONTH']);

/**
 * Applies the patch of UpdateUsagePlan: name, description, throttle, quota; a stage is `{apiId}:{stage}` at
 * `/apiStages`. It applies either all operations or none.
 * @throws AwsError 400 (path, value), 404 or 409 (stage)
 */
export function patchPlan(region: Region, plan: UsagePlan, { patchOperations }: Patch): void {
  const before = { ...plan };
  try {
    for (const operation of patchOperations) patchOne(region, plan, operation);
  } catch (error) {
    Object.assign(plan, before);
    throw error;
  }
}

function patchOne(region: Region, plan: UsagePlan, operation: Patch['patchOperations'][number]): void {
  const { op, path, value = '' } = operation;
  const gone = op === 'remove';
  switch (path) {
    case '/name':
      plan.name = value;
      return;
    case '/description':
      plan.description = gone ? undefined : value;
      return;
    case '/apiStages':
      if (gone) detachStage(plan, readStage(value));
      else attachStage(region, plan, readStage(value));
      return;
    case '/throttle':
    case '/quota':
      if (!gone) break;
      plan[path === '/quota' ? 'quota' : 'throttle'] = undefined;
      return;
    case '/throttle/rateLimit':
    case '/throttle/burstLimit':
      plan.throttle = {
        ...plan.throttle,
        [path.slice('/throttle/'.length)]: gone ? undefined : readNumber(value),
      };
      return;
    case '/quota/limit':
    case '/quota/offset':
    case '/quota/period':
      plan.quota = patchQuota(plan.quota, path.slice('/quota/'.length), value);
      return;
  }
  if (!path.startsWith('/apiStages/') || !path.endsWith('/throttle') || gone)
    throw badRequest(`Invalid patch path  '${path}' specified for op '${op}'.`);
  patchMethodLimits(plan, readStage(path.slice('/apiStages/'.length, -'/throttle'.length)), value);
}

function readStage(text: string): ApiStage {
  const [apiId = '', stage = ''] = text.split(':');
  return { apiId, stage };
}

function readNumber(text: string): number {
  const number = Number(text);
  if (text === '' || Number.isNaN(number)) throw badRequest(`Invalid number '${text}' specified`);
  return number;
}

function patchQuota(quota: QuotaLimit | undefined, field: string, value: string): QuotaLimit {
  const before = quota ?? { limit: 0, offset: 0, period: 'DAY' };
  if (field !== 'period') return { ...before, [field]: readNumber(value) };
  const period = Period.safeParse(value);
  if (!period.success) throw badRequest(`Invalid quota period '${value}' specified`);
  return { ...before, period: period.data };
}

const MethodLimits = z.record(z.string(), z.object({ rateLimit: z.number(), burstLimit: z.number() }));

function patchMethodLimits(plan: UsagePlan, { apiId, stage }: ApiStage, value: string): void {
  let given: unknown;
  try {
    given = JSON.parse(value);
  } catch {
    given = undefined;
  }
  const limits = MethodLimits.safeParse(given);
  if (!limits.success) throw badRequest('Invalid throttle specified');
  plan.apiStages = plan.apiStages.map((link) =>
    link.apiId === apiId && link.stage === stage ? { ...link, throttle: limits.data } : link,
  );
}
