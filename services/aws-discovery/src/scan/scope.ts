/** Which stages of which APIs are read, and which are listed. Pure. */
import type { GatewayApi, UsagePlan } from '@federation-agent/aws-control-plane';
import { hiddenReason, needsPlan, type CatalogEntry } from '@federation-agent/contracts';
import type { IntegrationSettings } from '../settings.ts';
import { stageKey, type Lists, type SeenPlan, type StageName, type StagesSeen } from './seen.ts';

type Scoping = Pick<IntegrationSettings, 'acceptApiWithoutUsagePlan' | 'filter'>;

/**
 * Whether an entry is shown to APIM: it exists, it passes the filters, and it has or had plans where plans are
 * required.
 */
export function isListed(entry: CatalogEntry, scoping: Scoping): boolean {
  return hiddenReason(entry, scoping) === undefined;
}

/** The usage plans of every stage that a plan names, sorted by name. */
export function plansByStage(usagePlans: readonly UsagePlan[]): ReadonlyMap<string, readonly SeenPlan[]> {
  const byStage = new Map<string, SeenPlan[]>();
  const ordered = usagePlans.toSorted((a, b) => compare(a.name, b.name) || compare(a.id, b.id));
  for (const plan of ordered) {
    for (const stage of plan.stages) {
      const seen = byStage.get(stageKey(stage)) ?? [];
      seen.push({
        usagePlanId: plan.id,
        name: plan.name,
        description: plan.description ?? '',
        limits: plan.limits,
        methodLimits: stage.methodLimits,
      });
      byStage.set(stageKey(stage), seen);
    }
  }
  return byStage;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Every stage that the lists say something about: a plan names it, or the catalog knows it. */
export function stagesOfLists(
  lists: Pick<Lists, 'apis' | 'usagePlans'>,
  known: readonly StageName[],
): StageName[] {
  const named = lists.usagePlans.flatMap((plan) => plan.stages);
  return unique([...known, ...named.filter(({ restApiId }) => lists.apis.has(restApiId))]);
}

/**
 * Every stage that a GetStages of one API says something about: the catalog knows it, or AWS shows it and plans are not
 * required.
 */
export function stagesOfApi(
  { restApiId, api }: { readonly restApiId: string; readonly api: GatewayApi | undefined },
  seen: StagesSeen,
  known: readonly StageName[],
  scoping: Scoping,
): StageName[] {
  const wanted = api !== undefined && !needsPlan(api, scoping);
  const shown = wanted && seen.kind === 'read' ? [...seen.stages.keys()] : [];
  return unique([
    ...known.filter((entry) => entry.restApiId === restApiId),
    ...shown.map((stage) => ({ restApiId, stage })),
  ]);
}

function unique(stages: readonly StageName[]): StageName[] {
  const byKey = new Map(
    stages.map(({ restApiId, stage }) => [stageKey({ restApiId, stage }), { restApiId, stage }]),
  );
  return [...byKey.values()];
}

/**
 * APIs whose stages a scan must read: those in the catalog, which already has every stage of a plan; and all that need
 * no plan.
 */
export function apisInScope(
  apis: ReadonlyMap<string, GatewayApi>,
  entries: readonly CatalogEntry[],
  { filter, mayPass, ...scoping }: Scoping & Pick<IntegrationSettings, 'mayPass'>,
): string[] {
  const free = [...apis.values()].filter((api) => !needsPlan(api, scoping) && mayPass(api));
  const wanted = [...free.map(({ id }) => id), ...entries.filter(filter).map(({ restApiId }) => restApiId)];
  return [...new Set(wanted)].filter((id) => apis.has(id)).toSorted(compare);
}
