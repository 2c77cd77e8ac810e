/** The type of a route's handler, from the route's schemas. */
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { RouteName, routes } from '../api/index.ts';
import type { Person } from '../people.ts';

type Routes = typeof routes;
type Parsed<Route, Part extends string> =
  Route extends Readonly<Record<Part, infer Schema extends z.ZodType>> ? z.output<Schema> : undefined;

export interface ApiRequest<Name extends RouteName = RouteName> {
  /** Parts of the path where the route has `:name`, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Parsed<Routes[Name], 'query'>;
  readonly body: Parsed<Routes[Name], 'body'>;
  /** Undefined only where the route is public. */
  readonly person: Person | undefined;
  /** Name for the audit trail. */
  readonly by: string;
  readonly address: string;
  /** Id of the browser's session. */
  readonly session: string | undefined;
  /** Id of the login that the browser has begun at the OpenID provider. */
  readonly pendingLogin: string | undefined;
}

/** What a route without JSON answers: it has written to `reply` itself. */
type Answer<Name extends RouteName> = Routes[Name] extends {
  readonly answer: infer Schema extends z.ZodType;
}
  ? z.input<Schema>
  : FastifyReply;

type Handler<Name extends RouteName> = (
  request: ApiRequest<Name>,
  reply: FastifyReply,
) => Promise<Answer<Name>> | Answer<Name>;

export type Handlers = { readonly [Name in RouteName]: Handler<Name> };
