/** A whole START_INGEST: ours, and the least that a connector can do. Memory from the first scan on. */
import { eventually } from '../../support/eventually.ts';
import { connectBareClient } from '../support/bare-client.ts';
import { openArena, untilScanned, type Arena } from '../support/contestants.ts';
import { regionNames, stagesOf, targetsOf, type Estate } from '../support/estate.ts';
import type { BenchCase, Figure } from '../support/figure.ts';
import { startFrameRelay, type FrameRelay } from '../support/frame-relay.ts';
import { watchMemory, type HighWater } from '../support/high-water.ts';
import { cpuMs } from '../support/processes.ts';

/** APIM has the job after 200 ms; a batch before that is lost. */
const startDelayMs = 300;
const jobMs = 120_000;

interface Size {
  readonly estate: Estate;
  /** Ingests after the first one, on each side. */
  readonly rounds: number;
  /** MiB, with the broker. */
  readonly memory?: number;
}

/** Each region has calls of its own: in many of them everything is exported soon. */
const sizes: readonly Size[] = [
  { estate: estateOf(regionNames, 22, 1, 50_000), rounds: 3 },
  { estate: estateOf(regionNames, 20, 10, 5_000), rounds: 0, memory: 384 },
  { estate: estateOf(regionNames.slice(0, 10), 5, 10, 5_000), rounds: 3, memory: 256 },
];
const quickSizes: readonly Size[] = [
  { estate: estateOf(regionNames, 5, 1, 50_000), rounds: 1 },
  { estate: estateOf(regionNames, 1, 10, 5_000), rounds: 1 },
];

function estateOf(regions: readonly string[], apis: number, stages: number, documentBytes: number): Estate {
  return { accounts: 1, regions, apis, stages, documentBytes };
}

export const ingest: BenchCase = {
  name: 'ingest',
  about:
    'START_INGEST of all APIs, from the command until APIM has the last batch. Their documents are exported before. ' +
    'The baseline is no connector but a bare client: it has the messages that ours sent, and sends each when the one ' +
    "before it is answered. Both first wait 0.3 s for APIM's job. The first ingest also marks the plans of every API " +
    'as sent, which is a write that is synced to disk, and passes a relay that notes the messages. CPU is that of ours ' +
    'with its broker. Memory is the most from the start to the end of the first ingest, with the broker unless the ' +
    'line says otherwise. Most of the difference of a first ingest are probably those writes; the rest is CPU: an API is read from the broker, ' +
    'checked, and written as JSON several times. The APIs are in 20 regions (500: in 10), since each is exported at 8 ' +
    'calls a second. Ingests of 66 MB, 1,320 APIs of 50 KB or 13,200 of 5 KB, would take longer than a benchmark may.',
  run: async (quick) => {
    const figures: Figure[] = [];
    for (const size of quick ? quickSizes : sizes) figures.push(...figuresOf(size, await measure(size)));
    return figures;
  },
};

/** One ingest as APIM sees it. */
interface Ingested {
  readonly seconds: number;
  readonly msPerBatch: number;
  /** What ours has used for each API; 0 for the bare client, which is in the process of the benchmark. */
  readonly cpuOfApi: number;
}

/** The first ingest, and those after it. */
interface Measured {
  readonly first: { readonly bare: Ingested; readonly agent: Ingested };
  readonly again: { readonly bare: Ingested[]; readonly agent: Ingested[] };
  /** From the start of the agent to the end of the first ingest. */
  readonly memory: HighWater;
}

function figuresOf({ estate, rounds, memory: most }: Size, { first, again, memory }: Measured): Figure[] {
  const name = `${stagesOf(estate).toLocaleString('en')} x ${(estate.documentBytes ?? 0) / 1_000} KB`;
  const seconds = ({ bare, agent }: Measured['again']) => ({
    baseline: bare.map((one) => one.seconds),
    ours: agent.map((one) => one.seconds),
  });
  const figures: Figure[] = [
    {
      name: `${name}, first ingest`,
      unit: 's',
      ...seconds({ bare: [first.bare], agent: [first.agent] }),
      goal: { times: 1.3 },
    },
  ];
  const { bare, agent } = rounds > 0 ? again : { bare: [first.bare], agent: [first.agent] };
  if (rounds > 0)
    figures.push({ name: `${name}, again`, unit: 's', ...seconds(again), goal: { times: 1.3 } });
  figures.push(
    {
      name: `${name}, a batch`,
      unit: 'ms',
      baseline: bare.map((one) => one.msPerBatch),
      ours: agent.map((one) => one.msPerBatch),
    },
    { name: `${name}, CPU of an API`, unit: 'ms', ours: agent.map((one) => one.cpuOfApi) },
    {
      name: `${name}, memory`,
      unit: 'MiB',
      ours: [memory.all],
      ...(most !== undefined && { goal: { atMost: most } }),
    },
    { name: `${name}, memory without the broker`, unit: 'MiB', ours: [memory.own] },
  );
  return figures;
}

async function measure({ estate, rounds }: Size): Promise<Measured> {
  const arena = await openArena({ estate });
  const { apim, integrations, token } = arena;
  const relay = await startFrameRelay(apim.endpoint);
  const total = stagesOf(estate);
  try {
    const agent = await arena.agent({
      gravitee_integration_connector_ws_endpoints_0: relay.endpoint,
      gravitee_integration_connector_ws_endpoints_1: apim.endpoint,
      gravitee_federation_ingest_startDelayMs: String(startDelayMs),
    });
    const watch = watchMemory(agent.pids[0] ?? 0);
    await untilScanned(agent, targetsOf(estate));
    const firstOfAgent = await ingestAll(arena, integrations.agent, total, agent.pids);
    const memory = watch.peak();
    watch.stop();

    const messages = relay.ingests();
    await leaveRelay(arena, relay);
    const { endpoint } = apim;
    const integration = integrations.java;
    const bare = await connectBareClient({ endpoint, token, integration, messages, total, startDelayMs });
    await channelOf(arena, integration);
    const first = { bare: await ingestAll(arena, integration, total), agent: firstOfAgent };
    const again: Measured['again'] = { bare: [], agent: [] };
    for (let round = 0; round < rounds; round += 1) {
      again.agent.push(await ingestAll(arena, integrations.agent, total, agent.pids));
      again.bare.push(await ingestAll(arena, integration, total));
    }
    bare.stop();
    await agent.stop();
    return { first, again, memory };
  } finally {
    relay.stop();
    await arena.stop();
  }
}

/** @throws Error unless APIM has taken every API */
async function ingestAll(
  { apim }: Arena,
  integration: string,
  total: number,
  pids: readonly number[] = [],
): Promise<Ingested> {
  // APIM knows a channel a moment before it sends commands to it, and says so at once.
  const { began, cpuBefore, jobId } = await eventually('an answer to START_INGEST', async () => {
    const before = { began: performance.now(), cpuBefore: cpuMs(pids) };
    const { jobId: started } = await apim.ingest(integration);
    return typeof started === 'string' ? { ...before, jobId: started } : undefined;
  });
  const { status, apis, batches, errors } = await apim.untilJobEnds(integration, jobId, jobMs);
  const elapsed = performance.now() - began;
  if (status !== 'SUCCESS' || apis !== total)
    throw new Error(`ingest: ${status}, ${apis} of ${total}. ${errors.join()}`);
  return {
    seconds: elapsed / 1_000,
    msPerBatch: elapsed / batches,
    cpuOfApi: (cpuMs(pids) - cpuBefore) / total,
  };
}

/** From here on the agent is connected to APIM directly. */
async function leaveRelay(arena: Arena, relay: FrameRelay): Promise<void> {
  const { agent } = arena.integrations;
  const before = await channelOf(arena, agent);
  relay.stop();
  await eventually('a direct channel', async () => (await channelOf(arena, agent)) !== before || undefined);
}

/** The id of the active channel. */
function channelOf({ apim }: Arena, integration: string): Promise<string> {
  return eventually('a channel', async () => {
    const channels = await apim.channels(integration);
    return channels.find(({ active }) => active)?.id;
  });
}
