import { afterAll, beforeAll, it } from '@jest/globals';
import { startAgent } from './agent.ts';
import type { IntegrationSettings } from './agent.ts';
import type { AgentBroker } from './agent-broker.ts';
import { APIM_CONTROLLER_START_MS } from './apim-controller.ts';
import { oneOfEach } from './fleet.ts';
import { startApimPeer } from './apim-peer.ts';
import { AWS_REGION, awsCapabilities, startAwsPeer } from './aws-peer.ts';
import type { AwsCapability } from './aws-peer.ts';
import { beginWatch, checkInvariants } from './invariants.ts';
import { startSocketRelay } from './socket-relay.ts';
import type { Peers, World } from './world.ts';

/** Every frame of the agent takes so long, so that there is a middle of an ingest to do something in. */
const SLOW_MS = 40;

export interface WorldOptions {
  readonly timeScale: number;
  /** In the default region unless they name another. */
  readonly integrations: readonly (Omit<IntegrationSettings, 'region'> & { readonly region?: string })[];
  /** Integrations that the controller does not know. */
  readonly unknown?: readonly string[];
  readonly maxPageSize?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** The agent's way to APIM is slow. */
  readonly slow?: boolean;
  /** Makes the landscape and starts services; the agent has none yet. */
  readonly prepare: (world: World) => Promise<void>;
}

export interface ScenarioOptions {
  /** What AWS must be able to do: elsewhere the scenario is named as not applicable. */
  readonly needs?: AwsCapability;
  /** Milliseconds; 60 s unless told otherwise. */
  readonly timeoutMs?: number;
}

/** Declares a scenario. At its end the invariants of the agent must hold, see `invariants.ts`. */
export type Scenario = (
  title: string,
  run: (world: World) => Promise<void>,
  options?: ScenarioOptions,
) => void;

const SCENARIO_MS = 60_000;
const DUMPED_LINES = 40;

/** Registers the start and the end of a world with jest, and answers what declares scenarios in it. */
export function playIn(peers: Peers, options: WorldOptions): Scenario {
  let world: World | undefined;
  const stops: (() => Promise<void>)[] = [];
  let endAgent: (() => Promise<void>) | undefined;
  const stopping = async <T extends { stop(): Promise<void> }>(starts: Promise<T>): Promise<T> => {
    const started = await starts;
    stops.push(() => started.stop());
    return started;
  };

  beforeAll(async () => {
    const { timeScale, unknown = [] } = options;
    const integrations = options.integrations.map((one) => ({ region: AWS_REGION, ...one }));
    const known = integrations.map(({ id }) => id).filter((id) => !unknown.includes(id));
    const fleet = peers.fleet ?? oneOfEach;
    // A JVM, a Python and a broker need seconds each, and none of them another one.
    const startBroker = async (): Promise<AgentBroker> => {
      const started = await fleet.startBroker();
      endAgent = () => started.stop();
      return started;
    };
    const [aws, apim, broker] = await Promise.all([
      stopping(startAwsPeer(peers.aws, options.maxPageSize ? { maxPageSize: options.maxPageSize } : {})),
      stopping(startApimPeer(peers.apim, { integrations: known, timeScale })),
      startBroker(),
    ]);
    const relay = options.slow ? await stopping(startSocketRelay(apim.endpoint)) : undefined;
    relay?.slowUp(SLOW_MS);
    const agent = startAgent({
      broker,
      replicas: fleet.replicas,
      apim: { endpoint: relay?.endpoint ?? apim.endpoint, token: apim.token },
      aws: { url: aws.url, ...aws.credentials },
      integrations,
      timeScale,
      env: options.env ?? {},
    });
    endAgent = () => agent.stop();
    world = { apim, aws, agent, timeScale };
    try {
      await options.prepare(world);
      await agent.broker.prepared();
      await agent.ready();
    } catch (error) {
      await dump(world, 'the start of the world', 0);
      throw error;
    }
  }, APIM_CONTROLLER_START_MS);

  afterAll(async () => {
    await endAgent?.();
    await Promise.all(stops.map((stop) => stop()));
  }, SCENARIO_MS);

  return (title, run, { needs, timeoutMs = SCENARIO_MS } = {}) => {
    if (needs !== undefined && !awsCapabilities[peers.aws].includes(needs)) {
      it.skip(`not applicable on ${peers.aws}, which has no ${needs}: ${title}`, () => undefined);
      return;
    }
    it(
      title,
      async () => {
        if (!world) throw new Error('the world did not start');
        const watch = await beginWatch(world);
        try {
          await run(world);
          await checkInvariants(world, watch);
        } catch (error) {
          await dump(world, title, watch.since);
          throw error;
        }
      },
      timeoutMs,
    );
  };
}

async function dump({ agent, apim }: World, title: string, since: number): Promise<void> {
  const events = (await apim.events(since)).filter(({ type }) => type !== 'HEALTH_CHECK');
  const seen = events.slice(-DUMPED_LINES).map((event) => JSON.stringify(event));
  const text = `${agent.describe(DUMPED_LINES)}\n---- events of the controller\n${seen.join('\n')}`;
  process.stderr.write(`\n==== failed: ${title}\n${text}\n`);
}
