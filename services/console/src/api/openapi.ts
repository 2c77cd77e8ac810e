/** The OpenAPI document of the HTTP API, made from the routes and their schemas. */
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { ApiError } from './common.ts';
import { routes, type RouteSpec } from './routes.ts';
import { shapes } from './shapes.ts';

/** The header that every POST needs: a page of another site cannot send it. */
export const csrfHeader = 'x-federation-console';

type Json = Readonly<Record<string, unknown>>;

/** Wrong credentials and a broker that is down concern every route. */
const ofEvery = [400, 401, 403, 429, 500, 503];
const ofEveryPost = [413, 415];

/** @param version of the agent */
export function openApiDocument(version: string): Json {
  const all: Readonly<Record<string, RouteSpec>> = routes;
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, route] of Object.entries(all)) {
    const path = (paths[route.path.replace(/:(\w+)/gu, '{$1}')] ??= {});
    path[route.method.toLowerCase()] = operation(name, route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Federation agent: console API',
      version,
      description: `Times are epoch ms. Every POST needs the header ${csrfHeader}: 1, and comes from the console's own pages or from no page at all.`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: schemas(),
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'federation-console' },
        basic: { type: 'http', scheme: 'basic' },
      },
    },
  };
}

function operation(operationId: string, route: RouteSpec): Json {
  const { path, method, access, summary, query, body, answer, type, also = [] } = route;
  const errors = [...ofEvery, ...(method === 'POST' ? ofEveryPost : []), ...also].sort((a, b) => a - b);
  return {
    operationId,
    summary: access === 'operator' ? `${summary} (operators only)` : summary,
    security: access === 'public' ? [] : [{ session: [] }, { basic: [] }],
    parameters: [
      ...[...path.matchAll(/:(\w+)/gu)].map(([, name]) =>
        parameter('path', name ?? '', { type: 'string' }, true),
      ),
      ...(query ? queryParameters(query) : []),
      ...(method === 'POST' ? [parameter('header', csrfHeader, { type: 'string', const: '1' }, true)] : []),
    ],
    ...(body && { requestBody: { required: true, content: json(body) } }),
    responses: {
      200: { description: 'OK', content: answer ? json(answer) : { [type ?? 'text/plain']: { schema: {} } } },
      ...Object.fromEntries(
        errors.map((status) => [
          status,
          { description: STATUS_CODES[status] ?? 'Error', content: json(ApiError) },
        ]),
      ),
    },
  };
}

function parameter(where: string, name: string, schema: unknown, required: boolean): Json {
  return { in: where, name, required, schema };
}

function queryParameters(query: z.ZodType): Json[] {
  const { properties = {} } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties).map(([name, schema]) => parameter('query', name, schema, false));
}

const names = new Map<z.ZodType, string>(Object.entries(shapes).map(([name, schema]) => [schema, name]));

function json(schema: z.ZodType): Json {
  const name = names.get(schema);
  if (name === undefined) throw new TypeError('a shape of the API is missing in shapes.ts');
  return { 'application/json': { schema: { $ref: place(name) } } };
}

function place(name: string): string {
  return `#/components/schemas/${name}`;
}

function schemas(): Json {
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of names) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { uri: place });
  return Object.fromEntries(
    Object.entries(made.schemas).map(([id, { $schema: _dialect, $id: _place, ...schema }]) => [id, schema]),
  );
}
