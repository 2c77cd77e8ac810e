/**
 * Serves the routes that services added to the node API. Fastify accepts no routes once it listens, and it listens
 * before the services start.
 */
import { STATUS_CODES } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { describeError } from '@federation-agent/base';
import { dispositionOf } from '@federation-agent/broker';
import { sendError } from './json-errors.ts';
import type { NodeAnswer, NodeRoutes } from './node-routes.ts';

export interface ServiceRoutesOptions {
  readonly nodeRoutes: NodeRoutes;
  /** The user who was admitted with a password. */
  readonly userOf: (request: FastifyRequest) => string | undefined;
  /** Answers a path that no service has. */
  readonly otherwise: (request: FastifyRequest, reply: FastifyReply) => FastifyReply;
}

export function serveServiceRoutes(
  server: FastifyInstance,
  { nodeRoutes, userOf, otherwise }: ServiceRoutesOptions,
): void {
  server.all('/*', async (request, reply) => {
    const [path = '', ...search] = request.url.slice(server.prefix.length).split('?');
    const found = nodeRoutes.at(path);
    if (found.length === 0) return otherwise(request, reply);
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const match = found.find(({ route }) => route.method === method);
    if (!match) {
      const allowed = [...new Set(found.map(({ route }) => route.method))].sort().join(', ');
      return sendError(reply.header('allow', allowed), 405, `${server.prefix}${path} takes ${allowed}`);
    }
    const { route, params } = match;
    let answer: NodeAnswer;
    try {
      answer = await route.answer({
        params,
        query: new URLSearchParams(search.join('?')),
        body: request.body,
        user: userOf(request),
        address: request.ip,
      });
    } catch (error) {
      if (dispositionOf(error) !== 'retryable') throw error;
      return sendError(reply, 503, describeError(error));
    }
    const { status, body } = answer;
    return reply.code(status).send(status < 400 ? body : { error: STATUS_CODES[status] ?? 'Error', ...body });
  });
}
