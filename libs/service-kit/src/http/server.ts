/** Probes and metrics. They tell no secrets and need no password. */
import { fastify } from 'fastify';
import { collectDefaultMetrics } from 'prom-client';
import type { AgentConfig } from '@federation-agent/contracts';
import { FederationError } from '../errors.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Health } from './health.ts';

export interface HttpServer {
  /** Such as `http://127.0.0.1:18084`. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface HttpServerOptions {
  readonly config: AgentConfig['services'];
  readonly health: Health;
  readonly telemetry: Telemetry;
}

/** The port cannot be had. */
export class HttpBindError extends FederationError {
  constructor(host: string, port: number, cause: unknown) {
    const code =
      typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'unknown';
    const why = code === 'EADDRINUSE' ? 'is taken; set services.core.http.port' : `cannot be had (${code})`;
    super(`port ${port} on ${host} ${why}`, { code: 'http-bind', disposition: 'final' });
  }
}

/**
 * `/healthz`: the process lives; `/readyz`: 503 while a required component is down, the report in its body; `/metrics`
 * when switched on.
 *
 * @returns undefined when it is switched off
 * @throws HttpBindError
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer | undefined> {
  const { health, telemetry } = options;
  const { http } = options.config.core;
  const { metrics } = options.config;
  if (!http.enabled) return undefined;

  const server = fastify({ forceCloseConnections: true });
  server.get('/healthz', () => ({ status: 'up' }));
  server.get('/readyz', (_request, reply) => reply.code(health.ready() ? 200 : 503).send(health.report()));
  if (metrics.enabled && metrics.prometheus.enabled) {
    const { registry } = telemetry;
    if (!registry.getSingleMetric('process_cpu_seconds_total')) collectDefaultMetrics({ register: registry });
    server.get('/metrics', async (_request, reply) => {
      const text = await registry.metrics();
      return reply.type(registry.contentType).send(text);
    });
  }
  try {
    const url = await server.listen({ host: http.host, port: http.port });
    telemetry.log.info({ url }, 'health server listens');
    return { url, stop: () => server.close() };
  } catch (error) {
    await server.close();
    throw new HttpBindError(http.host, http.port, error);
  }
}
