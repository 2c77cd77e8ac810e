/** The HTTP server of a process: probes and metrics for machines, and the node API for operators. */
import type { FastifyInstance } from 'fastify';
import { FederationError } from '@federation-agent/base';
import { createServer } from './create-server.ts';
import { answerErrors, notFound, watchRoutes } from './json-errors.ts';
import { serveMetrics } from './metrics-route.ts';
import { serveNodeApi } from './node-api.ts';
import type { HttpServerOptions } from './server-options.ts';

export interface HttpServer {
  /** Such as `http://127.0.0.1:18084`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** The HTTP server cannot listen: another process has the port, or the host is not an address of this machine. */
export class HttpBindError extends FederationError {
  constructor(host: string, port: number, cause: unknown) {
    const code =
      typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'unknown';
    const why =
      code === 'EADDRINUSE'
        ? 'is taken; set services.core.http.port'
        : `cannot be had (${code}); set services.core.http.host and services.core.http.port`;
    super(`port ${port} on ${host} ${why}`, { code: 'http-bind', disposition: 'final' });
  }
}

const requestMs = 10_000;

/**
 * Without a password: `/healthz` (the process lives); `/readyz` (503 while a required component is down, with the
 * report in its body); `/metrics` when enabled. Below `/_node`: see `serveNodeApi`. With `secured` all of it uses TLS.
 *
 * @returns undefined when the server is disabled
 * @throws HttpBindError; ConfigurationError when the keystore cannot be used
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer | undefined> {
  const { config, telemetry } = options;
  const { http } = config.services.core;
  if (!http.enabled) return undefined;

  const { log } = telemetry.forArea('http');
  const server = createServer(http, { requestMs });
  const routes = watchRoutes(server);
  answerErrors(server, log);
  server.setNotFoundHandler(notFound(routes));
  serveProbes(server, options);
  await server.register(
    (node, _options, done) => {
      serveNodeApi(node, options, routes);
      done();
    },
    { prefix: '/_node' },
  );
  try {
    const url = await server.listen({ host: http.host, port: http.port });
    log.info({ url }, 'health server listens');
    return { url, stop: () => server.close() };
  } catch (error) {
    await server.close();
    throw new HttpBindError(http.host, http.port, error);
  }
}

function serveProbes(server: FastifyInstance, { config, health, telemetry }: HttpServerOptions): void {
  const { metrics } = config.services;
  server.get('/healthz', () => ({ status: 'up' }));
  server.get('/readyz', (_request, reply) => reply.code(health.ready() ? 200 : 503).send(health.report()));
  if (metrics.enabled && metrics.prometheus.enabled) serveMetrics(server, '/metrics', telemetry.registry);
}
