/** Commands one after the other, and many at once: latency as APIM sees it, CPU, memory. */
import { setTimeout as pause } from 'node:timers/promises';
import { openArena, type Arena, type Contestant } from '../support/contestants.ts';
import { median, quantile, type BenchCase } from '../support/figure.ts';
import { cpuMs, memoryMiB } from '../support/processes.ts';

/** Three calls of AWS for each pair, at eight a second: the budget is idle again. */
const paceMs = 700;
const warmUps = 8;
const inFlight = 10;

export const relay: BenchCase = {
  name: 'relay',
  about:
    'The Java connector answers from canned texts; ours makes two calls of AWS for a SUBSCRIBE and one for an ' +
    'UNSUBSCRIBE, and stores each step durably before the next. Commands come one after the other, and DISCOVERs also ' +
    `${inFlight} at once. It is bound by CPU: by the messages to the broker, of which each is a system call.`,
  run: async (quick) => {
    const blocks = quick ? 2 : 5;
    const arena = await openArena({ both: true });
    const contestants = { java: await arena.java(), agent: await arena.agent() };
    const seen = { java: series(), agent: series() };
    try {
      for (const who of ['java', 'agent'] as const) {
        await pairs(arena, who, warmUps);
        await discovers(arena, who, warmUps);
      }
      for (let block = 0; block < blocks; block += 1) {
        for (const who of ['java', 'agent'] as const)
          await measureBlock(arena, who, contestants[who], seen[who], quick ? 6 : 12);
      }
    } finally {
      await Promise.all(Object.values(contestants).map((one) => one.stop()));
      await arena.stop();
    }
    const { java, agent } = seen;
    const both = (pick: (one: Series) => number[]) => ({ baseline: pick(java), ours: pick(agent) });
    return [
      { name: 'SUBSCRIBE p50', unit: 'ms', ...both((one) => one.subscribe), goal: { plus: 10 } },
      { name: 'SUBSCRIBE p95', unit: 'ms', ...both((one) => one.subscribe95) },
      { name: 'UNSUBSCRIBE p50', unit: 'ms', ...both((one) => one.unsubscribe) },
      { name: 'CPU of both', unit: 'ms', ...both((one) => one.pairCpu), goal: { atMost: 25 } },
      { name: 'DISCOVER of 10 APIs p50', unit: 'ms', ...both((one) => one.discover), goal: { times: 1.3 } },
      { name: 'CPU of a DISCOVER', unit: 'ms', ...both((one) => one.discoverCpu) },
      { name: `DISCOVER, ${inFlight} at once, p99`, unit: 'ms', ...both((one) => one.crowd99) },
      { name: `DISCOVERs, ${inFlight} at once`, unit: 'per second', ...both((one) => one.crowdRate) },
      { name: 'memory after all that', unit: 'MiB', ...both((one) => one.memory), goal: { times: 0.85 } },
    ];
  },
};

type Side = 'java' | 'agent';

/** One value for each block. */
interface Series {
  readonly subscribe: number[];
  readonly subscribe95: number[];
  readonly unsubscribe: number[];
  readonly pairCpu: number[];
  readonly discover: number[];
  readonly discoverCpu: number[];
  readonly crowd99: number[];
  readonly crowdRate: number[];
  readonly memory: number[];
}

const series = (): Series => ({
  subscribe: [],
  subscribe95: [],
  unsubscribe: [],
  pairCpu: [],
  discover: [],
  discoverCpu: [],
  crowd99: [],
  crowdRate: [],
  memory: [],
});

async function measureBlock(
  arena: Arena,
  who: Side,
  { pids }: Contestant,
  seen: Series,
  commands: number,
): Promise<void> {
  const before = cpuMs(pids);
  const { subscribe, unsubscribe } = await pairs(arena, who, commands);
  seen.pairCpu.push((cpuMs(pids) - before) / commands);
  seen.subscribe.push(median(subscribe));
  seen.subscribe95.push(quantile(subscribe, 0.95));
  seen.unsubscribe.push(median(unsubscribe));

  const many = commands * 5;
  const between = cpuMs(pids);
  seen.discover.push(median(await discovers(arena, who, many)));
  seen.discoverCpu.push((cpuMs(pids) - between) / many);

  const began = performance.now();
  const crowd = await Promise.all(
    Array.from({ length: inFlight }, () => discovers(arena, who, many / inFlight)),
  );
  seen.crowd99.push(quantile(crowd.flat(), 0.99));
  seen.crowdRate.push((crowd.flat().length * 1_000) / (performance.now() - began));
  seen.memory.push(memoryMiB(pids));
}

/** SUBSCRIBE and UNSUBSCRIBE, so many times; what each took, ms. */
export async function pairs({ apim, integrations }: Arena, who: Side, count: number) {
  const integration = integrations[who];
  const [api] = (await apim.apis(integration)).apis;
  const request = { apiId: String(api?.uniqueId), planId: String(api?.plans[0]?.id) };
  const subscribe: number[] = [];
  const unsubscribe: number[] = [];
  for (let done = 0; done < count; done += 1) {
    const { id, status, elapsedMs, errorDetails } = await apim.subscribe(integration, request);
    if (status !== 'ACCEPTED') throw new Error(`SUBSCRIBE: ${status} ${errorDetails ?? ''}`);
    subscribe.push(elapsedMs);
    unsubscribe.push((await apim.unsubscribe(integration, id)).elapsedMs);
    await pause(who === 'agent' ? paceMs : 0);
  }
  return { subscribe, unsubscribe };
}

/** One after the other; what each took, ms. */
export async function discovers({ apim, integrations }: Arena, who: Side, count: number): Promise<number[]> {
  const times: number[] = [];
  while (times.length < count) {
    const { commandStatus, elapsedMs } = await apim.discover(integrations[who]);
    if (commandStatus !== 'SUCCEEDED') throw new Error(`DISCOVER: ${commandStatus ?? 'no answer'}`);
    times.push(elapsedMs);
  }
  return times;
}
