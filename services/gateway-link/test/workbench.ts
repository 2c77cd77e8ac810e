/** A gateway-link on a real broker against the fake controller, with fake workers. */
import { randomUUID } from 'node:crypto';
import { AgentConfig, limitsAt, type Limits } from '@federation-agent/contracts';
import { systemClock, systemRandomness } from '@federation-agent/base';
import { testTelemetry, type TestTelemetry } from '@federation-agent/base/test';
import type { Broker } from '@federation-agent/broker';
import { connectTestBroker, startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import type { LiveConfig } from '@federation-agent/configuration';
import { createHealth, type Health, type RunningService } from '@federation-agent/service-kit';
import { startGatewayLink } from '../src/gateway-link.ts';
import {
  startFakeController,
  type FakeConnection,
  type FakeController,
  type Script,
} from './fake-controller.ts';
import { startFakeWorkers, type FakeWorkers } from './fake-workers.ts';

export interface Workbench {
  readonly testBroker: TestBroker;
  readonly broker: Broker;
  readonly workers: FakeWorkers;
  readonly limits: Limits;
  /** A controller of its own and a link to it. */
  readonly link: (options?: LinkOptions) => Promise<RunningLink>;
  readonly stop: () => Promise<void>;
}

interface LinkOptions {
  readonly script?: Script;
  readonly ws?: object;
  readonly limits?: Partial<Limits>;
  /** How many integrations. */
  readonly integrations?: number;
  readonly live?: LiveConfig;
}

interface RunningLink {
  readonly controller: FakeController;
  readonly integrationId: string;
  readonly integrationIds: readonly string[];
  readonly service: RunningService;
  readonly health: Health;
  readonly telemetry: TestTelemetry;
  /** The connection whose HELLO named the first integration, once APIM has accepted it. */
  readonly connected: (index?: number) => Promise<FakeConnection>;
}

/** Short where a test waits for it; long where it only protects against a busy machine. */
const limits: Limits = {
  ...limitsAt(20),
  commandDeadline: 20_000,
  replyDeadline: 22_000,
  commandTimeout: 24_000,
  aliveMemory: 10_000,
  deadPeer: 10_000,
  brokerGrace: 10_000,
};

export async function startWorkbench(): Promise<Workbench> {
  const testBroker = await startTestBroker();
  const telemetry = testTelemetry('fake-workers');
  const broker = await connectTestBroker(testBroker, 'aws-discovery', limits, telemetry);
  const workers = await startFakeWorkers(broker, telemetry);
  const ends: (() => Promise<void>)[] = [];
  return {
    testBroker,
    broker,
    workers,
    limits,
    link: async (options = {}) => {
      const link = await startLink(testBroker, { ...limits, ...options.limits }, options);
      ends.push(link.end);
      return link;
    },
    stop: async () => {
      for (const end of ends) await end();
      await workers.stop();
      await broker.close();
      await testBroker.stop();
    },
  };
}

async function startLink(
  testBroker: TestBroker,
  limits: Limits,
  options: LinkOptions,
): Promise<RunningLink & { readonly end: () => Promise<void> }> {
  const controller = await startFakeController(options.script);
  const integrationIds = Array.from({ length: options.integrations ?? 1 }, () => randomUUID());
  const [integrationId = ''] = integrationIds;
  const telemetry = testTelemetry('gateway-link');
  const broker = await connectTestBroker(testBroker, 'gateway-link', limits, telemetry);
  const health = createHealth();
  const service = await startGatewayLink({
    service: 'gateway-link',
    instance: randomUUID(),
    version: '0.0.0',
    config: AgentConfig.parse({
      integration: {
        connector: { ws: { endpoints: [controller.endpoint], ...options.ws } },
        providers: integrationIds.map((id) => ({
          type: 'aws-api-gateway',
          integrationId: id,
          configuration: { region: 'eu-west-1' },
        })),
      },
    }),
    ...(options.live && { live: options.live }),
    limits,
    broker,
    telemetry,
    health,
    clock: systemClock,
    random: { ...systemRandomness, fraction: () => 0 },
  });
  return {
    controller,
    integrationId,
    integrationIds,
    service,
    health,
    telemetry,
    connected: async (index = 0) => {
      const connection = await controller.connection(index);
      await connection.next('command', ({ command }) => command.type === 'HELLO');
      return connection;
    },
    end: async () => {
      await service.stop();
      await controller.stop();
      await broker.close();
    },
  };
}
