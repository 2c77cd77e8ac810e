/** What answers the console's requests: its parts, its handlers, and the router before them. */
import type { RequestListener } from 'node:http';
import { openChunkStore, openStreamLog } from '@federation-agent/broker';
import { streams } from '@federation-agent/contracts';
import type { ServiceContext } from '@federation-agent/service-kit';
import { createDoctorRuns, type RunDoctor } from './doctor.ts';
import { startFeed } from './feed.ts';
import { deadHandlers } from './handlers/dead.ts';
import { estateHandlers } from './handlers/estate.ts';
import { eventHandlers } from './handlers/events.ts';
import { oidcHandlers } from './handlers/oidc.ts';
import { overviewHandlers } from './handlers/overview.ts';
import { reconcileHandlers } from './handlers/reconcile.ts';
import { scanHandlers } from './handlers/scans.ts';
import { sessionHandlers } from './handlers/session.ts';
import { subscriptionHandlers } from './handlers/subscriptions.ts';
import { systemHandlers } from './handlers/system.ts';
import { createLive } from './http/live.ts';
import { createRouter } from './http/router.ts';
import { createSessions } from './http/sessions.ts';
import { createModelKeeper } from './model-keeper.ts';
import { createNodes } from './nodes.ts';
import { createOidcLogin } from './oidc/login.ts';
import type { ConsoleParts } from './parts.ts';
import { createPeople } from './people.ts';
import { startReadModel } from './read-model.ts';
import { createReconciliations } from './reconcile.ts';
import { createTopics } from './topics.ts';
import { openTrail } from './trail.ts';

export interface ConsoleApp {
  readonly answer: RequestListener;
  stop(): Promise<void>;
}

export interface AppOptions {
  /** Absent: this process cannot run the doctor. */
  readonly runDoctor: RunDoctor | undefined;
  /** Told why records cannot be read; undefined: they can, or nobody looks. */
  readonly onTrouble: (reason: string | undefined) => void;
}

/** Asks nothing of the broker yet: the handlers do. */
export async function openApp(context: ServiceContext, options: AppOptions): Promise<ConsoleApp> {
  const parts = await openParts(context, options);
  const { live, models, reconciliations, topics } = parts;
  const handlers = {
    ...sessionHandlers(parts),
    ...oidcHandlers(parts),
    ...overviewHandlers(parts),
    ...estateHandlers(parts),
    ...scanHandlers(parts),
    ...subscriptionHandlers(parts),
    ...reconcileHandlers(parts),
    ...eventHandlers(parts),
    ...deadHandlers(parts),
    ...systemHandlers(parts),
  };
  const { log } = context.telemetry.forArea('http');
  const { people, sessions } = parts;
  const router = await createRouter(context.config, { handlers, people, sessions, log });
  return {
    answer: (request, response) => router.routing(request, response),
    stop: async () => {
      reconciliations.stop();
      await Promise.all([router.close(), live.stop(), models.stop()]);
      topics.stop();
    },
  };
}

async function openParts(
  context: ServiceContext,
  { runDoctor, onTrouble }: AppOptions,
): Promise<ConsoleParts> {
  const { broker, config, clock } = context;
  const now = (): number => clock.now();
  const [documents, payloads] = await Promise.all([
    openChunkStore(broker, 'documents'),
    openChunkStore(broker, 'payloads'),
  ]);
  const topics = createTopics(clock);
  const trail = openTrail(broker, config.federation.console.traceUrl);
  const nodes = createNodes(broker);
  const live = createLive((send) => startFeed({ topics, trail, nodes }, send));
  const models = createModelKeeper({
    fill: () => startReadModel(context, topics, onTrouble),
    isWatched: () => live.count() > 0,
    clock,
  });
  return {
    context,
    models,
    topics,
    trail,
    nodes,
    people: createPeople(config, now),
    sessions: createSessions(now),
    oidc: createOidcLogin(config, now),
    live,
    letters: openStreamLog(broker, streams.dead),
    documents,
    payloads,
    doctor: createDoctorRuns(runDoctor, clock, () => topics.changed('doctor')),
    reconciliations: createReconciliations({
      broker,
      integrationIds: config.integration.providers.map(({ integrationId }) => integrationId),
      records: async () => (await models.whole()).subscriptions.all(),
    }),
  };
}
