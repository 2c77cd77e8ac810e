/** The first scan of an estate, at the pace that AWS allows: time, calls, CPU and memory as the estate grows. */
import { awsPageSize } from '@federation-agent/contracts';
import { openArena, scansOf, untilScanned, type Arena } from '../support/contestants.ts';
import { plansOfTarget, stagesOf, targetsOf, type Estate } from '../support/estate.ts';
import type { BenchCase, Figure } from '../support/figure.ts';
import { watchMemory } from '../support/high-water.ts';
import { cpuMs } from '../support/processes.ts';

/** Calls a second and at once for each account and region: the most that can be configured, of AWS's 10. */
const budget = { perSecond: 8, burst: 10 };

const regions = ['eu-west-1'];
/** 100, 1,320 and 4,000 stages. */
const estates: readonly Estate[] = [
  { accounts: 1, regions, apis: 10, stages: 10 },
  { accounts: 12, regions, apis: 11, stages: 10 },
  { accounts: 100, regions, apis: 4, stages: 10 },
];
const quickEstates = estates.slice(0, 2).map((estate) => ({ ...estate, apis: 5 }));

export const discovery: BenchCase = {
  name: 'discovery',
  about:
    'The first scan and export, of a sandbox AWS that refuses calls as AWS does: one account, then 12, then 100. The ' +
    'baseline is the least that AWS allows: one call for each page of the lists, for each API and for each stage, ' +
    `${budget.perSecond} a second for each account and ${budget.burst} at once, in all accounts side by side. Budget ` +
    'used is what an account has called, of what it may call in the same time. CPU and memory are those of all ' +
    'processes of the agent from their start on, memory is the most at any time. One account is bound by AWS. Many ' +
    'are bound by CPU, which the sandbox uses too, and a process scans 32 at once. 13,200 stages would take longer ' +
    'than a benchmark may.',
  run: async (quick) => {
    const all: Scanned[] = [];
    for (const estate of quick ? quickEstates : estates) all.push(await scan(estate));
    const sum = (pick: (one: Scanned) => number): number[] => [
      all.reduce((total, one) => total + pick(one), 0),
    ];
    return [
      ...all.flatMap(figuresOf),
      ...all.slice(1).flatMap((larger, index) => growthOf(all[index] ?? larger, larger)),
      { name: 'calls refused', unit: 'in all', ours: sum(({ refused }) => refused), goal: none },
      { name: 'documents not exported', unit: 'in all', ours: sum(({ lacking }) => lacking), goal: none },
    ] satisfies Figure[];
  },
};

const none = { atMost: 0 };

interface Scanned {
  readonly estate: Estate;
  readonly seconds: number;
  /** Calls of API Gateway, in all. */
  readonly calls: number;
  /** Calls that AWS refused: too many. */
  readonly refused: number;
  /** Stages whose document was not exported, although the scan says that it is complete. */
  readonly lacking: number;
  /** Of each account and region: its calls in percent of those that the budget allows in the same time. */
  readonly used: readonly number[];
  readonly cpuMs: number;
  /** MiB of all processes of the agent. */
  readonly memory: number;
}

function figuresOf({ estate, seconds, calls, used, cpuMs: cpu, memory }: Scanned): Figure[] {
  const name = nameOf(estate);
  const fewest = fewestCalls(estate) * targetsOf(estate);
  return [
    { name: `${name}, time`, unit: 's', baseline: [shortestSeconds(estate)], ours: [seconds] },
    { name: `${name}, calls`, unit: 'in all', baseline: [fewest], ours: [calls] },
    { name: `${name}, budget used`, unit: '%', ours: used },
    { name: `${name}, CPU of a stage`, unit: 'ms', ours: [cpu / stagesOf(estate)] },
    { name: `${name}, memory`, unit: 'MiB', ours: [memory] },
  ];
}

/** A stage of the larger estate beside a stage of the smaller one. */
function growthOf(smaller: Scanned, larger: Scanned): Figure[] {
  const times = (pick: (one: Scanned) => number): number[] => [
    pick(larger) / stagesOf(larger.estate) / (pick(smaller) / stagesOf(smaller.estate)),
  ];
  const name = `${nameOf(smaller.estate)} to ${nameOf(larger.estate)}`;
  return [
    { name: `${name}, time of a stage`, unit: 'times', ours: times(({ seconds }) => seconds) },
    { name: `${name}, CPU of a stage`, unit: 'times', ours: times((one) => one.cpuMs) },
    { name: `${name}, memory of a stage`, unit: 'times', ours: times(({ memory }) => memory) },
  ];
}

const nameOf = (estate: Estate): string => `${stagesOf(estate).toLocaleString('en')} stages`;

/** Of an account and region: the pages of both lists, one for each API, one for each stage. */
function fewestCalls({ apis, stages }: Estate): number {
  return Math.ceil(apis / awsPageSize) + Math.ceil(plansOfTarget / awsPageSize) + apis + apis * stages;
}

/** All accounts and regions side by side, each as fast as its budget allows. */
const shortestSeconds = (estate: Estate): number => (fewestCalls(estate) - budget.burst) / budget.perSecond;

async function scan(estate: Estate): Promise<Scanned> {
  const arena = await openArena({ estate, throttled: true });
  try {
    const agent = await arena.agent();
    const watch = watchMemory(agent.pids[0] ?? 0);
    await untilScanned(agent, targetsOf(estate));
    const ended = Date.now();
    const cpu = cpuMs(agent.pids);
    const { all: memory } = watch.peak();
    watch.stop();
    const calls = await callsOf(arena);
    const exported = scansOf(agent).reduce((total, { exports }) => total + exports, 0);
    await agent.stop();
    const byTarget = Map.groupBy(calls, ({ account, region }) => `${account} ${region}`);
    return {
      estate,
      seconds: (ended - Math.min(...calls.map(({ at }) => at))) / 1_000,
      calls: calls.length,
      refused: calls.filter(({ errorType }) => errorType === 'TooManyRequestsException').length,
      lacking: stagesOf(estate) - exported,
      used: [...byTarget.values()].map(shareOfBudget),
      cpuMs: cpu,
      memory,
    };
  } finally {
    await arena.stop();
  }
}

/** Those of API Gateway: STS is not behind the limit. */
async function callsOf({ aws }: Arena) {
  return (await aws.log()).filter(({ path }) => path !== '/');
}

function shareOfBudget(calls: readonly { readonly at: number }[]): number {
  const times = calls.map(({ at }) => at);
  const seconds = (Math.max(...times) - Math.min(...times)) / 1_000;
  return (calls.length / (budget.burst + budget.perSecond * seconds)) * 100;
}
