/**
 * DISCOVER, START_INGEST and SUBSCRIBE with many APIs: duration, size, pauses of the event loop, memory. `npm run bench
 * -- large --help`.
 */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { eventually } from '../support/eventually.ts';
import { regionNames } from './support/estate.ts';
import { measuredAgent, type MeasuredAgent, type Pause } from './support/measured-agent.ts';
import { median } from './support/figure.ts';
import { printTable } from './support/table.ts';

const help = `npm run bench -- large [--stages 10000,30000,100000] [--no-ingest] [--lists-only]

Stages are spread over (account, region) targets of 1,000, ten stages to a REST API. Everything is on this machine: the
agent in one process with its broker, a sandbox APIM and a sandbox AWS. Before it measures it waits until all is scanned
and exported, at 8 calls a second and target; with --lists-only it waits for the lists alone, and ingests nothing.

A pause such as "77 of 181 (gc 64)": the agent's thread computed for at most 77 ms without a turn of its event loop, which
stood still for up to 181 ms, other programs on the machine included, and one garbage collection took up to 64 ms.`;

const { values } = parseArgs({
  options: {
    stages: { type: 'string', default: '10000,30000,100000' },
    'no-ingest': { type: 'boolean', default: false },
    'lists-only': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}

const listsOnly = values['lists-only'];
const ofTarget = 1_000;
const regions = regionNames.slice(0, 10);
const minute = 60_000;
const discovers = 3;
const subscribes = 20;

const Discovered = z.object({ apis: z.array(z.object({ id: z.string() })) });

interface Row {
  readonly stages: number;
  readonly [figure: string]: number | string;
}

const pauseText = ({ loop, computed, gc }: Pause): string =>
  `${computed.toFixed(0)} of ${loop.toFixed(0)} (gc ${gc.toFixed(0)})`;

const rows: Row[] = [];
for (const stages of values.stages.split(',').map(Number)) rows.push(await measure(stages));
printTable(rows);

async function measure(stages: number): Promise<Row> {
  const targets = Math.max(1, Math.round(stages / ofTarget));
  const accounts = Math.ceil(targets / regions.length);
  const used = regions.slice(0, Math.ceil(targets / accounts));
  const agent = await measuredAgent({ accounts, regions: used, apis: ofTarget / 10, stages: 10, listsOnly });
  try {
    return await measureOf(agent, accounts * used.length);
  } finally {
    await agent.stop();
  }
}

async function measureOf(agent: MeasuredAgent, targets: number): Promise<Row> {
  const { apim, integration } = agent;
  const began = performance.now();
  const scanned = await agent.longestPause(() =>
    listsOnly ? untilListed(agent, targets) : untilScanned(agent, targets),
  );
  const scanSeconds = (performance.now() - began) / 1_000;
  const stages = targets * ofTarget;

  const sizes: number[] = [];
  const times: number[] = [];
  let found: readonly { readonly id: string }[] = [];
  const discover = async (): Promise<void> => {
    const { payload, elapsedMs, ...rest } = await apim.discover(integration);
    const parsed = Discovered.safeParse(payload);
    if (!parsed.success) throw new Error(`DISCOVER after ${elapsedMs} ms: ${JSON.stringify(rest)}`);
    found = parsed.data.apis;
    sizes.push(found.length === 0 ? 0 : JSON.stringify(payload).length / found.length);
    times.push(elapsedMs);
  };
  const discoverPause = await agent.longestPause(async () => {
    for (let n = 0; n < discovers; n += 1) await discover();
  });

  const discovered = {
    sent: found.length,
    'DISCOVER ms': median(times).toFixed(0),
    'bytes/API': (sizes[0] ?? 0).toFixed(0),
    'DISCOVER pause ms': pauseText(discoverPause),
  };
  const subscribed = listsOnly ? {} : await subscribeBeside(agent, found, discover);
  const ingested = listsOnly || values['no-ingest'] ? {} : await ingestAll(agent, stages);
  const { agent: agentMiB, broker } = agent.peak();
  const result = {
    stages,
    'scan s': scanSeconds.toFixed(0),
    'scan pause ms': pauseText(scanned),
    ...discovered,
    ...subscribed,
    ...ingested,
    'agent MiB': agentMiB,
    'broker MiB': broker,
  };
  console.log(JSON.stringify(result));
  return result;
}

/** Subscriptions one after the other: first alone, then while one DISCOVER follows the other. */
async function subscribeBeside(
  { apim, integration, longestPauseOfApim }: MeasuredAgent,
  found: readonly { readonly id: string }[],
  discover: () => Promise<void>,
) {
  // One in so many APIs: AWS makes five keys a second in an account and region.
  const stride = Math.floor(found.length / subscribes);
  const chosen = found.filter((_, index) => index % stride === 0).map(({ id }) => id);
  const { jobId } = await apim.ingest(integration, chosen);
  await apim.untilJobEnds(integration, jobId ?? '', minute);
  const offers = (await apim.apis(integration)).apis;
  const subscribe = async (): Promise<number[]> => {
    const elapsed: number[] = [];
    for (const { uniqueId, plans } of offers) {
      const { id, status, elapsedMs } = await apim.subscribe(integration, {
        apiId: String(uniqueId),
        planId: plans[0]?.id ?? '',
      });
      if (status !== 'ACCEPTED') throw new Error(`SUBSCRIBE: ${status}`);
      elapsed.push(elapsedMs);
      await apim.unsubscribe(integration, id);
    }
    return elapsed;
  };
  const idle = await subscribe();
  const enough = new AbortController();
  const meanwhile = (async () => {
    while (!enough.signal.aborted) await discover();
  })();
  let busy: number[] = [];
  const apimPause = await longestPauseOfApim(async () => {
    busy = await subscribe();
  });
  enough.abort();
  await meanwhile;

  return {
    'SUBSCRIBE ms': median(idle).toFixed(0),
    'with DISCOVER ms': median(busy).toFixed(0),
    'worst ms': Math.max(...busy).toFixed(0),
    'APIM pause ms': pauseText(apimPause),
  };
}

async function ingestAll({ apim, integration, longestPause }: MeasuredAgent, stages: number) {
  const began = performance.now();
  let answered = 0;
  let total = 0;
  const pause = await longestPause(async () => {
    const started = await apim.ingest(integration);
    answered = started.elapsedMs;
    total = started.total ?? 0;
    await apim.untilJobEnds(integration, started.jobId ?? '', 60 * minute);
  });
  if (total !== stages) throw new Error(`START_INGEST: ${total} of ${stages}`);
  const seconds = (performance.now() - began) / 1_000;
  return {
    'START_INGEST ms': answered.toFixed(0),
    'ingest s': seconds.toFixed(0),
    'ingest pause ms': pauseText(pause),
  };
}

/** DISCOVER has found all APIs, even when not all fit into its answer. */
async function untilListed(agent: MeasuredAgent, targets: number): Promise<void> {
  const { apim, integration } = agent;
  const progress = progressOf('stages are listed', targets * ofTarget);
  await eventually(
    `${targets} lists`,
    async () => {
      await apim.discover(integration);
      const { found } = agent.log().findLast((line) => typeof line['found'] === 'number') ?? {};
      return progress(Number(found ?? 0));
    },
    { timeoutMs: 60 * minute },
  );
}

/** Every target has finished its first scan. */
async function untilScanned(agent: MeasuredAgent, targets: number): Promise<void> {
  const progress = progressOf('targets are scanned', targets);
  await eventually(
    `${targets} scans`,
    () => progress(agent.log().filter(({ msg }) => msg === 'scan completed').length),
    { timeoutMs: 60 * minute, lastSeen: () => agent.log().slice(-3) },
  );
}

/** @returns true once all are there; until then it reports every half minute */
function progressOf(what: string, all: number): (done: number) => true | undefined {
  let said = performance.now();
  return (done) => {
    if (performance.now() - said > minute / 2) {
      said = performance.now();
      console.error(`${done} of ${all} ${what}`);
    }
    return done >= all || undefined;
  };
}
