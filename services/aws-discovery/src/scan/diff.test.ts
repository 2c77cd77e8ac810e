import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CatalogEntry } from '@federation-agent/contracts';
import {
  entry,
  minute,
  plan,
  restApi,
  settingsOf,
  stage,
  start,
  target,
  usagePlan,
} from '../../test/samples.ts';
import { afterLists, afterStages, type Decision, type DiffContext } from './diff.ts';
import { toLists } from './read.ts';
import { stageKey, type StagesSeen } from './seen.ts';

const context = (configuration: object = {}, readAt = start + 20 * minute): DiffContext => ({
  target,
  settings: settingsOf(configuration),
  readAt,
});
const name = { restApiId: 'api1', stage: 'prod' };
const here = { ...name, api: restApi(), plans: seenIn([usagePlan()]) };
const noPlan = { ...here, plans: [] };
const noApi = { ...name, api: undefined, plans: [] };
const read = (...stages: ReturnType<typeof stage>[]): StagesSeen => ({
  kind: 'read',
  stages: new Map(stages.map((one) => [one.name, one])),
});
const failed: StagesSeen = {
  kind: 'failed',
  code: 'aws-unavailable',
  reason: 'not now',
  notNow: true,
};
const unverified = (change: Partial<CatalogEntry> = {}): CatalogEntry => {
  const { stageCreatedAt: _c, stageUpdatedAt: _u, deploymentId: _d, ...rest } = entry(change);
  return { ...rest, verified: false };
};
const hidden = { missing: { since: start, reads: 1 } };
const sentPlan = plan({ sent: true });
const sent = { plans: [sentPlan], plansSent: true };
const what = ({ entry: after, event }: Decision, before?: CatalogEntry) =>
  `${after === undefined ? 'none' : after === before ? 'same' : after.missing ? 'hidden' : 'there'} ${event?.what ?? ''}`;

function seenIn(usagePlans: ReturnType<typeof usagePlan>[]) {
  return toLists([], usagePlans, start).plans.get(stageKey(name)) ?? [];
}

describe('the lists show', () => {
  const row = (
    title: string,
    seen: Parameters<typeof afterLists>[1],
    current: CatalogEntry | undefined,
    expected: string,
    configuration: object = {},
  ) =>
    test(title, () =>
      expect(what(afterLists(current, seen, context(configuration)), current)).toBe(expected),
    );

  row('API and plan, unknown: added', here, undefined, 'there added');
  row('API and plan, known: the same', here, entry(), 'same ');
  row(
    'API and plan, something differs: changed',
    { ...here, api: restApi({ name: 'Cats' }) },
    entry(),
    'there changed',
  );
  row('API and plan, hidden: still hidden, only GetStages knows of the stage', here, entry(hidden), 'same ');
  row('API, no plan, unknown: nothing', noPlan, undefined, 'none ');
  row('API, no plan, unknown, plans not asked for: nothing yet', noPlan, undefined, 'none ', {
    acceptApiWithoutUsagePlan: true,
  });
  row('API, no plan, none was ever sent: removed', noPlan, entry(), 'none removed');
  row('API, no plan, none was ever sent, plans not asked for: stays', noPlan, entry({ plans: [] }), 'same ', {
    acceptApiWithoutUsagePlan: true,
  });
  row('API, no plan, one was sent: stays', noPlan, entry(sent), 'there changed');
  row('a filter refuses it, unknown: nothing', here, undefined, 'none ', { stage: 'dev' });
  row('a filter refuses it, none was sent: removed', here, entry(), 'none removed', { stage: 'dev' });
  row('a filter refuses it, one was sent: kept', here, entry(sent), 'same ', { stage: 'dev' });
  row('no API, unknown: nothing', noApi, undefined, 'none ');
  row('no API: hidden', noApi, entry(), 'hidden removed');
  row('no API, hidden by a read a schedule ago: removed', noApi, entry(hidden), 'none removed');
  row(
    'no API, hidden just now: stays hidden',
    noApi,
    entry({ missing: { since: start + 19 * minute, reads: 1 } }),
    'same ',
  );

  test('an unknown stage is not verified, and has everything that the lists say', () => {
    const { stageCreatedAt: _c, stageUpdatedAt: _u, deploymentId: _d, ...described } = entry();
    const at = start + 20 * minute;
    expect(afterLists(undefined, here, context()).entry).toEqual({
      ...described,
      verified: false,
      firstSeenAt: at,
      changedAt: at,
    });
  });

  test('nothing that AWS left out stays behind', () => {
    const { apiKeySource: _source, createdAt: _created, ...bare } = restApi();
    const after = afterLists(entry(), { ...here, api: bare }, context()).entry;
    expect(after).not.toHaveProperty('apiKeySource');
    expect(after).not.toHaveProperty('apiCreatedAt');
    expect(after?.version).toBe('1.2');
  });

  test('a newer read has changed the entry: an older one leaves it', () => {
    const newer = entry({ changedAt: start + 30 * minute });
    expect(afterLists(newer, noPlan, context()).entry).toBe(newer);
  });
});

describe('GetStages says', () => {
  const row = (
    title: string,
    stages: StagesSeen,
    current: CatalogEntry | undefined,
    expected: string,
    configuration: object = {},
  ) =>
    test(title, () =>
      expect(what(afterStages(current, { ...noPlan, stages }, context(configuration)), current)).toBe(
        expected,
      ),
    );

  row('the stage, unknown, plans asked for: nothing', read(stage()), undefined, 'none ');
  row('the stage, unknown, plans not asked for: added', read(stage()), undefined, 'there added', {
    acceptApiWithoutUsagePlan: true,
  });
  row('the stage, unknown, a filter refuses it: nothing', read(stage()), undefined, 'none ', {
    acceptApiWithoutUsagePlan: true,
    exclude: { names: 'Pe*' },
  });
  row('the stage, known: the same', read(stage()), entry(), 'same ');
  row(
    'the stage, another deployment: changed',
    read(stage({ deploymentId: 'd2' })),
    entry(),
    'there changed',
  );
  row('the stage, first seen: no event of its own', read(stage()), unverified(), 'there ');
  row('the stage, hidden: restored', read(stage()), entry(hidden), 'there restored');
  row(
    'the stage, degraded: restored',
    read(stage()),
    entry({ degraded: { reason: 'x', since: start } }),
    'there restored',
  );
  row('not the stage, unknown: nothing', read(stage({ name: 'dev' })), undefined, 'none ');
  row('not the stage: hidden', read(stage({ name: 'dev' })), entry(), 'hidden removed');
  row(
    'not the stage, hidden a schedule ago, a plan still names it: stays hidden',
    read(),
    entry(hidden),
    'same ',
  );
  row(
    'not the stage, hidden a schedule ago, no plan names it: removed',
    read(),
    entry({ ...hidden, plans: [] }),
    'none removed',
  );
  row('it failed, unknown: nothing', failed, undefined, 'none ');
  row('it failed: degraded', failed, entry(), 'there degraded');
  row(
    'it failed again for the same reason: the same',
    failed,
    entry({ degraded: { reason: 'not now', since: start } }),
    'same ',
  );
  row('it failed, hidden: stays hidden', failed, entry(hidden), 'same ');
  row('no such API: the lists will tell', { kind: 'gone' }, entry(), 'same ');

  test('a stage without dates, as an emulator gives it, takes those of before away', () => {
    const after = afterStages(
      entry(),
      { ...here, stages: read({ name: 'prod', deploymentId: 'd1' }) },
      context(),
    );
    expect(after.entry).toMatchObject({ deploymentId: 'd1', verified: true });
    expect(after.entry).not.toHaveProperty('stageCreatedAt');
  });

  test('it never touches the plans of an entry that is known', () => {
    const other = { ...here, plans: seenIn([usagePlan({ id: 'p2' })]) };
    const after = afterStages(entry(), { ...other, stages: read(stage({ deploymentId: 'd2' })) }, context());
    expect(after.entry?.plans).toEqual(entry().plans);
  });

  test('what a newer read has changed keeps its time', () => {
    const newer = entry({ changedAt: start + 30 * minute });
    const after = afterStages(newer, { ...here, stages: read(stage({ deploymentId: 'd2' })) }, context());
    expect(after.entry?.changedAt).toBeGreaterThanOrEqual(newer.changedAt);
  });
});

describe('a plan', () => {
  const plansAfter = (
    before: CatalogEntry['plans'],
    seen: ReturnType<typeof usagePlan>[],
    { configuration = {}, readAt = start + 20 * minute }: { configuration?: object; readAt?: number } = {},
  ) =>
    afterLists(
      entry({ plans: before, plansSent: before.some((one) => one.sent) }),
      { ...here, plans: seenIn(seen) },
      context({ acceptApiWithoutUsagePlan: true, ...configuration }, readAt),
    ).entry?.plans;
  const detached = (since = start, reads = 1, lastReadAt = since) => ({
    detached: { since, reads, lastReadAt },
  });
  const removing = { configuration: { removeDetachedPlans: true } };
  const at = start + 20 * minute;

  test.each([
    ['listed, unknown: added', [], [usagePlan()], [plan()]],
    [
      'listed, known: as listed, still sent',
      [sentPlan],
      [usagePlan({ name: 'New' })],
      [{ ...sentPlan, name: 'New' }],
    ],
    ['listed, detached: no longer so', [{ ...sentPlan, ...detached() }], [usagePlan()], [sentPlan]],
    ['not listed, never sent: dropped', [plan()], [], []],
    ['not listed, sent: detached and stays', [sentPlan], [], [{ ...sentPlan, ...detached(at) }]],
    [
      'not listed, detached a schedule ago: counted',
      [{ ...sentPlan, ...detached() }],
      [],
      [{ ...sentPlan, ...detached(start, 2, at) }],
    ],
    [
      'not listed, detached just now: not counted',
      [{ ...sentPlan, ...detached(at - 1) }],
      [],
      [{ ...sentPlan, ...detached(at - 1) }],
    ],
    [
      'not listed, counted twice: no more',
      [{ ...sentPlan, ...detached(start, 2) }],
      [],
      [{ ...sentPlan, ...detached(start, 2) }],
    ],
  ])('%s', (_title, before, seen, expected) => {
    expect(plansAfter(before, seen)).toEqual(expected);
  });

  test('with removeDetachedPlans it leaves after two reads a schedule apart, not before', () => {
    const first = plansAfter([sentPlan], [], { ...removing, readAt: start }) ?? [];
    expect(first).toEqual([{ ...sentPlan, ...detached() }]);
    const soon = plansAfter(first, [], { ...removing, readAt: start + 14 * minute }) ?? [];
    expect(soon).toEqual(first);
    expect(plansAfter(soon, [], { ...removing, readAt: start + 15 * minute })).toEqual([]);
  });

  test('an entry whose last plan has left stays listed: APIM must hear of it', () => {
    const left = entry({ plans: [{ ...sentPlan, ...detached() }], plansSent: true });
    const after = afterLists(left, noPlan, context({ removeDetachedPlans: true })).entry;
    expect(after).toMatchObject({ plans: [], plansSent: true });
  });
});

// Any history of complete reads, as the scans and DISCOVER apply them.
const planIds = ['p1', 'p2', 'p3'];
const aRead = fc.record({
  api: fc.boolean(),
  plans: fc.subarray(planIds),
  stages: fc.constantFrom<StagesSeen | undefined>(undefined, read(stage()), read(), failed, { kind: 'gone' }),
  stage: fc.constantFrom('d1', 'd2'),
  /** An ingest sends what is listed, between this read and the next. */
  ingest: fc.boolean(),
  gap: fc.integer({ min: 1, max: 40 }),
});
const history = fc.array(aRead, { minLength: 1, maxLength: 12 });
type Read = typeof aRead extends fc.Arbitrary<infer T> ? T : never;

const markSent = (current: CatalogEntry): CatalogEntry => ({
  ...current,
  plansSent: current.plansSent || current.plans.length > 0,
  plans: current.plans.map((one) => ({ ...one, sent: true })),
});
const step = (current: CatalogEntry | undefined, one: Read, configuration: object, readAt: number) => {
  const at = context(configuration, readAt);
  const plans = seenIn(one.plans.map((id) => usagePlan({ id, name: id })));
  const seen = { ...name, api: one.api ? restApi() : undefined, plans: one.api ? plans : [] };
  const listed = afterLists(current, seen, at).entry;
  return one.stages && one.api ? afterStages(listed, { ...seen, stages: one.stages }, at).entry : listed;
};
const gone = (current: CatalogEntry | undefined) => current === undefined || current.missing !== undefined;

describe('any history of reads', () => {
  test('a sent plan never disappears from an API that AWS has, without removeDetachedPlans', () => {
    fc.assert(
      fc.property(history, fc.boolean(), (reads, acceptApiWithoutUsagePlan) => {
        let current: CatalogEntry | undefined;
        let readAt = start;
        const sentIds = new Set<string>();
        for (const one of reads) {
          readAt += one.gap * minute;
          current = step(current, one, { acceptApiWithoutUsagePlan }, readAt);
          if (current === undefined) sentIds.clear(); // It was gone from AWS for two reads.
          const ids = (current?.plans ?? []).map(({ usagePlanId }) => usagePlanId);
          expect(ids).toEqual(expect.arrayContaining([...sentIds]));
          if (one.ingest && current && !gone(current)) {
            current = markSent(current);
            for (const { usagePlanId } of current.plans) sentIds.add(usagePlanId);
          }
        }
      }),
    );
  });

  test('with it a sent plan leaves only after two reads that lack it, a schedule apart', () => {
    fc.assert(
      fc.property(history, (reads) => {
        let current: CatalogEntry | undefined = markSent(entry());
        let readAt = start;
        const lacking: number[] = [];
        for (const one of reads) {
          readAt += one.gap * minute;
          current = step(
            current,
            { ...one, api: true, stages: undefined },
            { removeDetachedPlans: true },
            readAt,
          );
          if (one.plans.includes('p1')) lacking.splice(0);
          else lacking.push(readAt);
          const there = current?.plans.some(({ usagePlanId }) => usagePlanId === 'p1') ?? false;
          if (!there) {
            expect(lacking.length).toBeGreaterThan(1);
            expect((lacking.at(-1) ?? 0) - (lacking[0] ?? 0)).toBeGreaterThanOrEqual(15 * minute);
            return;
          }
        }
      }),
    );
  });

  test('GetStages, whatever it says, never changes the plans of an entry', () => {
    fc.assert(
      fc.property(aRead, aRead, (first, second) => {
        const before = markSent(entry({ plans: first.plans.map((id) => plan({ usagePlanId: id })) }));
        const seen = { ...name, api: restApi(), plans: seenIn(second.plans.map((id) => usagePlan({ id }))) };
        const stages = second.stages ?? failed;
        const after = afterStages(before, { ...seen, stages }, context()).entry;
        if (after) expect(after.plans).toEqual(before.plans);
      }),
    );
  });

  test('the same read twice changes nothing the second time', () => {
    fc.assert(
      fc.property(history, aRead, fc.boolean(), (reads, last, acceptApiWithoutUsagePlan) => {
        let current: CatalogEntry | undefined;
        let readAt = start;
        for (const one of [...reads, last]) {
          readAt += one.gap * minute;
          current = step(current, one, { acceptApiWithoutUsagePlan }, readAt);
        }
        expect(step(current, last, { acceptApiWithoutUsagePlan }, readAt)).toBe(current);
      }),
    );
  });
});
