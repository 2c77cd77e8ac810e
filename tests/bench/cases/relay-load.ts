/** Commands under load: many at once, or so many a second, at the Java connector, at one process and at three. */
import { SERVICES, type Agent } from '../../support/agent.ts';
import type { SingleBroker } from '../../support/agent-broker.ts';
import { openAccounts, type ManyAccounts, type Running } from '../support/many-accounts.ts';
import type { BenchCase, Figure } from '../support/figure.ts';
import { atOnce, paced, sendDiscover, shareOf, shares } from '../support/load.ts';
import type { Loaded, Send, Share } from '../support/load.ts';
import { cpuMs } from '../support/processes.ts';

/** Of the account that answers DISCOVER; the connector has as many canned ones. */
const apis = 10;
/** So many that none of them bounds the SUBSCRIBEs: each takes some 2.5 pairs a second. */
const keyAccounts = 20;
const warmUps = 40;

const forms = ['java', 'one process', 'three processes'] as const;
type Form = (typeof forms)[number];
const ours = ['one process', 'three processes'] as const;

interface Load {
  readonly name: string;
  readonly commands: number;
  /** More than we can do: how much is done is a figure. */
  readonly most?: boolean;
  readonly run: (commands: number, send: Send) => Promise<Loaded>;
}

const many = (inFlight: number, commands: number): Load => ({
  name: `${inFlight} at once`,
  commands,
  run: (count, send) => atOnce(inFlight, count, send),
});
const every = (perSecond: number, commands: number): Load => ({
  name: `${perSecond} a second`,
  commands,
  run: (count, send) => paced(perSecond, count, send),
});
const discoverLoads: readonly Load[] = [
  many(1, 20),
  many(10, 50),
  { ...many(100, 100), most: true },
  every(20, 12),
  { ...every(200, 100), most: true },
];
/** A pair is two commands. */
const pairLoads: readonly Load[] = [many(10, 20), every(10, 6)];

export const relayLoad: BenchCase = {
  name: 'relay-load',
  about:
    `DISCOVER of ${apis} APIs, and pairs of SUBSCRIBE and UNSUBSCRIBE over ${keyAccounts} accounts, so many that AWS's ` +
    'rates do not bound them. Ours as one process, and as three on a nats-server; the baseline of both is the Java ' +
    'connector with canned answers. Ten pairs a second are twenty commands. It is bound by CPU; two cores serve the ' +
    'controller, the sandbox AWS and the one who asks, too. Every five seconds the lists are due: one DISCOVER ' +
    'reads them, and those in flight wait for it. 200 a second are more than ours ' +
    'gets through: that load shows how a queue grows in half a second. Of fewer than a hundred commands, p99 is the ' +
    'slowest.',
  run: async (quick) => {
    const many = await openAccounts({
      integrations: forms.flatMap((form) => [idOf('discover', form), idOf('keys', form)]),
      accounts: [apis, ...Array.from({ length: keyAccounts }, () => 1)],
      throttled: false,
    });
    const running = await startAll(many);
    const seen = createSeen();
    try {
      const measured = await Promise.all(
        forms.map((form) => measuredForm(many, form, running[form].pids, seen)),
      );
      for (const one of measured) await one.warmUp();
      for (let round = 0; round < (quick ? 1 : 5); round += 1) {
        for (const one of measured) await one.measure(quick ? 0.5 : 1);
      }
    } finally {
      await Promise.all(Object.values(running).map((one) => one.stop()));
      await many.stop();
    }
    return figuresOf(seen);
  },
};

const idOf = (what: 'discover' | 'keys', form: Form): string => `${what}-${form.replace(' ', '-')}`;

async function startAll(many: ManyAccounts): Promise<Readonly<Record<Form, Running>>> {
  const [first = '', ...rest] = many.accounts;
  const settings = (form: Form) => [
    many.over(idOf('discover', form), [first]),
    many.over(idOf('keys', form), rest),
  ];
  const startThree = async (): Promise<Running> => {
    const agent = await many.services(settings('three processes'));
    for (const service of SERVICES) agent.start(service);
    await many.connected(settings('three processes').map(({ id }) => id));
    return { pids: pidsOf(agent), stop: () => agent.stop() };
  };
  const [java, one, three] = await Promise.all([
    many.java(idOf('discover', 'java'), apis),
    many.oneProcess(settings('one process')),
    startThree(),
  ]);
  await Promise.all(ours.map((form) => many.ingest(idOf('keys', form))));
  return { java, 'one process': one, 'three processes': three };
}

/** The services, and the broker between them. */
const pidsOf = (agent: Agent<SingleBroker>): number[] => [
  ...SERVICES.flatMap((service) => agent.of(service)).map(({ pid }) => pid),
  agent.broker.pid(),
];

/** One value for each round, by form, command, load and measure. */
type Seen = Map<string, number[]>;
type Measure = Share | 'CPU' | 'rate';
type What = 'DISCOVER' | 'SUBSCRIBE';

const createSeen = (): Seen => new Map();
const keyOf = (form: Form, what: What, load: Load, measure: Measure): string =>
  [form, what, load.name, measure].join('/');

function note(seen: Seen, key: string, value: number): void {
  seen.set(key, [...(seen.get(key) ?? []), value]);
}

async function measuredForm(many: ManyAccounts, form: Form, pids: readonly number[], seen: Seen) {
  const discover = sendDiscover(many.apim, idOf('discover', form));
  const pair = form === 'java' ? undefined : await sendPair(many, idOf('keys', form));
  const measure = async (what: What, load: Load, share: number, send: Send): Promise<void> => {
    const commands = Math.max(10, Math.round(load.commands * share));
    const before = cpuMs(pids);
    const { times, tookMs } = await load.run(commands, send);
    note(seen, keyOf(form, what, load, 'CPU'), (cpuMs(pids) - before) / commands);
    note(seen, keyOf(form, what, load, 'rate'), (commands * 1_000) / tookMs);
    for (const name of Object.keys(shares) as Share[])
      note(seen, keyOf(form, what, load, name), shareOf(times, name));
  };
  return {
    warmUp: async (): Promise<void> => {
      await atOnce(10, warmUps, discover);
      if (pair) await atOnce(10, 10, pair);
    },
    measure: async (share: number): Promise<void> => {
      for (const load of discoverLoads) await measure('DISCOVER', load, share, discover);
      if (pair) for (const load of pairLoads) await measure('SUBSCRIBE', load, share, pair);
    },
  };
}

/** A SUBSCRIBE, whose latency counts, and its UNSUBSCRIBE; the accounts take turns. */
async function sendPair({ apim }: ManyAccounts, integration: string): Promise<Send> {
  const offers = (await apim.apis(integration)).apis;
  return async (n) => {
    const api = offers[n % offers.length];
    const request = { apiId: String(api?.uniqueId), planId: String(api?.plans[0]?.id) };
    const { id, status, elapsedMs, errorDetails } = await apim.subscribe(integration, request);
    if (status !== 'ACCEPTED') throw new Error(`SUBSCRIBE: ${status} ${errorDetails ?? ''}`);
    const closed = await apim.unsubscribe(integration, id);
    if (closed.status !== 'CLOSED') throw new Error(`UNSUBSCRIBE: ${closed.errorDetails ?? closed.status}`);
    return elapsedMs;
  };
}

function figuresOf(seen: Seen): Figure[] {
  const of = (form: Form, what: What, load: Load, measure: Measure): number[] =>
    seen.get(keyOf(form, what, load, measure)) ?? [];
  return ours.flatMap((form) => [
    ...discoverLoads.flatMap((load) => figuresOfLoad(form, 'DISCOVER', load, of)),
    ...pairLoads.flatMap((load) => figuresOfLoad(form, 'SUBSCRIBE', load, of)),
  ]);
}

function figuresOfLoad(
  form: (typeof ours)[number],
  what: What,
  load: Load,
  of: (form: Form, what: What, load: Load, measure: Measure) => number[],
): Figure[] {
  const figure = (name: string, unit: Figure['unit'], measure: Measure): Figure => {
    const baseline = of('java', what, load, measure);
    return {
      name: `${form}, ${what === 'DISCOVER' ? '' : 'SUBSCRIBE, pairs '}${load.name}, ${name}`,
      unit,
      ...(baseline.length > 0 && { baseline }),
      ours: of(form, what, load, measure),
    };
  };
  return [
    ...(Object.keys(shares) as Share[]).map((share) => figure(share, 'ms', share)),
    figure(what === 'DISCOVER' ? 'CPU of each' : 'CPU of a pair', 'ms', 'CPU'),
    // Of the others the load itself says it.
    ...(load.most === true ? [figure('done', 'per second', 'rate')] : []),
  ];
}
