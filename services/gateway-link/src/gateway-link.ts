/** The service: one link per configured integration, and one listener for the workers' replies. */
import { Gate, streams } from '@federation-agent/contracts';
import { defineMetrics } from '@federation-agent/base';
import { answerDeadLetters, openBucket, openChunkStore } from '@federation-agent/broker';
import { connectorRoute } from '@federation-agent/net';
import type { Health, RunningService, ServiceContext, StartService } from '@federation-agent/service-kit';
import type { ChannelView } from './channel/channel.ts';
import { tlsOptions } from './channel/tls.ts';
import { createAnswers } from './commands/answers.ts';
import { createGates } from './commands/gate.ts';
import { startReplyListener } from './commands/reply.ts';
import { startIntegrationLink } from './integration-link.ts';
import { linkMetrics } from './metrics.ts';

/** Name of the required health component: up while APIM has accepted at least one integration. */
const component = 'apim';

/** Starts the links. A socket opens when the broker and a worker of each kind work. */
export const startGatewayLink: StartService = async (context: ServiceContext): Promise<RunningService> => {
  const { config, broker, telemetry, limits, clock, random } = context;
  const { ws } = config.integration.connector;
  tlsOptions(ws); // Reports an unusable truststore now, not at every dial.
  const proxy = connectorRoute(config, process.env);

  const linkId = random.uuid();
  const { log } = telemetry;
  const metrics = defineMetrics(telemetry.registry, linkMetrics);
  const payloads = await openChunkStore(broker, 'payloads');
  const bucket = await openBucket(broker, 'gates', Gate);
  const gates = createGates({ bucket, linkId, limits, clock, random, log });
  const answers = createAnswers({
    gates,
    payloads,
    limits,
    clock,
    log,
    maxMessageBytes: ws.maxWebSocketMessageSize,
  });
  const desk = startReplyListener({ broker, telemetry, linkId, answers });

  const integrationIds = config.integration.providers.map(({ integrationId }) => integrationId);
  const views = new Map<string, ChannelView>();
  const links = integrationIds.map((integrationId) =>
    startIntegrationLink({
      context,
      integrationId,
      linkId,
      proxy,
      answers,
      payloads,
      metrics,
      onView: (view) => {
        views.set(integrationId, view);
        report(context.health, integrationId, view, views);
      },
    }),
  );
  const letters = answerDeadLetters(broker, streams.commands);
  log.info({ linkId, integrationIds }, 'gateway-link started');

  return {
    stop: async () => {
      letters.stop();
      // Half of the time is for due replies; the rest is for Close and its echo, gates and the last answers.
      await Promise.all(links.map((link) => link.stop(limits.shutdown / 2)));
      await gates.stop(limits.shutdown / 10);
      await desk.stop();
    },
  };
};

/** Reports each integration, and the required component over all of them. */
function report(
  health: Health,
  integrationId: string,
  view: ChannelView,
  views: ReadonlyMap<string, ChannelView>,
): void {
  const { phase, endpoint, reason, since } = view;
  const connected = phase === 'active';
  health.set(`${component}:${integrationId}`, {
    status: connected ? 'up' : 'down',
    ...(!connected && { detail: reason }),
    data: { state: phase, endpoint, since: new Date(since).toISOString() },
  });
  const all = [...views.values()];
  const held = all.filter((one) => one.phase === 'active').length;
  health.set(component, {
    status: held > 0 ? 'up' : 'down',
    required: true,
    detail: `${held} of ${all.length} integrations connected`,
  });
}
