/** The console as a service of its own, on a real broker. */
import { z } from 'zod';
import { AgentConfig, limitsAt } from '@federation-agent/contracts';
import { systemClock, systemRandomness, type Clock } from '@federation-agent/base';
import type { testTelemetry } from '@federation-agent/base/test';
import { connectBroker, ensureTopology, type Broker } from '@federation-agent/broker';
import { testConfig } from '@federation-agent/broker/test';
import { createHealth } from '@federation-agent/service-kit';
import { consoleService } from '../src/start.ts';
import { conformingFetch } from './conformance.ts';

export interface TestConsoleOptions {
  /** Of the broker. */
  readonly brokerUrl: string;
  /** `services.core.http` */
  readonly http: object;
  /** `federation.console`, beside host, port and the operator ada. */
  readonly console?: object;
  readonly telemetry: ReturnType<typeof testTelemetry>;
  readonly clock?: Clock;
}

export interface TestConsole {
  readonly url: string;
  readonly broker: Broker;
  /** Throws when an answer is not as the OpenAPI document says. */
  readonly fetch: typeof fetch;
  stop(): Promise<void>;
}

const limits = limitsAt(20);

export async function startTestConsole(options: TestConsoleOptions): Promise<TestConsole> {
  const { brokerUrl, http, console, telemetry, clock = systemClock } = options;
  const config = AgentConfig.parse({
    integration: {
      providers: [{ type: 'aws-api-gateway', integrationId: 'i-1', configuration: { region: 'eu-west-1' } }],
    },
    services: { core: { http } },
    federation: { console: { host: '127.0.0.1', port: 0, operators: 'ada', ...console } },
  });
  const broker = await connectBroker({
    config: testConfig(brokerUrl),
    service: 'console',
    name: 'console-1',
    limits,
    telemetry,
  });
  for (const service of ['aws-discovery', 'subscription-manager', 'console'] as const) {
    await ensureTopology(broker, service, { replicas: 1 });
  }
  const health = createHealth();
  const running = await consoleService()({
    service: 'console',
    instance: 'console-1',
    version: '1.2.3',
    config,
    limits,
    broker,
    telemetry,
    health,
    clock,
    random: systemRandomness,
  });
  const shown = health.report().components['console'];
  const { url } = z.object({ url: z.string() }).parse(shown?.data);
  return {
    url,
    broker,
    fetch: await conformingFetch(url),
    stop: async () => {
      await running.stop();
      await broker.close();
    },
  };
}
