/** Starts a service on its broker, alone in a process or beside others. */
import type { BrokerConfig, ServiceName } from '@federation-agent/contracts';
import { connectBroker, ensureTopology, refuseOldNames } from '@federation-agent/broker';
import { answerAsNode } from './node-answers.ts';
import { showBrokerNotConnected, watchBrokerHealth } from './broker-health.ts';
import type { ProcessContext } from './run-process.ts';
import type { RunningService, StartService } from './service.ts';

export interface StartServiceOptions {
  readonly service: ServiceName;
  readonly start: StartService;
  /** A broker other than the configured one, such as the embedded one. */
  readonly brokerConfig?: BrokerConfig;
}

/**
 * Waits for the broker, creates the topology, and starts the service. Its `stop` ends all three.
 *
 * @throws ConfigurationError when the broker is too old; OldNamesError when its records must be moved first;
 * BrokerUnavailableError when the process must stop before that
 */
export async function startService(
  context: ProcessContext,
  { service, start, brokerConfig = context.config.federation.broker }: StartServiceOptions,
): Promise<RunningService> {
  const { config, limits, health, nodeRoutes, clock, random, version, instance, signal } = context;
  const telemetry = context.telemetry.forService(service);
  showBrokerNotConnected(health);
  const broker = await connectBroker({
    config: brokerConfig,
    service,
    name: instance,
    limits,
    telemetry: telemetry.forArea('broker'),
    clock,
    signal,
  });
  const closeAtStop = (): void => void broker.close();
  signal.addEventListener('abort', closeAtStop, { once: true });
  try {
    await refuseOldNames(broker, service);
    await ensureTopology(broker, service, { replicas: brokerConfig.replicas });
    const brokerHealth = watchBrokerHealth(broker, health);
    const answering = answerAsNode(broker, service, context);
    const running = await start({
      service,
      instance,
      version,
      config,
      ...(context.live && { live: context.live }),
      limits,
      broker,
      telemetry,
      health,
      nodeRoutes,
      clock,
      random,
    });
    signal.removeEventListener('abort', closeAtStop);
    return {
      stop: async () => {
        try {
          await running.stop();
        } finally {
          answering.stop();
          brokerHealth.stop();
          await broker.close();
        }
      },
    };
  } catch (error) {
    await broker.close();
    throw error;
  }
}
