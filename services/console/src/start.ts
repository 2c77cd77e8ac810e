/** The service: a read model of the broker, and the HTTP server on it. */
import { openChunkStore, openStreamLog } from '@federation-agent/broker';
import { streams } from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import type { RunningService, ServiceContext, StartService } from '@federation-agent/service-kit';
import { createConsoleHealth, type ConsoleHealth } from './console-health.ts';
import { createDoctorRuns, type RunDoctor } from './doctor.ts';
import { deadHandlers } from './handlers/dead.ts';
import { estateHandlers } from './handlers/estate.ts';
import { eventHandlers } from './handlers/events.ts';
import { oidcHandlers } from './handlers/oidc.ts';
import { overviewHandlers } from './handlers/overview.ts';
import { scanHandlers } from './handlers/scans.ts';
import { sessionHandlers } from './handlers/session.ts';
import { subscriptionHandlers } from './handlers/subscriptions.ts';
import { systemHandlers } from './handlers/system.ts';
import { createLive } from './http/live.ts';
import { startConsoleServer, type ConsoleServer } from './http/server.ts';
import { createSessions } from './http/sessions.ts';
import { createNodes } from './nodes.ts';
import { createOidcLogin } from './oidc/login.ts';
import type { ConsoleParts } from './parts.ts';
import { createPeople } from './people.ts';
import { startReadModel } from './read-model.ts';
import { openTrail } from './trail.ts';

/** How often the processes are asked while a page is open. */
const askMs = 2_000;

export interface ConsoleOptions {
  /** Absent: this process cannot run the doctor. */
  readonly runDoctor?: RunDoctor;
}

/** A port that is taken does not end the process: the agent works without its console. */
export function consoleService({ runDoctor }: ConsoleOptions = {}): StartService {
  return async (context) => {
    if (!context.config.federation.console.enabled) return { stop: () => Promise.resolve() };
    const { broker, health, telemetry } = context;
    const shown = createConsoleHealth(health, telemetry.log, () => broker.connected());
    const parts = await openParts(context, shown, runDoctor);
    const stopFeed = startFeed(parts);
    const server = await listen(parts, shown);
    return stopping(parts, shown, stopFeed, server);
  };
}

async function openParts(
  context: ServiceContext,
  shown: ConsoleHealth,
  runDoctor: RunDoctor | undefined,
): Promise<ConsoleParts> {
  const { broker, config, clock } = context;
  const now = (): number => clock.now();
  const [model, documents, payloads] = await Promise.all([
    startReadModel(context, (reason) => shown.reading(reason)),
    openChunkStore(broker, 'documents'),
    openChunkStore(broker, 'payloads'),
  ]);
  return {
    context,
    model,
    trail: openTrail(broker),
    nodes: createNodes(broker),
    people: createPeople(config, now),
    sessions: createSessions(now),
    oidc: createOidcLogin(config, now),
    live: createLive(),
    letters: openStreamLog(broker, streams.dead),
    documents,
    payloads,
    doctor: createDoctorRuns(runDoctor, clock, () => model.topics.changed('doctor')),
  };
}

/** Feeds open pages: changes of records, events, and how the processes are. */
function startFeed({ model, trail, live, nodes }: ConsoleParts): () => Promise<void> {
  const stopListening = model.topics.listen((changed) => live.send('changed', changed));
  const following = trail.follow((event) => {
    live.send('audit', event);
    if (event.kind === 'operator') model.topics.changed('dead');
  });
  let last = '';
  const look = async (): Promise<void> => {
    if (live.count() === 0) return;
    const shown = JSON.stringify(await nodes.statuses());
    if (shown !== last) model.topics.changed('overview');
    last = shown;
  };
  const timer = setInterval(() => void look().catch(() => undefined), askMs).unref();
  return async () => {
    stopListening();
    clearInterval(timer);
    await following.stop();
  };
}

async function listen(parts: ConsoleParts, shown: ConsoleHealth): Promise<ConsoleServer | undefined> {
  const { context, people, sessions } = parts;
  const { config, telemetry } = context;
  const { log } = telemetry.forArea('http');
  const handlers = {
    ...sessionHandlers(parts),
    ...oidcHandlers(parts),
    ...overviewHandlers(parts),
    ...estateHandlers(parts),
    ...scanHandlers(parts),
    ...subscriptionHandlers(parts),
    ...eventHandlers(parts),
    ...deadHandlers(parts),
    ...systemHandlers(parts),
  };
  try {
    const server = await startConsoleServer(config, { handlers, people, sessions, log });
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

function stopping(
  { model, live }: ConsoleParts,
  shown: ConsoleHealth,
  stopFeed: () => Promise<void>,
  server: ConsoleServer | undefined,
): RunningService {
  return {
    stop: async () => {
      live.stop();
      await Promise.all([server?.stop(), stopFeed()]);
      model.stop();
      shown.remove();
    },
  };
}
