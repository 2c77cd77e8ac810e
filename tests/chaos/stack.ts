import { startAgent } from '../support/agent.ts';
import type { Agent } from '../support/agent.ts';
import { singleBroker, type SingleBroker } from '../support/agent-broker.ts';
import { startAwsPeer } from '../support/aws-peer.ts';
import type { AwsPeer } from '../support/aws-peer.ts';
import { eventually } from '../support/eventually.ts';
import { startApimSide } from './apim.ts';
import type { Apim } from './apim.ts';
import { startFleet } from './fleet.ts';
import type { Fleet } from './fleet.ts';
import { startFront } from './front.ts';
import type { Front } from './front.ts';
import { INTEGRATIONS, integrationIds, LONER, makeLandscape } from './landscape.ts';
import type { Landscape } from './landscape.ts';
import { startLoner } from './loner.ts';
import type { Loner } from './loner.ts';
import type { Options } from './options.ts';
import type { Timeline } from './timeline.ts';
import type { WireReply } from './wire.ts';

/** The agent, APIM and AWS, and what is between them. */
export interface Stack {
  readonly apim: Apim;
  readonly aws: AwsPeer;
  readonly agent: Agent<SingleBroker>;
  readonly fleet: Fleet;
  readonly loner: Loner;
  readonly front: Front;
  readonly landscape: Landscape;
  readonly timeline: Timeline;
  readonly timeScale: number;
  /** Every complete reply that a link wrote and the network passed on. */
  readonly replies: readonly WireReply[];
  /** Violations that a trouble itself saw. */
  readonly broken: string[];
  stop(): Promise<void>;
}

const HEALTHY_MS = 60_000;

export async function startStack(options: Options, timeline: Timeline): Promise<Stack> {
  if (options['exchange-version'] !== undefined)
    process.env['EXCHANGE_VERSION'] = options['exchange-version'];
  const timeScale = options['time-scale'];
  const aws = await startAwsPeer(options.aws);
  const landscape = await makeLandscape(aws);
  const replies: WireReply[] = [];
  const front = await startFront((reply) => replies.push(reply));
  const apim = await startApimSide({
    kind: options.controller === 'real' ? 'controller' : 'sandbox',
    integrations: [...integrationIds, LONER.integration],
    timeScale,
    front,
    timeline,
  });
  const agent = startAgent({
    broker: await singleBroker(),
    apim: { endpoint: front.endpoint, token: apim.token },
    aws: { url: aws.url, ...aws.credentials },
    integrations: Object.entries(INTEGRATIONS).map(([id, regions]) => ({ id, region: regions.join(',') })),
    timeScale,
    // Gives several batches per ingest, so that a fault can come between them.
    env: { gravitee_federation_ingest_batchApis: '2' },
  });
  const fleet = startFleet(agent, timeline);
  const loner = await startLoner({
    apim: { endpoint: front.endpoint, token: apim.token },
    aws,
    timeScale,
    timeline,
  });
  return {
    apim,
    aws,
    agent,
    fleet,
    loner,
    front,
    landscape,
    timeline,
    timeScale,
    replies,
    broken: [],
    async stop() {
      fleet.stop();
      await loner.stop();
      await agent.stop();
      await front.stop();
      await apim.stop();
      await aws.stop();
    },
  };
}

/** Waits until every process is ready and every integration has an active channel. @throws NotInTime */
export async function untilHealthy({ fleet, apim, landscape }: Stack, timeoutMs = HEALTHY_MS): Promise<void> {
  const unwell = async (): Promise<string[]> => {
    const processes = fleet.replicas.map(async ({ name, process }) => {
      const seen = await process().readiness();
      return seen?.status === 200 ? [] : [`${name}: ${seen?.body ?? 'no answer'}`];
    });
    const integrations = new Set(landscape.regions.map(({ integration }) => integration));
    const channels = [...integrations].map(async (integration) => {
      const all = await apim.peer().channels(integration);
      return all.some(({ active }) => active) ? [] : [`${integration}: no active channel of ${all.length}`];
    });
    return (await Promise.all([...processes, ...channels])).flat();
  };
  await eventually('a healthy agent', async () => ((await unwell()).length === 0 ? true : undefined), {
    timeoutMs,
    lastSeen: unwell,
  });
}
