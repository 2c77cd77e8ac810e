/** Which stages of which REST APIs a complete read of the lists puts into the catalog. Pure. */
import type { RestApi } from '@federation-agent/aws-control-plane';
import type { CatalogEntry, CatalogPlan } from '@federation-agent/contracts';
import type { IntegrationSettings } from '../settings.ts';
import type { Lists, StagesByApi } from './read.ts';

/** A plan as the lists show it for one stage, not compared with what was known. */
export type SeenPlan = Omit<CatalogPlan, 'sent' | 'detached'>;

type Scoping = Pick<IntegrationSettings, 'acceptApiWithoutUsagePlan' | 'filter'>;

/** `<restApiId> <stage>`; neither holds a blank. */
export function stageKey({
  restApiId,
  stage,
}: {
  readonly restApiId: string;
  readonly stage: string;
}): string {
  return `${restApiId} ${stage}`;
}

/** The usage plans of every stage that one names, in the order of their names. */
export function plansByStage({
  usagePlans,
}: Pick<Lists, 'usagePlans'>): ReadonlyMap<string, readonly SeenPlan[]> {
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

/** Whether the filters let a stage of an API pass. */
export function passes({ filter }: Pick<Scoping, 'filter'>, { name, tags }: RestApi, stage: string): boolean {
  return filter({ name, tags, stage });
}

/** REST APIs whose stages a scan must read: those in a plan, those known, and all where plans are not asked for. */
export function apisInScope(lists: Lists, known: readonly CatalogEntry[], settings: Scoping): string[] {
  const planned = lists.usagePlans.flatMap((plan) =>
    plan.stages.filter(({ restApiId, stage }) => {
      const api = lists.restApis.get(restApiId);
      return api !== undefined && passes(settings, api, stage);
    }),
  );
  const ids = settings.acceptApiWithoutUsagePlan
    ? [...lists.restApis.keys()]
    : [...planned, ...known].map(({ restApiId }) => restApiId).filter((id) => lists.restApis.has(id));
  return [...new Set(ids)].toSorted(compare);
}

/** Every stage that is or may become an entry: named by a plan, shown by GetStages, or known. */
export function candidates(
  lists: Lists,
  stages: StagesByApi,
  known: readonly CatalogEntry[],
  settings: Scoping,
): { restApiId: string; stage: string }[] {
  const all = [
    ...known,
    ...lists.usagePlans
      .flatMap((plan) => plan.stages)
      .filter(({ restApiId }) => lists.restApis.has(restApiId)),
    ...(settings.acceptApiWithoutUsagePlan
      ? [...stages].flatMap(([restApiId, seen]) =>
          seen.kind === 'read' ? [...seen.stages.keys()].map((stage) => ({ restApiId, stage })) : [],
        )
      : []),
  ];
  const unique = new Map(
    all.map(({ restApiId, stage }) => [stageKey({ restApiId, stage }), { restApiId, stage }]),
  );
  return [...unique.values()];
}
