import { expect } from '@jest/globals';
import { DiscoverReply } from '@federation-agent/contracts';
import type { Counters } from '@federation-agent/sandbox';
import { AWS_REGION, awsFaults, eventually, largeExport, playIn } from '../../support/index.ts';
import type { ApiStage, FaultAction, Peers, World } from '../../support/index.ts';
import {
  expectAccepted,
  federated,
  firstIngest,
  idOf,
  ingest,
  makeApis,
  now,
  startConnected,
  startWaiting,
} from './steps.ts';

/** Sixty APIs in the default region. */
const many = 'integration-1';
/** Two APIs; usage plans come and go, and cannot be read. */
const plans = 'integration-2';
/** Two APIs; a plan that is detached in AWS leaves APIM. */
const removing = 'integration-3';
const plansRegion = 'eu-north-1';
const removingRegion = 'eu-central-1';

const regions = [AWS_REGION, plansRegion, removingRegion];

const timeScale = 5;
const pageSize = 25;
const apiCount = 60;
const megabyte = 1024 * 1024;
/** As the agent under test is configured; AWS has 10 a second and a burst of 40. */
const AGENT_CALLS_PER_SECOND = 8;
const AGENT_BURST = 10;

/** What customers write into names and descriptions; every API of the sixty has one of these. */
const texts = [
  'plain',
  'a;;b;; ;;c=1;;;',
  'With "double", \'single\' and `back` quotes, \\ and a trailing backslash \\',
  'emoji 🚀🧪, Ünïcödé, 日本語, العربية',
  'null\u0000byte\u0000',
  'line one\nline two\r\n\tindented',
  '<b>html</b> & {{template}} ${variable} %s {0}',
  'x'.repeat(1_024),
];

/** DISCOVER and START_INGEST: all of many, by ids, large documents, nasty texts, plans that go or cannot be read. */
export function ingestScenarios(peers: Peers): void {
  let stages: ApiStage[] = [];
  let ofPlans: { stages: ApiStage[]; planId: string } = { stages: [], planId: '' };
  let ofRemoving: { stages: ApiStage[]; planId: string } = { stages: [], planId: '' };

  let firstCalls: readonly Counters[] = [];

  const scenario = playIn(peers, {
    timeScale,
    maxPageSize: pageSize,
    integrations: [
      { id: many },
      { id: plans, region: plansRegion },
      { id: removing, region: removingRegion, more: { removeDetachedPlans: 'true', schedule: '10s' } },
    ],
    prepare: async (world) => {
      startWaiting(world);
      const describe = (index: number): string => texts[index % texts.length] ?? '';
      [{ stages }, ofPlans, ofRemoving] = await Promise.all([
        makeApis(world, { count: apiCount, name: 'api', plan: 'gold', describe }),
        makeApis(world, { count: 2, name: 'orders', plan: 'silver', region: plansRegion }),
        makeApis(world, { count: 2, name: 'pets', plan: 'bronze', region: removingRegion }),
      ]);
      // The first scan and the first ingest, with all their exports, within AWS's quotas.
      world.aws.sandbox?.control.setThrottle({ enabled: true });
      await startConnected(world, [many, plans, removing]);
      await firstIngest(world, many);
      firstCalls = callsByRegion(world);
      world.aws.sandbox?.control.setThrottle({ enabled: false });
    },
  });

  scenario('discovers 60 APIs, none of them partly', async (world) => {
    const answer = await world.apim.discover(many);
    expect(answer).toMatchObject({ commandStatus: 'SUCCEEDED' });
    const { apis, isPartialDiscovery } = DiscoverReply.loose().parse(answer.payload);
    expect(isPartialDiscovery).toBe(false);
    const expected = stages.map((stage) => idOf(world, stage)).sort();
    expect(apis.map(({ id }) => id).sort()).toEqual(expected);
    expect(apis.map(({ uniqueId }) => uniqueId).sort()).toEqual(expected);
    expect(apis.every(({ name }) => name.startsWith('api-'))).toBe(true);
  });

  scenario(
    'discovers them in three pages of 25',
    async ({ aws, apim }) => {
      const from = aws.faults.requests().length;
      expect(await apim.discover(many)).toMatchObject({ commandStatus: 'SUCCEEDED' });
      const lists = aws.faults.requests().filter(({ path }) => /^\/restapis(\?|$)/u.test(path));
      // Those of the first scan count when this one was answered from it.
      const list = lists.length > from ? lists.slice(from) : lists;
      expect(list.length).toBeGreaterThanOrEqual(3);
      expect(list.filter(({ path }) => path.includes('position=')).length).toBeGreaterThanOrEqual(2);
    },
    { needs: 'paging' },
  );

  scenario('ingests all: each with its document, its plan and its metadata', async (world) => {
    const { apim } = world;
    const job = await ingest(apim, many);
    expect(job).toMatchObject({ total: apiCount, apis: apiCount });
    const { apis } = await apim.apis(many);
    expect(apis.map(({ uniqueId }) => uniqueId).sort()).toEqual(stages.map((one) => idOf(world, one)).sort());
    for (const api of apis) {
      expect(api).toMatchObject({
        type: 'PROXY',
        pages: [{ pageType: 'SWAGGER', filename: expect.any(String) }],
        plans: [{ name: 'gold', planSecurityType: 'API_KEY' }],
      });
    }
  });

  scenario('ingests by ids: only those', async (world) => {
    const { apim } = world;
    const ids = stages.slice(3, 5).map((stage) => idOf(world, stage));
    const before = new Map((await apim.apis(many)).apis.map((api) => [api.uniqueId, api.updates]));
    expect(await ingest(apim, many, ids)).toMatchObject({ total: 2, apis: 2 });
    const { apis } = await apim.apis(many);
    const updated = apis.filter((api) => api.updates !== before.get(api.uniqueId));
    expect(updated.map(({ uniqueId }) => uniqueId).sort()).toEqual(ids.sort());
  });

  scenario(
    'descriptions with ;;, quotes, emoji and null bytes arrive as they are, null bytes left out',
    async (world) => {
      for (const [index, text] of texts.entries()) {
        const stage = stages[index];
        if (!stage) throw new Error('an API for each text');
        const api = await federated(world.apim, many, idOf(world, stage));
        expect(api.description).toContain(text.replaceAll('\0', ''));
        expect(JSON.stringify(api)).not.toContain(String.raw`\u0000`);
      }
    },
  );

  scenario('a batch of 3 MB', async (world) => {
    const { apim } = world;
    const id = await largeApi(world, 'three-megabytes', 3 * megabyte);
    expect((await ingest(apim, plans, [id])).largestBatchBytes).toBeGreaterThan(3 * megabyte);
    const { pages } = await federated(apim, plans, id);
    expect(pages[0]?.content?.length).toBeGreaterThan(2.9 * megabyte);
  });

  scenario('a document of 14 MB: the API comes without that page, and says so', async (world) => {
    const { apim } = world;
    const id = await largeApi(world, 'fourteen-megabytes', 14 * megabyte);
    expect(await ingest(apim, plans, [id])).toMatchObject({ total: 1, apis: 1 });
    const api = await federated(apim, plans, id);
    expect(api.pages.filter(({ pageType }) => pageType === 'SWAGGER')).toEqual([]);
    expect(JSON.stringify([api.description, api.metadata, api.pages])).toMatch(
      /large|too big|exceed|MB|MiB|bytes/iu,
    );
  });

  scenario(
    'a plan detached in AWS between two ingests: it stays, and a SUBSCRIBE to it has an error',
    async (world) => {
      const { apim, aws } = world;
      const [stage] = ofPlans.stages;
      if (!stage) throw new Error('an API');
      const id = idOf(world, stage, plansRegion);
      await ingest(apim, plans, [id]);
      await aws.detach(ofPlans.planId, stage, plansRegion);
      try {
        const plan = await eventually('the plan to say that it is detached', async () => {
          await ingest(apim, plans, [id]);
          const { plans: listed } = await federated(apim, plans, id);
          expect(listed.map((one) => one.id)).toEqual([ofPlans.planId]);
          return /detached/iu.test(listed[0]?.description ?? '') ? listed[0] : undefined;
        });
        expect(plan.name).toBe('silver');
        await ingest(apim, plans);
        expect((await federated(apim, plans, id)).plans.map((one) => one.id)).toEqual([ofPlans.planId]);
        expect((await apim.apis(plans)).deletedPlans).toEqual([]);
        const subscription = await apim.subscribe(plans, { apiId: id, planId: ofPlans.planId });
        expect(subscription).toMatchObject({
          status: 'REJECTED',
          errorDetails: expect.stringMatching(/plan/iu),
        });
      } finally {
        await aws.attach(ofPlans.planId, stage, plansRegion);
      }
    },
  );

  const plansStay = (name: string, action: FaultAction): void => {
    scenario(
      `usage plans that cannot be read (${name}) during an ingest of known APIs: the plans stay`,
      async (world) => {
        const { apim, aws } = world;
        await ingest(apim, plans);
        const before = await plansOf(world);
        expect(before.length).toBeGreaterThan(0);
        const fault = aws.faults.fault({ method: 'GET', path: /^\/usageplans(\?|$)/u, action });
        try {
          const again = async (): Promise<void> => {
            const started = await apim.ingest(plans);
            // From the last good state, or an error that says so: never without plans.
            if (started.status === 'ERROR') expect(started.errorDetails).toEqual(expect.any(String));
            else await apim.untilJobEnds(plans, started.jobId ?? '', 60_000);
          };
          // Twice: what the first failed read may have left behind would go out with the second.
          for (const time of ['first', 'second']) {
            const before = fault.hits();
            await eventually(`the ${time} ingest that could not read the plans`, async () => {
              await again();
              return fault.hits() > before ? true : undefined;
            });
          }
        } finally {
          fault.release();
        }
        expect(await plansOf(world)).toEqual(before);
        expect((await apim.apis(plans)).deletedPlans).toEqual([]);
      },
    );
  };
  plansStay('403 AccessDenied', awsFaults.accessDenied);
  plansStay('502 with HTML', awsFaults.badGateway);

  scenario(
    'UNSUBSCRIBE while an INGEST is being answered: a removed plan goes with its subscription and its key',
    async (world) => {
      const { apim, aws } = world;
      const [stage] = ofRemoving.stages;
      if (!stage) throw new Error('an API');
      const { planId } = ofRemoving;
      const id = idOf(world, stage, removingRegion);
      await ingest(apim, removing);
      const subscription = await apim.subscribe(removing, { apiId: id, planId, applicationName: 'My app' });
      expectAccepted(subscription);
      const since = await now(apim);
      await aws.detach(planId, stage, removingRegion);
      await eventually('the detached plan to leave APIM', async () => {
        await ingest(apim, removing, [id]);
        const { deletedPlans } = await apim.apis(removing);
        return deletedPlans.length > 0 ? true : undefined;
      });
      expect((await apim.apis(removing)).deletedPlans).toEqual([
        { uniqueId: id, planId, subscriptions: [subscription.id] },
      ]);
      const kinds = (await apim.events(since)).map(({ kind, type }) =>
        type === undefined ? kind : `${kind} ${type}`,
      );
      const unsubscribed = kinds.indexOf('reply UNSUBSCRIBE');
      expect(unsubscribed).toBeGreaterThan(-1);
      expect(kinds.indexOf('ingest', unsubscribed)).toBeGreaterThan(unsubscribed);
      expect(await aws.keys(removingRegion)).toEqual([]);
    },
  );

  scenario('20 subscriptions at once: 20 keys', async (world) => {
    const { apim, aws } = world;
    const api = await federated(apim, many, idOf(world, stages[0] ?? { apiId: '', stage: '' }));
    const request = { apiId: api.id, planId: api.plans[0]?.id ?? '' };
    const subscriptions = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        apim.subscribe(many, { ...request, applicationName: `app ${index}` }),
      ),
    );
    expect(subscriptions.filter(({ status }) => status !== 'ACCEPTED')).toEqual([]);
    expect(new Set(subscriptions.map(({ apiKey }) => apiKey)).size).toBe(20);
    expect(await aws.keys()).toHaveLength(20);
  });

  scenario(
    "the first scan and ingest of 60 APIs stay within AWS's quotas of calls: nothing is throttled",
    () => {
      expect(firstCalls).toHaveLength(regions.length);
      const late = 4; // Calls that a busy machine holds up arrive together with those that were granted after them.
      for (const { calls, throttled, peakPerSecond } of firstCalls) {
        expect({ called: calls > 0, throttled }).toEqual({ called: true, throttled: 0 });
        expect(peakPerSecond).toBeLessThanOrEqual(AGENT_CALLS_PER_SECOND + AGENT_BURST + late);
      }
      return Promise.resolve();
    },
    { needs: 'throttle' },
  );

  scenario(
    'asks AWS for nothing that the documented policy does not allow',
    async (world) => {
      await ingest(world.apim, plans);
      expect(callsByRegion(world)).toMatchObject(regions.map(() => ({ denied: 0 })));
    },
    { needs: 'policy' },
  );

  // Last: any region that is scanned meanwhile is throttled too, and the agent is slower there for a while after it.
  plansStay('429 TooManyRequests', awsFaults.tooManyRequests);

  /** A new API whose export has so many bytes; answers its id. */
  async function largeApi(world: World, name: string, bytes: number): Promise<string> {
    const { aws } = world;
    const stage = await aws.addApi({ name, description: 'large', region: plansRegion });
    aws.faults.fault({
      method: 'GET',
      path: new RegExp(`^/restapis/${stage.apiId}/stages/${stage.stage}/exports/`, 'u'),
      action: {
        kind: 'answer',
        status: 200,
        headers: { 'content-type': 'application/octet-stream' },
        body: largeExport(bytes),
      },
    });
    await aws.attach(ofPlans.planId, stage, plansRegion);
    const id = idOf(world, stage, plansRegion);
    // Lists that were just read are not read again at once.
    await eventually(`${name} to be discovered`, async () =>
      JSON.stringify((await world.apim.discover(plans)).payload).includes(id) ? true : undefined,
    );
    return id;
  }

  /** Every plan with its words: one that is taken for detached says so. */
  async function plansOf({ apim }: World): Promise<string[]> {
    const { apis } = await apim.apis(plans);
    return apis
      .flatMap((api) => api.plans.map((plan) => JSON.stringify([api.uniqueId, plan.id, plan.description])))
      .sort();
  }
}

/** The agent's calls so far, by region; none where AWS does not count. */
function callsByRegion({ aws }: World): Counters[] {
  const { accessKeyId } = aws.credentials;
  return regions.flatMap((region) => aws.sandbox?.control.counters({ accessKeyId, region }) ?? []);
}
