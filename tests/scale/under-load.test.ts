/** Commands and ingests go on while every process in turn, and the broker's leader, ends and comes back. */
import { expect } from '@jest/globals';
import { playIn, suite, type ApiStage, type Peers, type World } from '../support/index.ts';
import { idOf, ingest, makeApis, now, startConnected, untilConnected } from '../interop/scenarios/steps.ts';
import type { ClusterBroker } from '../support/index.ts';
import { threeNodes } from './fleets.ts';

const integration = 'integration-1';
/** Long enough for an election of the broker: a command has 25 s. */
const timeScale = 2;

const services = ['gateway-link', 'aws-discovery', 'subscription-manager'] as const;

function loadScenarios(peers: Peers): void {
  let made: { stages: ApiStage[]; planId: string } = { stages: [], planId: '' };
  const scenario = playIn(peers, {
    timeScale,
    integrations: [{ id: integration }],
    env: { gravitee_federation_ingest_batchApis: '1' },
    prepare: async (world) => {
      made = await makeApis(world, { count: 8, name: 'orders', plan: 'gold' });
      await startConnected(world, [integration]);
      await ingest(world.apim, integration);
    },
  });

  /** Subscribes, closes, discovers and ingests, over and over, until `run` has ended. @returns how often each */
  async function under(world: World, run: () => Promise<void>): Promise<{ lives: number; jobs: number }> {
    const { apim } = world;
    const apiId = idOf(world, made.stages[0] ?? { apiId: '', stage: '' });
    let over = false;
    let lives = 0;
    let jobs = 0;
    const subscribing = async (lane: number): Promise<void> => {
      for (let n = 0; !over; n += 1) {
        const applicationName = `lane ${lane} life ${n}`;
        const one = await apim.subscribe(integration, { apiId, planId: made.planId, applicationName });
        // What came in at a link that ended is refused, and APIM's publisher says it again.
        for (let status = one.status; status !== 'ACCEPTED';)
          ({ status } = await apim.retry(integration, one.id));
        for (let status = ''; status !== 'CLOSED';)
          ({ status } = await apim.unsubscribe(integration, one.id));
        lives += 1;
      }
    };
    const ingesting = async (): Promise<void> => {
      while (!over) {
        const { jobId } = await apim.ingest(integration);
        // A START_INGEST that no link had taken.
        if (jobId === undefined || jobId === null) continue;
        expect(await apim.untilJobEnds(integration, jobId, 60_000)).toMatchObject({
          status: 'SUCCESS',
          dropped: 0,
          errors: [],
        });
        jobs += 1;
      }
    };
    const load = Promise.all([subscribing(1), subscribing(2), subscribing(3), ingesting()]);
    try {
      await run();
    } finally {
      over = true;
    }
    await load;
    return { lives, jobs };
  }

  /** No command was answered twice, and no worker was asked in vain. */
  async function answeredOnce({ apim }: World, since: number): Promise<void> {
    const events = await apim.events(since);
    const answered = new Set(events.filter(({ kind }) => kind === 'reply').map(({ commandId }) => commandId));
    const again = events.filter(
      ({ kind, commandId }) => kind === 'reply-unexpected' && answered.has(commandId),
    );
    expect(again).toEqual([]);
    expect(
      events.filter(({ kind, type }) => kind === 'reply' && type === 'SUBSCRIBE').length,
    ).toBeGreaterThan(5);
  }

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    scenario(
      `every process in turn ends by ${signal} and another comes: every command is answered once, every job ends`,
      async (world) => {
        const { agent, apim } = world;
        const since = await now(apim);
        const { lives, jobs } = await under(world, async () => {
          for (const service of services) {
            for (const process of [...agent.of(service)]) {
              const code = await process.end(signal);
              expect(code).toBe(signal === 'SIGTERM' ? 0 : signal);
              await agent.start(service).ready();
            }
          }
          await untilConnected(world, integration);
        });
        expect(lives).toBeGreaterThan(5);
        expect(jobs).toBeGreaterThan(0);
        await answeredOnce(world, since);
      },
      { timeoutMs: 240_000 },
    );
  }

  scenario(
    'the node that leads the commands is killed, twice: no command and no batch is lost',
    async (world) => {
      const broker = world.agent.broker as ClusterBroker;
      const since = await now(world.apim);
      const { lives } = await under(world, async () => {
        for (let time = 0; time < 2; time += 1) {
          const start = await broker.killLeader();
          await ingest(world.apim, integration);
          await start();
          await ingest(world.apim, integration);
        }
      });
      expect(lives).toBeGreaterThan(5);
      await answeredOnce(world, since);
      const failed = (await world.apim.events(since)).filter(({ kind }) => kind === 'command-failed');
      expect(failed).toEqual([]);
    },
    { timeoutMs: 240_000 },
  );
}

suite('under load', { apim: 'sandbox', aws: 'sandbox', fleet: threeNodes }, loadScenarios);
