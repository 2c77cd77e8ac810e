/** Serves the routes: who may, what is asked, and what went wrong, the same for all of them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { describeError } from '@federation-agent/base';
import { dispositionOf, OperatorRefusal } from '@federation-agent/broker';
import { sendError } from '@federation-agent/service-kit';
import { routes, type RouteSpec } from '../api/index.ts';
import { loginIdIn } from '../oidc/pending-logins.ts';
import type { People, Person } from '../people.ts';
import { ApiProblem } from './api-error.ts';
import type { ApiRequest, Handlers } from './handlers.ts';
import { isOwnName, whyForged } from './origin.ts';
import { sessionIdIn, type Sessions } from './sessions.ts';

export interface ServeApiOptions {
  readonly handlers: Handlers;
  readonly people: People;
  readonly sessions: Sessions;
}

type AnyHandler = (request: ApiRequest, reply: FastifyReply) => unknown;

export function serveApi(server: FastifyInstance, options: ServeApiOptions): void {
  for (const [name, spec] of Object.entries(routes) as [keyof Handlers, RouteSpec][]) {
    // The types of the parts are those of this route: they were parsed with its schemas.
    const handler = options.handlers[name] as AnyHandler;
    server.route({
      method: spec.method,
      url: spec.path,
      handler: (request, reply) => answer(spec, handler, options, request, reply),
    });
  }
}

async function answer(
  spec: RouteSpec,
  handler: AnyHandler,
  { people, sessions }: ServeApiOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  void reply.header('cache-control', 'no-store');
  const { headers } = request;
  if (people.login === 'none' && !isOwnName(headers.host)) {
    return sendError(reply, 403, 'without passwords the console answers only to localhost and to addresses');
  }
  const forged = spec.method === 'POST' ? whyForged(headers) : undefined;
  if (forged !== undefined) return sendError(reply, 403, forged);
  const session = sessionIdIn(headers.cookie);
  const found = personOf(request, people, sessions.personOf(session));
  if ('problem' in found) {
    if (found.retryAfter !== undefined) void reply.header('retry-after', found.retryAfter);
    return sendError(reply, found.problem, found.message);
  }
  const { person } = found;
  if (spec.access !== 'public' && person === undefined)
    return sendError(reply, 401, notLoggedIn[people.login]);
  if (spec.access === 'operator' && person?.role !== 'operator') {
    return sendError(reply, 403, 'you may only look: federation.console.operators names those who may act');
  }
  const query = spec.query?.safeParse(request.query);
  const body = spec.body?.safeParse(request.body ?? {});
  const wrong = query?.error ?? body?.error;
  if (wrong)
    return sendError(
      reply,
      400,
      wrong.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    );
  try {
    return await handler(
      {
        params: request.params as Record<string, string>,
        query: query?.data as undefined,
        body: body?.data as undefined,
        person,
        by: person?.user ?? 'without a name',
        address: request.ip,
        session,
        pendingLogin: loginIdIn(headers.cookie),
      },
      reply,
    );
  } catch (error) {
    if (error instanceof ApiProblem || error instanceof OperatorRefusal)
      return sendError(reply, error.status, error.message);
    if (dispositionOf(error) === 'retryable') return sendError(reply, 503, describeError(error));
    throw error;
  }
}

const notLoggedIn: Readonly<Record<People['login'], string>> = {
  password: 'log in first',
  oidc: 'log in first',
  none: 'log in first',
  closed:
    'the console has no users: set services.core.http.authentication.users.<name> to a password, or federation.console.oidc.issuer',
};

type Found =
  | { readonly person: Person | undefined }
  | { readonly problem: number; readonly message: string; readonly retryAfter?: number };

/** By the session, or by Basic credentials, which ctl sends. Credentials that are wrong are refused everywhere. */
function personOf(request: FastifyRequest, people: People, ofSession: Person | undefined): Found {
  const personNamed = (user: string | null): Found => ({ person: { user, role: people.roleOf(user) } });
  if (people.login === 'none') return personNamed(null);
  const { authorization } = request.headers;
  if (authorization === undefined) return { person: ofSession };
  const result = people.admitHeader(authorization, request.ip);
  switch (result.kind) {
    case 'admitted':
      return personNamed(result.user ?? null);
    case 'too-often': {
      const retryAfter = Math.ceil(result.waitMs / 1_000);
      return { problem: 429, message: `too many failed logins; try again in ${retryAfter} s`, retryAfter };
    }
    default:
      return { problem: 401, message: 'user or password is wrong' };
  }
}
