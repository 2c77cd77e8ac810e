/** The node API: identity, health, configuration and log levels of this process. It is protected by a password. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createAuthenticator, type AuthenticationResult } from './basic-auth.ts';
import { notFound, sendError, type KnownRoutes } from './json-errors.ts';
import { serveLogging } from './logging-route.ts';
import { serveMetrics } from './metrics-route.ts';
import { probesOf } from './probes.ts';
import type { HttpServerOptions } from './server-options.ts';
import { serveServiceRoutes } from './service-routes.ts';

const users = 'services.core.http.authentication.users';

/** Adds routes below the instance's prefix `/_node`. Official clients read these bodies. */
export function serveNodeApi(server: FastifyInstance, options: HttpServerOptions, routes: KnownRoutes): void {
  const { config, values, health, nodeRoutes, telemetry, identity, clock } = options;
  const { log, levels, registry } = telemetry.forArea('http');
  const { metrics, core } = config.services;
  const door = createAuthenticator(core.http.authentication, () => clock.now());
  const startedAt = clock.now();
  const userOf = new WeakMap<FastifyRequest, string>();

  const admit = (request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined => {
    const { url, headers, ip } = request;
    if (isOfAnotherSite(request)) return sendError(reply, 403, 'a page of another site may not do this');
    const admission = door({ authorization: headers.authorization, address: ip });
    void reply.header('cache-control', 'no-store');
    if (admission.kind === 'admitted') {
      if (admission.user !== undefined) userOf.set(request, admission.user);
      return undefined;
    }
    if (admission.kind === 'closed' && isHealth(url)) return undefined;
    if (admission.kind === 'wrong') {
      log.warn({ address: ip }, `a login to the node API failed: user and password are not in ${users}`);
    }
    return refuse(reply, admission);
  };
  server.addHook('onRequest', async (request, reply) => admit(request, reply));
  server.setNotFoundHandler(notFound(routes));
  // Like the official agents, this reads the body of a POST as JSON, whatever its content type.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, JSON.parse(String(body)));
    } catch {
      done(null, undefined);
    }
  });

  server.get('/', () => ({
    id: identity.instance,
    name: identity.name,
    version: { MAJOR_VERSION: identity.version },
    uptime: Math.round((clock.now() - startedAt) / 1_000),
    services: identity.services,
  }));
  server.get<{ Querystring: { probes?: string | string[] } }>('/health', (request, reply) => {
    const asked = [request.query.probes ?? []].flat().flatMap((names) => names.split(','));
    const only = asked.map((name) => name.trim()).filter(Boolean);
    const { healthy, probes } = probesOf(health.report(), only.length > 0 ? only : undefined);
    if (Object.keys(probes).length === 0) return sendError(reply, 404, 'there is no such probe');
    return reply.code(healthy ? 200 : 500).send(probes);
  });
  const configuration = values.map(({ path, value }) => [path, value] as const);
  server.get('/configuration', () => Object.fromEntries(configuration));
  serveLogging(server, levels, (what) => log.info(`log level changed through the node API: ${what}`));
  if (metrics.enabled && metrics.prometheus.enabled) serveMetrics(server, '/metrics/prometheus', registry);
  serveServiceRoutes(server, {
    nodeRoutes,
    userOf: (request) => userOf.get(request),
    otherwise: notFound(routes),
  });
}

/** A browser that remembers the password sends it with any page's POST; it also tells which site the page is from. */
function isOfAnotherSite({ method, headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  return method === 'POST' && site !== undefined && site !== 'same-origin' && site !== 'none';
}

function isHealth(url: string): boolean {
  return /^\/_node\/health\/?(?:\?|$)/u.test(url);
}

function refuse(
  reply: FastifyReply,
  admission: Exclude<AuthenticationResult, { kind: 'admitted' }>,
): FastifyReply {
  switch (admission.kind) {
    case 'closed':
      return sendError(
        reply,
        403,
        `/_node has no users: set ${users}.<name> to a password, or services.core.http.authentication.type to none`,
      );
    case 'no-credentials':
    case 'wrong':
      return sendError(
        reply.header('www-authenticate', 'Basic realm="federation-agent", charset="UTF-8"'),
        401,
        `a user and the password of ${users} are needed`,
      );
    case 'too-often': {
      const seconds = Math.ceil(admission.waitMs / 1_000);
      return sendError(
        reply.header('retry-after', seconds),
        429,
        `too many failed logins from this address; try again in ${seconds} s`,
      );
    }
  }
}
