/** The service: an HTTP server. What answers is made, and its modules are loaded, with the first request. */
import { describeError } from '@federation-agent/base';
import type { RunningService, ServiceContext, StartService } from '@federation-agent/service-kit';
import type { ConsoleApp } from './app.ts';
import { createConsoleHealth, type ConsoleHealth } from './console-health.ts';
import type { RunDoctor } from './doctor.ts';
import { startForwarding, type Forwarding } from './forward/forward.ts';
import { startConsoleServer, type ConsoleServer } from './http/server.ts';
import { lazily, type Lazy } from './lazily.ts';

export interface ConsoleOptions {
  /** Absent: this process cannot run the doctor. */
  readonly runDoctor?: RunDoctor;
}

/** A port that is taken does not end the process: the agent works without its console. */
export function consoleService({ runDoctor }: ConsoleOptions = {}): StartService {
  return async (context) => {
    if (!context.config.federation.console.enabled) return startForwarding(context);
    const { broker, health, telemetry } = context;
    const shown = createConsoleHealth(health, telemetry.log, () => broker.connected());
    const app = lazily(async () => {
      const { openApp } = await import('./app.ts');
      return openApp(context, { runDoctor, onTrouble: (reason) => shown.reading(reason) });
    });
    const forwarding = startForwarding(context);
    const server = await listen(context, app, shown);
    return stopping(app, { shown, forwarding, server });
  };
}

async function listen(
  { config, telemetry }: ServiceContext,
  app: Lazy<ConsoleApp>,
  shown: ConsoleHealth,
): Promise<ConsoleServer | undefined> {
  const { log } = telemetry.forArea('http');
  try {
    const server = await startConsoleServer(config, {
      log,
      open: async () => (await app.get()).answer,
    });
    log.info({ url: server.url }, 'the console listens');
    shown.listening({ url: server.url });
    return server;
  } catch (error) {
    const { host, port } = config.federation.console;
    const detail = `the console cannot listen on ${host}, port ${port}: ${describeError(error)}. Set federation.console.port, or federation.console.enabled to false`;
    log.warn(detail);
    shown.listening({ detail });
    return undefined;
  }
}

/** What runs beside the app. */
interface Running {
  readonly shown: ConsoleHealth;
  readonly forwarding: Forwarding;
  readonly server: ConsoleServer | undefined;
}

function stopping(app: Lazy<ConsoleApp>, { shown, forwarding, server }: Running): RunningService {
  return {
    stop: async () => {
      const opened = await app.made()?.catch(() => undefined);
      await Promise.all([server?.stop(), opened?.stop(), forwarding.stop()]);
      shown.remove();
    },
  };
}
