/** Usage plans as APIM shows them, with the limits in words. Pure. */
import type { CatalogEntry, CatalogPlan, Plan, PlanLimits } from '@federation-agent/contracts';
import { changedTexts, fullTextsNote, type ChangedText } from './changed-texts.ts';
import { fitAll } from './fit.ts';

/** What of the stage bears upon its plans. */
export type StageOfPlans = Partial<
  Pick<CatalogEntry, 'apiKeySource' | 'document' | 'stageThrottle' | 'accountThrottle'>
>;

type Throttle = Pick<PlanLimits, 'rateLimit' | 'burstLimit'>;

/**
 * The plan id is the usage-plan id; APIM derives its own permanent id from it. A plan that AWS no longer offers for the
 * stage stays listed and says so, because APIM deletes a plan that is not listed, with all its subscriptions.
 *
 * When a name or a limit is sent changed, its full form is in the plan's description, which has no width limit.
 */
export function toPlans(
  plans: readonly CatalogPlan[],
  stage: StageOfPlans = {},
): {
  readonly plans: Plan[];
  readonly changed: readonly ChangedText[];
} {
  // Two plans with one id would break the update of the API in APIM.
  const unique = [...new Map(plans.map((plan) => [plan.usagePlanId, plan])).values()];
  const names = unique.map(({ name, usagePlanId }) => name || usagePlanId);
  const fitted = fitAll(
    'plan.name',
    unique.map(({ usagePlanId: id }, index) => ({ text: names[index] ?? id, identity: id, mark: id })),
  );
  const mapped = unique.map((plan, index) => toPlan(plan, stage, names[index] ?? '', fitted[index] ?? ''));
  return { plans: mapped.map(({ plan }) => plan), changed: mapped.flatMap(({ changed }) => changed) };
}

function toPlan(
  plan: CatalogPlan,
  stage: StageOfPlans,
  whole: string,
  name: string,
): { plan: Plan; changed: readonly ChangedText[] } {
  const words = [...new Set(characteristics(plan))];
  const sent = fitAll(
    'plan.characteristic',
    words.map((text) => ({ text, identity: text })),
    limitsTail,
  );
  const changed = [
    ...changedTexts('plan.name', [whole], [name]),
    ...changedTexts('plan.characteristic', words, sent),
  ];
  return {
    plan: {
      id: plan.usagePlanId,
      name,
      description: [plan.description, detachedNote(plan), ...stageNotes(plan, stage), fullTextsNote(changed)]
        .filter(Boolean)
        .join('\n\n'),
      planSecurityType: 'API_KEY',
      characteristics: sent,
    },
    changed,
  };
}

/** What a plan promises, and the stage does not keep. */
function stageNotes({ limits }: CatalogPlan, stage: StageOfPlans): string[] {
  const { apiKeySource, document, stageThrottle, accountThrottle } = stage;
  const keyless = document?.state === 'stored' && document.facts?.keyRequired === false;
  return [
    ...(keyless
      ? [
          'No method of this stage requires an API key: calls without a key are let through, and this plan neither counts nor limits them.',
        ]
      : []),
    ...(apiKeySource === 'AUTHORIZER'
      ? [
          'This API takes its key from an authorizer in AWS: the key of a subscription counts only if that authorizer returns it.',
        ]
      : []),
    ...lowerNote('The stage itself allows only', limits, stageThrottle),
    ...lowerNote('All APIs of the AWS account together are allowed only', limits, accountThrottle),
  ];
}

/** A plan without a limit promises more than any limit. */
function lowerNote(words: string, plan: PlanLimits, other: Throttle = {}): string[] {
  const lower = (own: number | undefined, of: number | undefined): number | undefined =>
    own !== undefined && own < (of ?? Infinity) ? own : undefined;
  const rateLimit = lower(other.rateLimit, plan.rateLimit);
  const burstLimit = lower(other.burstLimit, plan.burstLimit);
  const limits = limitsInWords({
    ...(rateLimit !== undefined && { rateLimit }),
    ...(burstLimit !== undefined && { burstLimit }),
  });
  return limits.length > 0 ? [`${words} ${limits.join(', ')}.`] : [];
}

/** In `GET /pets/{id}: burst 2` the limit is kept, and the path is cut. */
function limitsTail(characteristic: string): number {
  const at = characteristic.lastIndexOf(': ');
  return at < 0 ? 0 : characteristic.length - at;
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

/** Such as `10 requests per second`, `burst 20`, `1,000 requests per day`. Limits that are not set are left out. */
export function limitsInWords({ rateLimit, burstLimit, quota }: PlanLimits): string[] {
  return [
    ...(rateLimit === undefined ? [] : [`${requests(rateLimit)} per second`]),
    ...(burstLimit === undefined ? [] : [`burst ${number(burstLimit)}`]),
    ...(quota === undefined ? [] : [`${requests(quota.limit)} per ${quota.period.toLowerCase()}`]),
  ];
}

const requests = (count: number): string => `${number(count)} ${count === 1 ? 'request' : 'requests'}`;
const number = (value: number): string => value.toLocaleString('en-US');
