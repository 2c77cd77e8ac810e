/** One integration's link: its own socket, back-off, readiness and pump, so that no integration holds up another. */
import type { AgentConfig, HealthCheckReply, LinkEvent } from '@federation-agent/contracts';
import type { Metrics } from '@federation-agent/base';
import { type ChunkStore, publishEvent } from '@federation-agent/broker';
import type { ProxyRoute } from '@federation-agent/net';
import type { ServiceContext } from '@federation-agent/service-kit';
import { openChannel, type ChannelOptions, type ChannelView } from './channel/channel.ts';
import type { Answers } from './commands/answers.ts';
import { createInbound } from './commands/inbound.ts';
import { startIngestPump, type IngestPump } from './ingest/pump.ts';
import { createRefusals } from './ingest/refusals.ts';
import { startCounting, type linkMetrics } from './metrics.ts';
import { watchChainReadiness } from './chain-readiness.ts';

export interface IntegrationLink {
  /** Accepts no more commands, waits for due replies, closes the socket. */
  stop(graceMs: number): Promise<void>;
}

export interface IntegrationLinkOptions {
  readonly context: ServiceContext;
  readonly integrationId: string;
  readonly linkId: string;
  /** The way to APIM; absent: no proxy. */
  readonly proxy: ProxyRoute | undefined;
  readonly answers: Answers;
  readonly payloads: ChunkStore;
  readonly metrics: Metrics<typeof linkMetrics>;
  readonly onView: (view: ChannelView) => void;
}

export function startIntegrationLink(options: IntegrationLinkOptions): IntegrationLink {
  const { context, integrationId, linkId, answers, payloads, metrics } = options;
  const { broker, telemetry, limits, clock, random, instance } = context;
  const config = context.config.integration.connector.ws;
  const log = telemetry.forArea('channel').log.child({ integrationId });
  const refusals = createRefusals(integrationId, context.health, clock);
  let pump: IngestPump | undefined;
  let closedFor: string | undefined;
  let wasWell = false;

  const readiness = watchChainReadiness({
    integrationId,
    broker,
    limits,
    clock,
    onChange: (reason) => {
      if (reason === undefined) log.info('broker and workers are well');
      else if (wasWell)
        log.warn(
          { reason },
          'the agent closes its connection to APIM while its broker or its workers do not work',
        );
      else log.info({ reason }, 'the agent waits for its broker and its workers before it connects to APIM');
      wasWell ||= reason === undefined;
      context.health.set(`workers:${integrationId}`, {
        status: reason === undefined ? 'up' : 'down',
        ...(reason !== undefined && { detail: reason }),
      });
      channel.want(reason === undefined, reason ?? '');
    },
  });
  const health = (): HealthCheckReply => {
    const reason = readiness.reason();
    return reason === undefined ? { healthy: true } : { healthy: false, detail: reason };
  };
  const inbound = createInbound({
    integrationId,
    linkId,
    broker,
    payloads,
    answers,
    telemetry,
    metrics,
    limits,
    clock,
    health,
    closedFor: () => closedFor,
  });
  const onReport: ChannelOptions['onReport'] = ({ level, what, text }, { endpoint }) => {
    log[level]({ endpoint }, text);
    if (what === 'connected' || what === 'refused' || what === 'failed') {
      metrics.dials.inc({ integration: integrationId, result: what });
    }
    if (what === undefined || what === 'failed') return;
    const event: LinkEvent = {
      at: clock.now(),
      integrationId,
      actor: { kind: 'agent' },
      outcome: what === 'refused' ? 'failed' : 'ok',
      linkId,
      what,
      endpoint,
      detail: text,
    };
    publishEvent(broker, 'link', event);
  };
  const channel = openChannel({
    integrationId,
    config,
    limits,
    proxy: options.proxy,
    clock,
    random,
    onFrame: inbound,
    onReport,
    onView: options.onView,
    onActive: (socket) => {
      metrics.connected.set({ integration: integrationId }, 1);
      pump = startIngestPump({
        integrationId,
        socket,
        broker,
        payloads,
        telemetry,
        metrics,
        refusals,
        limits,
        clock,
        random,
        instance,
        maxMessageBytes: config.maxWebSocketMessageSize,
      });
    },
    onInactive: (socket) => {
      metrics.connected.set({ integration: integrationId }, 0);
      answers.socketGone(socket.id);
      void pump?.stop(0);
      pump = undefined;
    },
  });
  startCounting(metrics, integrationId);
  options.onView(channel.view());
  // Only headers and stores change: the channel fixed its endpoints when it was opened.
  const renew = ({ integration }: AgentConfig): void => {
    const { headers, ssl } = integration.connector.ws;
    channel.renew({ ...config, headers, ssl });
  };
  const unwatch = ['headers', 'ssl'].map((key) =>
    context.live?.watch(`integration.connector.ws.${key}`, renew),
  );

  return {
    stop: async (graceMs) => {
      for (const end of unwatch) end?.();
      closedFor = 'the agent is shutting down; try again';
      await Promise.all([readiness.stop(), pump?.stop(graceMs), answers.idle(integrationId, graceMs)]);
      await channel.stop();
    },
  };
}
