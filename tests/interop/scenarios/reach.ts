import { expect } from '@jest/globals';
import { DiscoverReply } from '@federation-agent/contracts';
import { AWS_REGION, awsFaults, eventually, playIn, reachKeys, reachOwner } from '../../support/index.ts';
import type { ApiStage, Peers, World } from '../../support/index.ts';
import {
  expectAccepted,
  federated,
  firstIngest,
  idOf,
  ingest,
  makeApis,
  startConnected,
  startWaiting,
} from './steps.ts';

/** All opt-ins, a filter and templates, in an account that allows everything. */
const open = 'integration-1';
/** The same keys where AWS denies each of them. */
const denied = 'integration-2';
/** No opt-in, and the same AWS as `denied`. */
const plain = 'integration-3';
const deniedRegion = 'eu-north-1';
const timeScale = 5;
const domain = 'api.example.com';

const optIns = ['HTTP and WebSocket APIs', 'custom domains', "the account's throttle"];

/** HTTP APIs, custom domains, filters and templates; and what happens where AWS does not allow them. */
export function reachScenarios(peers: Peers): void {
  let rest: ApiStage[] = [];
  let http: ApiStage = { apiId: '', stage: '' };

  const scenario = playIn(peers, {
    timeScale,
    integrations: [
      {
        id: open,
        more: {
          ...reachKeys,
          schedule: '30s',
          filter: 'tag.team != "internal"',
          apiName: '{tag.product} {name}',
          ownerTag: 'owner',
        },
      },
      { id: denied, region: deniedRegion, more: { ...reachKeys, schedule: '30s' } },
      { id: plain, region: deniedRegion, more: { schedule: '30s' } },
    ],
    prepare: async (world) => {
      startWaiting(world);
      const { aws } = world;
      aws.sandbox?.control.grantReach();
      for (const path of [/^\/v2\//u, /^\/domainnames/u, /^\/account/u])
        aws.faults.fault({ region: deniedRegion, path, action: awsFaults.accessDenied });
      const owner = reachOwner(aws, AWS_REGION);
      await makeApis(world, { count: 2, name: 'pets', plan: 'silver', region: deniedRegion });
      const first = await owner.addRestApi('orders-0', { product: 'Webshop', owner: 'Ann' });
      rest = [first, await owner.addRestApi('orders-1', { team: 'internal' })];
      await aws.addPlan('gold', rest);
      http = await owner.addHttpApi('shop');
      await owner.addDomain(domain, 'orders', first);
      owner.stop();
      await startConnected(world, [open, denied, plain]);
      await firstIngest(world, open);
      // moto keeps the domains of both versions apart, and has no mappings of REST APIs.
      if (aws.kind !== 'sandbox') return;
      await eventually('the address under the domain', async () => {
        await ingest(world.apim, open);
        return (await invokeUrlOf(world, idOf(world, first))) === `https://${domain}/orders`
          ? true
          : undefined;
      });
    },
  });

  scenario('an HTTP API is discovered beside the REST APIs, and has no plan', async (world) => {
    const answer = await world.apim.discover(open);
    const found = DiscoverReply.loose().parse(answer.payload);
    const [first] = rest;
    if (!first) throw new Error('an API');
    expect(found.apis.map(({ id }) => id).sort()).toEqual([idOf(world, first), idOf(world, http)].sort());
    await ingest(world.apim, open);
    expect((await federated(world.apim, open, idOf(world, http))).plans).toEqual([]);
  });

  scenario(
    'its document comes from the export of AWS',
    async (world) => {
      const { pages } = await federated(world.apim, open, idOf(world, http));
      expect(pages).toMatchObject([{ pageType: 'SWAGGER' }]);
      expect(JSON.parse(pages[0]?.content ?? '')).toMatchObject({ paths: { '/items': { get: {} } } });
    },
    { needs: 'ExportApi' },
  );

  scenario('the filter leaves an API out, and its tags name another one', async (world) => {
    const [first, second] = rest;
    if (!first || !second) throw new Error('two APIs');
    const { apis } = await world.apim.apis(open);
    expect(apis.map(({ uniqueId }) => uniqueId)).not.toContain(idOf(world, second));
    const api = await federated(world.apim, open, idOf(world, first));
    expect(api.name).toMatch(/^Webshop orders-/u);
    expect(api.metadata).toContainEqual(expect.objectContaining({ name: 'Owner', value: 'Ann' }));
  });

  scenario(
    'the page and the metadata name the domain first',
    async (world) => {
      const [first] = rest;
      if (!first) throw new Error('an API');
      const { pages } = await federated(world.apim, open, idOf(world, first));
      const { servers, host } = JSON.parse(pages[0]?.content ?? '') as {
        servers?: { url: string }[];
        host?: string;
      };
      expect(host ?? servers?.[0]?.url).toMatch(new RegExp(`^(https://)?${domain}`, 'u'));
    },
    { needs: 'domain mappings' },
  );

  scenario('a subscription to an API under a domain gets its key', async (world) => {
    const { apim, aws } = world;
    const [first] = rest;
    if (!first) throw new Error('an API');
    const api = await federated(apim, open, idOf(world, first));
    const subscription = await apim.subscribe(open, { apiId: api.id, planId: api.plans[0]?.id ?? '' });
    expectAccepted(subscription);
    expect(await aws.keys()).toHaveLength(1);
  });

  scenario('each opt-in denied: the same APIs as without them, and one line says so', async (world) => {
    const { apim, agent } = world;
    await ingest(apim, denied);
    await ingest(apim, plain);
    const [asked, unasked] = [(await apim.apis(denied)).apis, (await apim.apis(plain)).apis];
    const shown = ({ uniqueId, name, plans, pages, metadata, description }: (typeof asked)[number]) => [
      uniqueId,
      name,
      description,
      plans.map((plan) => [plan.id, plan.name, plan.description]),
      pages.map(({ content }) => content),
      metadata,
    ];
    expect(asked.length).toBe(2);
    expect(asked.map(shown).sort()).toEqual(unasked.map(shown).sort());
    for (const what of optIns) {
      const line = new RegExp(`${what} cannot be read`, 'gu');
      expect([what, agent.logText().match(line)?.length]).toEqual([what, 1]);
    }
  });

  const stays = (name: string, action: Parameters<World['aws']['faults']['fault']>[0]['action']): void => {
    scenario(`lists of the opt-ins that fail (${name}): nothing that APIM has goes`, async (world) => {
      const { apim, aws } = world;
      await ingest(apim, open);
      const before = await stateOf(world);
      const faults = [/^\/v2\//u, /^\/domainnames/u].map((path) =>
        aws.faults.fault({ region: AWS_REGION, path, action }),
      );
      try {
        await eventually('reads that failed', () =>
          faults.every((fault) => fault.hits() > 0) ? true : undefined,
        );
        await ingest(apim, open);
      } finally {
        for (const fault of faults) fault.release();
      }
      expect(await stateOf(world)).toEqual(before);
      expect((await apim.apis(open)).deletedPlans).toEqual([]);
    });
  };
  stays('403 AccessDenied', awsFaults.accessDenied);
  stays('502 with HTML', awsFaults.badGateway);

  async function stateOf({ apim }: World): Promise<unknown[]> {
    const { apis } = await apim.apis(open);
    return apis
      .map(({ uniqueId, plans, metadata }) => [uniqueId, plans.map(({ id }) => id), metadata])
      .sort();
  }
}

async function invokeUrlOf({ apim }: World, uniqueId: string): Promise<string | undefined> {
  const { metadata } = await federated(apim, open, uniqueId);
  return metadata?.find(({ name }) => name === 'Invoke URL')?.value ?? undefined;
}
