/**
 * A WebSocket API as an AsyncAPI 2.6 document: AWS has no export of one. Pure.
 *
 * A consumer sends a message that the API recognises by its route key, and every answer comes over the same connection;
 * so there is one channel, and each route is a message of it. Version 2.6, because APIM shows it, and its tools are
 * everywhere.
 */
import type { Model, Route } from '@federation-agent/aws-control-plane';
import type { CatalogEntry } from '@federation-agent/contracts';
import { toContent, type ParsedDocument } from './document.ts';

/** Routes that AWS calls itself when a connection begins or ends. */
const own = new Set(['$connect', '$disconnect']);

type Facts = Pick<CatalogEntry, 'name' | 'version' | 'description' | 'invokeUrl'>;

/** The document of what the API has now: AWS does not tell what was deployed. */
export function toAsyncApi(api: Facts, routes: readonly Route[], models: readonly Model[]): ParsedDocument {
  const sent = routes.filter(({ key }) => !own.has(key)).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const schemas = schemasOf(models);
  const url = new URL(api.invokeUrl);
  const document = {
    asyncapi: '2.6.0',
    info: {
      title: api.name,
      version: api.version,
      ...(api.description !== '' && { description: api.description }),
    },
    servers: { stage: { url: `${url.host}${url.pathname}`, protocol: 'wss' } },
    channels: {
      '/': {
        ...(sent.length > 0 && {
          publish: { message: { oneOf: sent.map((route) => messageOf(route, schemas)) } },
        }),
      },
    },
    ...(Object.keys(schemas).length > 0 && { components: { schemas } }),
  };
  const content = toContent(document);
  return content
    ? { ok: true, content, facts: { routes: routes.map(({ key }) => key).toSorted() } }
    : { ok: false, reason: 'a model of the API is nested too deeply' };
}

function messageOf(
  { key, operationName, requestModels }: Route,
  schemas: Readonly<Record<string, object>>,
): object {
  const model = requestModels['$default'] ?? Object.values(requestModels)[0];
  const name = model === undefined ? undefined : keyOf(model);
  return {
    name: key,
    title: operationName ?? key,
    ...(name !== undefined &&
      Object.hasOwn(schemas, name) && { payload: { $ref: `#/components/schemas/${name}` } }),
  };
}

/** Models that are JSON; AWS checks no other. */
function schemasOf(models: readonly Model[]): Record<string, object> {
  return Object.fromEntries(
    models
      .flatMap(({ name, schema }): [string, object][] => {
        const key = keyOf(name);
        const parsed = parse(schema, `#/components/schemas/${key}`);
        return parsed ? [[key, parsed]] : [];
      })
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Names of components may have only these characters. */
function keyOf(name: string): string {
  return name.replaceAll(/[^\w.-]/gu, '_');
}

/** @returns undefined for what is no object, and for one that is nested too deeply */
function parse(schema: string | undefined, place: string): object | undefined {
  try {
    const value: unknown = JSON.parse(schema ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (movedTo(place, value) as object)
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The schema as a part of the document. References within it lead to its place there; those to other models are URLs of
 * AWS, and are left out.
 */
function movedTo(place: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => movedTo(place, item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, child]): [string, unknown][] => {
      if (key === '$schema') return [];
      if (key !== '$ref' || typeof child !== 'string') return [[key, movedTo(place, child)]];
      return child.startsWith('#') ? [[key, `${place}${child.slice(1)}`]] : [];
    }),
  );
}
