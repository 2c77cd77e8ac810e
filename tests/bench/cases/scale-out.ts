/** More workers over many accounts, and more integrations on one link: what they gain, and what they cost. */
import type { Agent } from '../../support/agent.ts';
import { eventually } from '../../support/eventually.ts';
import { openAccounts, region, type ManyAccounts } from '../support/many-accounts.ts';
import { median, type BenchCase, type Figure } from '../support/figure.ts';
import { atOnce, sendDiscover, type Send } from '../support/load.ts';
import { cpuMs } from '../support/processes.ts';
import { openScans } from '../support/scans.ts';

const all = 'all-accounts';
const ten = Array.from({ length: 10 }, (_, index) => `integration-${index}`);
const scanned = 20;
/** Of each of them; a scan makes a call for each, and two for the lists. */
const apisOfEach = 12;
const listCalls = 2;
/** The defaults: so many calls of AWS a second in each account, and so many at once. */
const [perSecond, burst] = [5, 5];
const workers = [1, 2, 4] as const;
/** Of each integration on the link. */
const apisOnLink = 10;
const discovers = 20;

export const scaleOut: BenchCase = {
  name: 'scale-out',
  about:
    `One, two and four processes of aws-discovery scan ${scanned} accounts of ${apisOfEach} APIs at once, while AWS takes ` +
    `what it takes in reality. The baseline of one worker is the time that its ${perSecond} calls a second in each ` +
    'account need, the baseline of more is one worker. No number of workers can be quicker than the calls that AWS ' +
    'takes; above that it is CPU, and two cores give four workers no more than one or two. So about 1 is what to ' +
    'expect. Then ten integrations on one gateway-link, beside one alone: from the start of the link to all channels, ' +
    'and a DISCOVER of each in turn; this is bound by CPU.',
  run: async (quick) => {
    const [apis, rounds] = quick ? [6, 1] : [apisOfEach, 5];
    const many = await openAccounts({
      integrations: [all, ...ten],
      accounts: [...Array.from({ length: scanned }, () => apis), ...ten.map(() => apisOnLink)],
      throttled: true,
    });
    try {
      return [
        ...(await scanWithMore(many, many.accounts.slice(0, scanned), apis, rounds)),
        ...(await linkMore(many, many.accounts.slice(scanned), rounds)),
      ];
    } finally {
      await many.stop();
    }
  },
};

/** Each number of workers has a broker of its own; they take turns. A scan needs neither link nor manager. */
async function scanWithMore(
  many: ManyAccounts,
  accounts: readonly string[],
  apis: number,
  rounds: number,
): Promise<Figure[]> {
  const fleets: Fleet[] = [];
  try {
    // One after the other: the first scan exports every stage.
    for (const count of workers) fleets.push(await startFleet(many, accounts, count));
    for (let round = 0; round < rounds; round += 1) for (const fleet of fleets) await fleet.measure();
  } finally {
    await Promise.all(fleets.map((fleet) => fleet.stop()));
  }
  const [one, ...more] = fleets;
  const leastS = (apis + listCalls - burst) / perSecond;
  return [
    { name: 'scan of all, 1 worker', unit: 's', baseline: [leastS], ours: one?.seconds ?? [] },
    ...more.flatMap(({ count, seconds, cpu, busiest }): Figure[] => [
      { name: `scan of all, ${count} workers`, unit: 's', baseline: one?.seconds ?? [], ours: seconds },
      { name: `CPU of it, ${count} workers`, unit: 'ms', baseline: one?.cpu ?? [], ours: cpu },
      { name: `targets of the busiest of ${count}`, unit: 'in all', ours: busiest },
    ]),
  ];
}

/** So many workers, and one value of each for each round. */
interface Fleet {
  readonly count: number;
  readonly seconds: number[];
  /** Of the workers and their broker. */
  readonly cpu: number[];
  readonly busiest: number[];
  measure(): Promise<void>;
  stop(): Promise<void>;
}

async function startFleet(many: ManyAccounts, accounts: readonly string[], count: number): Promise<Fleet> {
  const rate = { requestsPerSecond: String(perSecond), burst: String(burst) };
  const agent = await many.services([many.over(all, accounts, rate)]);
  const pids = Array.from({ length: count }, () => agent.start('aws-discovery').pid);
  const targets = accounts.map((account) => ({ account, region }));
  await agent.ready();
  const scans = await openScans(agent.broker, all, targets);
  await scans.over(0);
  const seen = { seconds: [] as number[], cpu: [] as number[], busiest: [] as number[] };
  return {
    count,
    ...seen,
    measure: async () => {
      const roots = [...pids, agent.broker.pid()];
      const [done, cpuBefore, began] = [scansOf(agent), cpuMs(roots), performance.now()];
      await scans.over(await scans.request());
      seen.seconds.push((performance.now() - began) / 1_000);
      seen.cpu.push(cpuMs(roots) - cpuBefore);
      seen.busiest.push(Math.max(...scansOf(agent).map((now, index) => now - (done[index] ?? 0))));
    },
    stop: async () => {
      await scans.close();
      await agent.stop();
    },
  };
}

/** How many scans each running worker has completed. */
const scansOf = (agent: Agent): number[] =>
  agent.of('aws-discovery').map((one) => one.log().filter(({ msg }) => msg === 'scan completed').length);

/** One integration, then ten, on a link that starts while its workers are there. */
async function linkMore(many: ManyAccounts, accounts: readonly string[], rounds: number): Promise<Figure[]> {
  const integrations = ten.map((id, index) => many.over(id, accounts.slice(index, index + 1)));
  const agent = await many.services(integrations);
  const seen = { one: series(), all: series() };
  try {
    for (const service of ['aws-discovery', 'subscription-manager'] as const) agent.start(service);
    await agent.ready();
    await eventually('the first scans', () => (scansOf(agent)[0] ?? 0) >= ten.length || undefined);
    // The first start fills caches.
    for (let round = 0; round <= rounds; round += 1) {
      for (const [who, ids] of [
        ['one', ten.slice(0, 1)],
        ['all', ten],
      ] as const) {
        const measured = await onLink(many, agent, ids);
        if (round === 0) continue;
        seen[who].connected.push(measured.connected);
        seen[who].discover.push(measured.discover);
      }
    }
  } finally {
    await agent.stop();
  }
  const { one, all: every } = seen;
  return [
    {
      name: 'start to all channels, 10 integrations',
      unit: 'ms',
      baseline: one.connected,
      ours: every.connected,
    },
    { name: 'DISCOVER p50, 10 integrations', unit: 'ms', baseline: one.discover, ours: every.discover },
  ];
}

const series = (): { readonly connected: number[]; readonly discover: number[] } => ({
  connected: [],
  discover: [],
});

async function onLink(many: ManyAccounts, agent: Agent, ids: readonly string[]) {
  const began = performance.now();
  const link = agent.start('gateway-link', { only: ids });
  await many.connected(ids);
  const connectedMs = performance.now() - began;
  const inTurn: Send = (n) => sendDiscover(many.apim, ids[n % ids.length] ?? '')(n);
  const { times } = await atOnce(1, discovers, inTurn);
  await link.end('SIGTERM');
  await many.gone(ids);
  return { connected: connectedMs, discover: median(times) };
}
