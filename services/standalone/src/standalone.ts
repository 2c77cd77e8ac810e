/**
 * The services in one process. Unless the user configures a broker, an embedded one runs with its store in the
 * data folder.
 */
import { fileURLToPath } from 'node:url';
import type { AgentConfig, ServiceName } from '@federation-agent/contracts';
import { findNatsServer } from '@federation-agent/broker';
import {
  defaultDataDir,
  hasStore,
  loadOrCreateSealingKey,
  openDataFolder,
  startEmbeddedBroker,
} from '@federation-agent/embedded-broker';
import {
  type ProcessContext,
  type RunningService,
  scopeHealth,
  startService,
  type StartService,
} from '@federation-agent/service-kit';
import { startConsole } from './console.ts';
import { moveOwnNames } from './move-names.ts';

/** Loaded while the embedded broker starts: that is a quarter of the time until the agent is connected. */
async function loadServices(): Promise<readonly (readonly [ServiceName, StartService])[]> {
  const [{ startAwsDiscovery }, { startSubscriptionManager }, { startGatewayLink }] = await Promise.all([
    import('@federation-agent/aws-discovery'),
    import('@federation-agent/subscription-manager'),
    import('@federation-agent/gateway-link'),
  ]);
  return [
    ['aws-discovery', startAwsDiscovery],
    ['subscription-manager', startSubscriptionManager],
    ['gateway-link', startGatewayLink],
  ];
}

const checkout = fileURLToPath(new URL('../../../', import.meta.url));

export async function startStandalone(context: ProcessContext): Promise<RunningService> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    while (stops.length > 0) await stops.pop()?.();
  };
  try {
    const config =
      context.config.federation.broker.url === undefined ? await embed(context, stops) : context.config;
    const running = await Promise.all(
      (await loadServices()).map(([service, start]) =>
        startService(
          { ...context, config, health: scopeHealth(context.health, service) },
          { service, start, brokerConfig: config.federation.broker },
        ),
      ),
    );
    // All at once: the workers finish their commands while the link still waits for their replies.
    stops.push(async () => {
      await Promise.all(running.map((one) => one.stop()));
    });
    const console = startConsole({ ...context, config });
    stops.splice(-1, 0, () => console.stop()); // After the services.
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @returns the configuration with the embedded broker and a sealing key in it */
async function embed(context: ProcessContext, stops: (() => Promise<void>)[]): Promise<AgentConfig> {
  const { config, telemetry, health, clock, limits, signal } = context;
  const { log } = telemetry;
  const { dataDir, dataDirWait, broker, sealingKey } = config.federation;
  const binary = findNatsServer(process.env, checkout);
  const folder = await openDataFolder({
    path: dataDir,
    explicit: dataDir !== defaultDataDir,
    log,
    clock,
    waitMs: dataDirWait * 1_000,
    signal,
    onLost: () => {
      log.fatal(
        { dataDir },
        'the data folder was taken over: this process did not renew its lock for so long that another agent took it',
      );
      process.exit(1);
    },
  });
  stops.push(() => folder.release());
  const isNew = !hasStore(folder.path);
  const embedded = await startEmbeddedBroker({
    binary,
    dataFolder: folder.path,
    log,
    clock,
    onSpawned: () => void loadServices(),
  });
  stops.push(() => embedded.stop());
  telemetry.secrets.add(embedded.token);
  const own = { ...broker, url: embedded.url, token: embedded.token };
  if (!isNew) await moveOwnNames({ config: own, limits, telemetry: telemetry.forArea('broker'), signal });
  const key = sealingKey ?? (await loadOrCreateSealingKey(folder.path));
  telemetry.secrets.add(key);
  health.set('state', {
    status: folder.ephemeral === undefined ? 'up' : 'degraded',
    ...(folder.ephemeral !== undefined && { detail: `ephemeral: ${folder.ephemeral}` }),
    data: { state: folder.ephemeral === undefined ? 'persistent' : 'ephemeral', dataDir: folder.path },
  });
  log.info({ dataDir: folder.path }, 'embedded broker started');
  return {
    ...config,
    federation: {
      ...config.federation,
      sealingKey: key,
      broker: own,
    },
  };
}
