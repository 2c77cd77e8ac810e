import { setTimeout as pause } from 'node:timers/promises';
import { awsTroubles } from './aws-troubles.ts';
import type { Random } from './random.ts';
import type { Stack } from './stack.ts';
import type { Trouble } from './trouble.ts';

/** The most troubles at the same time, and the time from one to the next. */
const AT_ONCE = 3;
const PACE_MS = [300, 2_500] as const;

const some = (random: Random, least: number, most: number): Promise<void> =>
  pause(random.between(least, most));

const processTroubles: readonly Trouble[] = [
  {
    name: 'kill a process',
    weight: 5,
    run: ({ fleet }, random) => random.pick(fleet.replicas).restart('SIGKILL', () => some(random, 0, 3_000)),
  },
  {
    name: 'terminate a process',
    weight: 3,
    run: ({ fleet }, random) => random.pick(fleet.replicas).restart('SIGTERM', () => some(random, 0, 3_000)),
  },
  {
    name: 'terminate a process twice at once',
    weight: 2,
    run: ({ fleet }, random) => random.pick(fleet.replicas).terminateTwice(() => some(random, 0, 3_000)),
  },
  {
    name: 'stop a process for a while',
    weight: 4,
    run: ({ fleet }, random) => random.pick(fleet.replicas).suspend(() => some(random, 200, 6_000)),
  },
  {
    name: 'kill all replicas of a service',
    weight: 1,
    async run({ fleet }, random) {
      const { program } = random.pick(fleet.replicas);
      const all = fleet.replicas.filter((one) => one.program === program);
      const draws = random.fork();
      await Promise.all(all.map((one) => one.restart('SIGKILL', () => some(draws, 0, 4_000))));
    },
  },
];

const networkTroubles: readonly Trouble[] = [
  {
    name: 'cut the sockets',
    weight: 3,
    run: ({ front, timeline }, random) => {
      const reset = random.chance(0.5);
      timeline.note('cut', { reset });
      front.cut(reset);
      return Promise.resolve();
    },
  },
  {
    name: 'cut a socket in the middle of a frame',
    weight: 2,
    run: ({ front }, random) => {
      front.cutAfter(random.between(1, 200));
      return some(random, 0, 500);
    },
  },
  {
    name: 'freeze the network',
    weight: 2,
    async run({ front, timeline }, random) {
      const excused = timeline.excuse('frozen network');
      front.freeze();
      await some(random, 200, 5_000);
      front.thaw();
      excused();
    },
  },
  {
    name: 'restart the broker',
    weight: 3,
    async run({ agent }, random) {
      await agent.broker.kill();
      await some(random, 0, 4_000);
      await agent.broker.restart();
    },
  },
];

const controllerTroubles: readonly Trouble[] = [
  {
    name: 'restart the controller',
    weight: 1,
    run: ({ apim }, random) => apim.restart(() => some(random, 0, 4_000)),
  },
  {
    name: 'say good-bye, come back',
    weight: 2,
    async run({ apim, landscape }, random) {
      const { integration } = random.pick(landscape.regions);
      await apim.peer().goodbye(integration, { reconnect: true });
    },
  },
  {
    name: 'say good-bye for good, and restart the links',
    weight: 1,
    async run({ apim, landscape, fleet }, random) {
      const { integration } = random.pick(landscape.regions);
      await apim.peer().goodbye(integration, { reconnect: false });
      await some(random, 0, 2_000);
      // In any case, every link must have been started after the good-bye.
      const links = fleet.replicas.filter(({ program }) => program === 'gateway-link');
      for (const link of links) {
        const { pid } = link.process();
        while (link.process().pid === pid) {
          await link.restart('SIGTERM', () => Promise.resolve());
          await pause(100);
        }
      }
    },
  },
];

const lonerTroubles: readonly Trouble[] = [
  {
    name: 'zombie lock',
    weight: 3,
    run: ({ loner }, random) => loner.dieAndLeaveALock(random.chance(0.5) ? 'reused' : 'zombie'),
  },
];

const landscapeTroubles: readonly Trouble[] = [
  {
    name: 'detach a plan for a while',
    weight: 1,
    async run({ aws, landscape }, random) {
      const { region, changingPlan: restless } = random.pick(landscape.regions);
      await aws.detach(restless.planId, restless.stage, region);
      await some(random, 500, 6_000);
      await aws.attach(restless.planId, restless.stage, region);
    },
  },
];

/** All faults that are possible with this kind of AWS. */
export function allTroubles({ aws }: Stack): readonly Trouble[] {
  return [
    ...processTroubles,
    ...networkTroubles,
    ...controllerTroubles,
    ...lonerTroubles,
    ...landscapeTroubles,
    ...awsTroubles(aws.kind),
  ];
}

/** Starts troubles, some at the same time, until aborted; resolves when the last one has ended. */
export async function makeTrouble(
  stack: Stack,
  troubles: readonly Trouble[],
  random: Random,
  until: AbortSignal,
): Promise<void> {
  const underWay = new Map<string, Promise<void>>();
  const tickets = troubles.flatMap((one) => Array.from({ length: one.weight }, () => one));
  while (!until.aborted) {
    const trouble = random.pick(tickets);
    const draws = random.fork();
    // Two of the same kind at once would end each other.
    if (underWay.size < AT_ONCE && !underWay.has(trouble.name)) {
      if (trouble.alone) await Promise.all(underWay.values());
      stack.timeline.note(`trouble: ${trouble.name}`);
      const running = trouble
        .run(stack, draws)
        .catch((error: unknown) =>
          stack.timeline.note('trouble failed', { name: trouble.name, why: String(error) }),
        )
        .finally(() => {
          stack.timeline.note('trouble over', { name: trouble.name });
          underWay.delete(trouble.name);
        });
      underWay.set(trouble.name, running);
      if (trouble.alone) await running;
    }
    await pause(random.between(...PACE_MS));
  }
  await Promise.all(underWay.values());
}
