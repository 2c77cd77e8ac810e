import { expect } from '@jest/globals';
import { eventually, playIn } from '../../support/index.ts';
import type { ApiStage, ApiSubscription, Peers, World } from '../../support/index.ts';
import { firstIngest, idOf, makeApis, now, startConnected, startWaiting, untilConnected } from './steps.ts';

const integration = 'integration-1';
/** W, the 15 minutes that a lost call may still execute, takes 9 s; most other durations are at their floors. */
const timeScale = 100;
const apiCount = 10;

const createApiKey = { method: 'POST', path: /^\/apikeys$/u };
const createUsagePlanKey = { method: 'POST', path: /^\/usageplans\/[^/]+\/keys/u };

/** Processes, sockets and the broker end in the middle of something. */
export function crashScenarios(peers: Peers): void {
  let made: { stages: ApiStage[]; planId: string } = { stages: [], planId: '' };

  const scenario = playIn(peers, {
    timeScale,
    integrations: [{ id: integration }],
    // One API in a batch, and a slow way: there is a middle.
    slow: true,
    env: { gravitee_federation_ingest_batchApis: '1' },
    prepare: async (world) => {
      startWaiting(world);
      made = await makeApis(world, { count: apiCount, name: 'orders', plan: 'gold' });
      await startConnected(world, [integration]);
      await firstIngest(world, integration);
    },
  });

  const subscribe = ({ apim, aws }: World, applicationName: string): Promise<ApiSubscription> =>
    apim.subscribe(integration, {
      apiId: idOf({ aws } as World, made.stages[0] ?? { apiId: '', stage: '' }),
      planId: made.planId,
      applicationName,
    });
  /** APIM's publisher accepts again what did not come through, and in the end closes it. */
  const settle = async ({ apim }: World, { id }: ApiSubscription): Promise<void> => {
    await eventually('the subscription to be accepted', async () => {
      const now = await apim.subscription(integration, id);
      if (now.status === 'ACCEPTED') return true;
      const again = await apim.retry(integration, id);
      return again.status === 'ACCEPTED' ? true : undefined;
    });
  };
  const close = async ({ apim }: World, { id }: ApiSubscription): Promise<void> => {
    await eventually('the subscription to be closed', async () => {
      const { status } = await apim.unsubscribe(integration, id);
      return status === 'CLOSED' ? true : undefined;
    });
  };

  for (const reset of [false, true]) {
    scenario(
      `socket cut by ${reset ? 'RST' : 'FIN'} in the middle of an ingest: the job ends well, nothing is lost`,
      async (world) => {
        const { apim } = world;
        const before = await updates(world);
        const since = await now(apim);
        const { jobId } = await apim.ingest(integration);
        await apim.untilEvent(({ kind }) => kind === 'ingest', { since });
        await apim.drop(integration, { reset });
        const cut = await apim.untilEvent(({ kind }) => kind === 'drop', { since });
        const job = await apim.untilJobEnds(integration, jobId ?? '', 30_000);
        expect(job).toMatchObject({ status: 'SUCCESS', errors: [] });
        expect((await apim.events(cut.seq)).some(({ kind }) => kind === 'ingest')).toBe(true);
        await eachUpdated(world, before);
        await untilConnected(world, integration);
      },
    );
  }

  scenario('aws-discovery killed after the START_INGEST reply: another one ends the job', async (world) => {
    const { apim, agent } = world;
    const before = await updates(world);
    const { jobId } = await apim.ingest(integration);
    const killed = agent.one('aws-discovery').end('SIGKILL');
    expect((await apim.job(integration, jobId ?? '')).status).toBe('PENDING');
    await killed;
    agent.start('aws-discovery');
    const job = await apim.untilJobEnds(integration, jobId ?? '', 30_000);
    expect(job).toMatchObject({ status: 'SUCCESS', errors: [] });
    await eachUpdated(world, before);
    await untilConnected(world, integration);
  });

  scenario(
    'subscription-manager killed in the middle of CreateApiKey: AWS has the keys of APIM, and no other',
    async (world) => {
      await killedAt(world, createApiKey, 'before');
      await killedAt(world, createApiKey, 'after');
    },
    { needs: 'ImportApiKeys', timeoutMs: 120_000 },
  );

  scenario(
    'subscription-manager killed in the middle of CreateUsagePlanKey: AWS has the keys of APIM, and no other',
    async (world) => {
      await killedAt(world, createUsagePlanKey, 'before');
      await killedAt(world, createUsagePlanKey, 'after');
    },
    { timeoutMs: 120_000 },
  );

  scenario('gateway-link killed while a SUBSCRIBE is worked on: no key is left', async (world) => {
    const { aws, agent } = world;
    const fault = aws.faults.fault({
      ...createUsagePlanKey,
      times: 1,
      action: { kind: 'hang', when: 'after' },
    });
    const subscribing = subscribe(world, 'link killed');
    await fault.reached;
    await agent.endAll('gateway-link', 'SIGKILL');
    expect(await subscribing).toMatchObject({ status: 'REJECTED' });
    agent.startAll('gateway-link');
    fault.release();
    await untilConnected(world, integration);
  });

  scenario(
    'broker restarted in the middle of an ingest and of subscriptions: nothing is lost',
    async (world) => {
      const { apim, agent } = world;
      const before = await updates(world);
      const since = await now(apim);
      const { jobId } = await apim.ingest(integration);
      await apim.untilEvent(({ kind }) => kind === 'ingest', { since });
      const subscribing = ['a', 'b', 'c', 'd'].map((name) => subscribe(world, `broker restarted ${name}`));
      await agent.broker.restart();
      const subscriptions = await Promise.all(subscribing);
      const job = await apim.untilJobEnds(integration, jobId ?? '', 30_000);
      expect(job).toMatchObject({ status: 'SUCCESS', errors: [] });
      await eachUpdated(world, before);
      await untilConnected(world, integration);
      for (const one of subscriptions) await settle(world, one);
      for (const one of subscriptions) await close(world, one);
    },
  );

  async function killedAt(world: World, call: typeof createApiKey, when: 'before' | 'after'): Promise<void> {
    const { aws, agent } = world;
    const fault = aws.faults.fault({ ...call, times: 1, action: { kind: 'hang', when } });
    const subscribing = subscribe(world, `manager killed ${when}`);
    await fault.reached;
    await agent.endAll('subscription-manager', 'SIGKILL');
    agent.startAll('subscription-manager');
    fault.release();
    const subscription = await subscribing;
    await untilConnected(world, integration);
    await settle(world, subscription);
    await close(world, subscription);
  }

  async function updates({ apim }: World): Promise<Map<string, number>> {
    const { apis } = await apim.apis(integration);
    return new Map(apis.map((api) => [api.uniqueId ?? '', api.updates]));
  }

  async function eachUpdated(world: World, before: ReadonlyMap<string, number>): Promise<void> {
    const after = await updates(world);
    expect(after.size).toBe(apiCount);
    const missed = [...after].filter(([id, count]) => count <= (before.get(id) ?? -1));
    expect(missed).toEqual([]);
  }
}
