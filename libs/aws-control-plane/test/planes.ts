/** For tests: control planes over a real broker, with readable telemetry. */
import { AgentConfig, BudgetRecord, limitsAt, realLimits, type Limits } from '@federation-agent/contracts';
import { type Clock, type Randomness, systemClock, systemRandomness } from '@federation-agent/base';
import { testTelemetry, type TestTelemetry } from '@federation-agent/base/test';
import { type Bucket, openBucket } from '@federation-agent/broker';
import { connectTestBroker, startTestBroker } from '@federation-agent/broker/test';
import type { LiveConfig } from '@federation-agent/configuration';
import type { ProxyRoute } from '@federation-agent/net';

import { createControlPlane } from '../src/control-plane.ts';
import type { ControlPlane, Target } from '../src/model.ts';

export interface TestPlane {
  readonly plane: ControlPlane;
  readonly telemetry: TestTelemetry;
  /** The first target. */
  target(): Promise<Target>;
}

export interface TestPlanes {
  readonly budget: Bucket<BudgetRecord>;
  /** A control plane with this configuration; by default without waits. */
  open(
    configuration: object,
    limits?: Partial<Limits>,
    live?: LiveConfig,
    proxy?: ProxyRoute,
    time?: { readonly clock: Clock; readonly random: Randomness },
  ): TestPlane;
  /** Closes the planes and forgets all budgets. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export async function startTestPlanes(): Promise<TestPlanes> {
  const server = await startTestBroker();
  // Long time-outs, because the broker shares two cores with other tests, and no test here is about an absent broker.
  const broker = await connectTestBroker(server, 'aws-discovery', { ...limitsAt(1), brokerCall: 5_000 });
  const budget = await openBucket(broker, 'budget', BudgetRecord);
  const planes: ControlPlane[] = [];
  const reset = async (): Promise<void> => {
    for (const plane of planes.splice(0)) plane.close();
    for (const key of await budget.keys()) await budget.purge(key);
  };
  return {
    budget,
    open(given, limits = {}, live, proxy, time = { clock: systemClock, random: systemRandomness }) {
      const provider = { type: 'aws-api-gateway', integrationId: 'test', configuration: given };
      const [parsed] = AgentConfig.parse({ integration: { providers: [provider] } }).integration.providers;
      if (!parsed) throw new Error('no provider');
      // Above what a user may configure, so that only tests about the budget wait for it.
      const fast = 'requestsPerSecond' in given ? {} : { requestsPerSecond: 1_000, burst: 1_000 };
      const telemetry = testTelemetry();
      const plane = createControlPlane({
        integrationId: 'test',
        configuration: { ...parsed.configuration, ...fast },
        telemetry,
        budget,
        broker,
        ...(live && { live }),
        proxy,
        ...time,
        limits: { ...realLimits, ...limits },
      });
      planes.push(plane);
      return {
        plane,
        telemetry,
        async target() {
          const { ready, waiting } = await plane.targets();
          const [first] = ready;
          if (!first) throw new Error(`no target: ${JSON.stringify(waiting)}`);
          return first;
        },
      };
    },
    reset,
    async stop() {
      await reset();
      await broker.close();
      await server.stop();
    },
  };
}

/** The rejection of a promise. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}
