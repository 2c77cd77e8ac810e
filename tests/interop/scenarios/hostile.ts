import { expect } from '@jest/globals';
import { eventually, playIn } from '../../support/index.ts';
import type { ControlEvent, FederatedApi, Peers, World } from '../../support/index.ts';
import { alphabetNames, hostileApis, type Alphabet } from './hostile-apis.ts';
import { makeHostile, type MadeApi } from './hostile-account.ts';
import { federated, ingest, now, startConnected, startWaiting } from './steps.ts';

const integration = 'integration-1';
/** Two for each alphabet: an account has a budget of AWS calls per region, and waits for it in each. */
const regions = {
  latin: ['eu-west-1', 'eu-west-2'],
  cyrillic: ['eu-north-1', 'us-east-2'],
  han: ['eu-central-1', 'ap-south-1'],
  emoji: ['us-east-1', 'us-west-2'],
} as const satisfies Record<Alphabet, readonly string[]>;
const perAlphabet = 50;
const batch = 25;
/** What an API of ours says in its metadata beside its tags. */
const ownFacts = 6;

/** An APIM that keeps what it is given in a JDBC database, with its widths; it refuses an API, or is away. */
export function hostileScenarios(peers: Peers): void {
  let made: MadeApi[] = [];

  const scenario = playIn(peers, {
    timeScale: 5,
    integrations: [{ id: integration, more: { region: Object.values(regions).flat().join(',') } }],
    prepare: async (world) => {
      startWaiting(world);
      for (const alphabet of alphabetNames) {
        const apis = hostileApis(alphabet, perAlphabet);
        const [one, other] = regions[alphabet];
        const halves = await Promise.all([
          makeHostile(world, one, apis.slice(0, perAlphabet / 2)),
          makeHostile(world, other, apis.slice(perAlphabet / 2)),
        ]);
        made.push(...halves.flat());
      }
      made = made.toSorted((a, b) => (a.uniqueId < b.uniqueId ? -1 : 1));
      await startConnected(world, [integration]);
    },
  });

  scenario(
    'an ingest of 200 hostile but legal APIs: all arrive whole, and what was cut is said once',
    async (world) => {
      const { apim, agent } = world;
      const since = await now(apim);
      expect(await ingest(apim, integration)).toMatchObject({ total: made.length, apis: made.length });
      expect((await apim.events(since)).filter(isTrouble)).toEqual([]);
      const first = await whole(world);
      const said = (): number => agent.logText().split('some texts of an API are cut').length - 1;
      expect(said()).toBe(made.length);
      // Updated now: nothing is there twice, and nothing is called otherwise.
      await ingest(apim, integration);
      expect((await apim.events(since)).filter(isTrouble)).toEqual([]);
      expect((await whole(world)).map(withoutUpdates)).toEqual(first.map(withoutUpdates));
      expect(said()).toBe(made.length);
    },
    { timeoutMs: 180_000 },
  );

  scenario('an API that APIM refuses leaves the 24 others of its batch, and is named', async (world) => {
    const { apim, agent } = world;
    const ids = made.slice(0, batch).map(({ uniqueId }) => uniqueId);
    const refused = ids[17] ?? '';
    // APIM forgets what it has.
    await apim.reset();
    await apim.ingestTrouble(integration, { refused: [refused] });
    await ingest(apim, integration, ids);
    const stored = (await apim.apis(integration)).apis.filter(({ metadata }) => (metadata ?? []).length > 0);
    expect(stored.map(({ uniqueId }) => uniqueId).sort()).toEqual(ids.filter((id) => id !== refused).sort());
    expect((await apim.events()).filter(({ kind }) => kind === 'ingest-refused').length).toBeLessThanOrEqual(
      6,
    );
    await agent
      .one('gateway-link')
      .untilHealth(new RegExp(`did not take 1 APIs[^"]*${refused}: a trigger`, 'u'));
    const lines = agent.one('gateway-link').log();
    expect(lines).toContainEqual(
      expect.objectContaining({ uniqueId: refused, reason: 'a trigger refused this row' }),
    );
    await apim.ingestTrouble(integration, {});
    await ingest(apim, integration, [refused]);
    expect((await federated(apim, integration, refused)).metadata).toHaveLength(ownFacts + 8);
    const { body } = (await agent.one('gateway-link').readiness()) ?? { body: '' };
    expect(body).not.toContain('did not take');
  });

  scenario('a database that is away for a while: the ingest waits, loses nothing and ends', async (world) => {
    const { apim, agent } = world;
    const ids = made.slice(0, 2 * batch).map(({ uniqueId }) => uniqueId);
    await apim.reset();
    await apim.ingestTrouble(integration, { away: true });
    const { jobId } = await apim.ingest(integration, ids);
    await agent.one('gateway-link').untilHealth(/APIM takes nothing of an ingest: Unable to acquire JDBC/u);
    await eventually('a few empty batches', async () => {
      const empty = (await apim.events()).filter(({ kind, apis }) => kind === 'ingest-refused' && apis === 0);
      return empty.length > 2 ? true : undefined;
    });
    await apim.ingestTrouble(integration, {});
    expect(await apim.untilJobEnds(integration, jobId ?? '', 60_000)).toMatchObject({
      status: 'SUCCESS',
      errors: [],
    });
    const { apis } = await apim.apis(integration);
    expect(apis.map(({ uniqueId }) => uniqueId).sort()).toEqual(ids.toSorted());
    const { body } = (await agent.one('gateway-link').readiness()) ?? { body: '' };
    expect(body).not.toContain('takes nothing');
  });

  /** Every API as APIM has it: none half made, no plan, limit or tag missing. */
  async function whole({ apim }: World): Promise<FederatedApi[]> {
    const { apis } = await apim.apis(integration);
    const byId = new Map(apis.map((api) => [api.uniqueId, api]));
    return made.map(({ uniqueId, api, planIds }) => {
      const stored = byId.get(uniqueId);
      if (!stored) throw new Error(`APIM has no ${uniqueId}`);
      expect(stored.pages).toHaveLength(1);
      expect(stored.plans.map(({ id }) => id).sort()).toEqual(planIds.toSorted());
      const limits = stored.plans.map(({ characteristics }) => (characteristics as string[]).length).sort();
      expect(limits).toEqual([2, 2 + Object.keys(api.plans[0]?.throttle ?? {}).length]);
      expect(new Set(stored.plans.map(({ name }) => name)).size).toBe(2);
      const values = (stored.metadata ?? []).map(({ value }) => value);
      expect(values).toHaveLength(ownFacts + Object.keys(api.tags).length);
      expect(values).toEqual(expect.arrayContaining(Object.values(api.tags)));
      return stored;
    });
  }
}

function isTrouble({ kind }: ControlEvent): boolean {
  return kind === 'ingest-error' || kind === 'ingest-refused';
}

function withoutUpdates({ updates: _updates, ...api }: FederatedApi): Omit<FederatedApi, 'updates'> {
  return api;
}
