import { createFaults } from './faults.ts';
import { systemRandom } from './ids.ts';
import { createPrincipals } from './principals.ts';
import { createRequestLog } from './request-log.ts';
import { AWS_LIMITS } from './region-context.ts';
import { createStore } from './store.ts';
import { AWS_QUOTAS, createThrottle } from './throttle.ts';
import { createChangeEvents } from './sqs/change-events.ts';
import { createQueues } from './sqs/queues.ts';
import type { Answer } from './answer.ts';
import type { Faults } from './faults.ts';
import type { Random } from './ids.ts';
import type { Principals } from './principals.ts';
import type { RequestLog } from './request-log.ts';
import type { Limits, RegionContext } from './region-context.ts';
import type { ChangeEvents } from './sqs/change-events.ts';
import type { Queues } from './sqs/queues.ts';
import type { Store } from './store.ts';
import type { Throttle, ThrottleSettings } from './throttle.ts';

/** The initial state of a sandbox; `reset` returns to it. */
export interface WorldOptions {
  readonly throttle?: Partial<ThrottleSettings>;
  readonly limits?: Partial<Limits>;
  /** Milliseconds; Date.now by default. */
  readonly clock?: () => number;
  readonly random?: Random;
}

/** The whole state of the sandbox, without a socket. */
export interface World {
  readonly store: Store;
  readonly principals: Principals;
  readonly throttle: Throttle;
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly queues: Queues;
  /** The way of a change to the queues. */
  readonly changes: ChangeEvents;
  readonly limits: Limits;
  readonly random: Random;
  /** Last answers of lists, for the fault `stale-page`. */
  readonly lastAnswers: Map<string, Answer>;
  /** Milliseconds, with the offset. */
  now(): number;
  setClockOffset(ms: number): void;
  regionContext(account: string, region: string): RegionContext;
  reset(): void;
}

/** A world without APIs, with the agent and the operator. */
export function createWorld(options: WorldOptions): World {
  const { clock = Date.now, random = systemRandom } = options;
  let offset = 0;
  const initialThrottle = { ...AWS_QUOTAS, ...options.throttle };
  const initialLimits = { ...AWS_LIMITS, ...options.limits };
  const queues = createQueues(random);
  const world: World = {
    queues,
    changes: createChangeEvents(queues, random),
    store: createStore(),
    principals: createPrincipals(random),
    throttle: createThrottle(initialThrottle),
    faults: createFaults(),
    log: createRequestLog(),
    limits: { ...initialLimits },
    random,
    lastAnswers: new Map(),
    now: () => clock() + offset,
    setClockOffset(ms) {
      offset = ms;
    },
    regionContext: (account, region) => ({
      region: world.store.region(account, region),
      now: Math.floor(world.now() / 1000),
      random,
      limits: world.limits,
    }),
    reset() {
      offset = 0;
      for (const part of [world.store, world.faults, world.log, world.lastAnswers, queues, world.changes])
        part.clear();
      world.principals.reset();
      world.throttle.set(initialThrottle);
      Object.assign(world.limits, initialLimits);
    },
  };
  return world;
}
