/** A usage plan as APIM shows it: the limits in words. Pure. */
import type { CatalogPlan, Plan, PlanLimits } from '@federation-agent/contracts';

/**
 * The plan id is the usage-plan id: APIM derives its own from it, for ever. A plan that AWS no longer offers for the stage
 * stays listed and says so: APIM deletes a plan that is not listed, with all its subscriptions.
 */
export function toPlan(plan: CatalogPlan): Plan {
  return {
    id: plan.usagePlanId,
    name: plan.name || plan.usagePlanId,
    description: [plan.description, detachedNote(plan)].filter(Boolean).join('\n\n'),
    planSecurityType: 'API_KEY',
    characteristics: characteristics(plan),
  };
}

function detachedNote({ detached }: CatalogPlan): string {
  if (!detached) return '';
  const day = new Date(detached.since).toISOString().slice(0, 10);
  return `Detached in AWS (seen ${day}): this usage plan no longer opens this API. Its subscriptions stay; new ones are refused.`;
}

function characteristics({ limits, methodLimits }: CatalogPlan): string[] {
  const own = limitsInWords(limits);
  return [
    ...(own.length > 0 ? own : ['no limits']),
    ...Object.entries(methodLimits)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([method, ofMethod]) => {
        const words = limitsInWords(ofMethod);
        return words.length > 0 ? [`${method}: ${words.join(', ')}`] : [];
      }),
  ];
}

/** Such as `10 requests per second`, `burst 20`, `1,000 requests per day`. Nothing for a limit that is not set. */
export function limitsInWords({ rateLimit, burstLimit, quota }: PlanLimits): string[] {
  return [
    ...(rateLimit === undefined ? [] : [`${requests(rateLimit)} per second`]),
    ...(burstLimit === undefined ? [] : [`burst ${number(burstLimit)}`]),
    ...(quota === undefined ? [] : [`${requests(quota.limit)} per ${quota.period.toLowerCase()}`]),
  ];
}

const requests = (count: number): string => `${number(count)} ${count === 1 ? 'request' : 'requests'}`;
const number = (value: number): string => value.toLocaleString('en-US');
