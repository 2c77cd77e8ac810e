/** Answers every error as JSON, without a stack. */
import { STATUS_CODES } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';

export function sendError(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).send({ error: STATUS_CODES[status] ?? 'Error', message });
}

/** Paths with the methods that they accept. */
export type KnownRoutes = Map<string, Set<string>>;

/** Remembers the routes that are added from now on, also below this instance. */
export function watchRoutes(server: FastifyInstance): KnownRoutes {
  const routes: KnownRoutes = new Map();
  server.addHook('onRoute', ({ url, method }) => {
    const path = plainPath(url);
    const methods = routes.get(path) ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    routes.set(path, methods);
  });
  return routes;
}

/** 404 for an unknown path, 405 for a method that the path does not accept. */
export function notFound(
  routes: KnownRoutes,
): (request: FastifyRequest, reply: FastifyReply) => FastifyReply {
  return (request, reply) => {
    const path = plainPath(request.url);
    const methods = routes.get(path);
    if (!methods) return sendError(reply, 404, `there is no ${path}`);
    const allowed = [...methods].sort().join(', ');
    return sendError(reply.header('allow', allowed), 405, `${path} takes ${allowed}`);
  };
}

export function answerErrors(server: FastifyInstance, log: Logger): void {
  server.setErrorHandler((error, request, reply) => {
    const status = statusOf(error);
    if (status < 500)
      return sendError(reply, status, Error.isError(error) ? error.message : 'not understood');
    log.error({ err: error, path: plainPath(request.url) }, 'a request could not be answered');
    return sendError(reply, 500, 'this request could not be answered; the log says why');
  });
}

function statusOf(error: unknown): number {
  const status =
    typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 ? status : 500;
}

function plainPath(url: string): string {
  const path = url.split('?', 1)[0] ?? '';
  return path.length > 1 ? path.replace(/\/+$/u, '') : path;
}
