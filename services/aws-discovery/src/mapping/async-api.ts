/**
 * A WebSocket API as an AsyncAPI 2.6 document: AWS has no export of one. Pure.
 *
 * A consumer sends a message that the API recognises by its route key, and every answer comes over the same connection;
 * so there is one channel, and each route is a message of it. Version 2.6, because APIM shows it, and its tools are
 * everywhere.
 */
import type { Model, Route } from '@federation-agent/aws-control-plane';
import type { CatalogEntry } from '@federation-agent/contracts';
import type { ParsedDocument } from './document.ts';

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
  const content = Buffer.from(JSON.stringify(document).replaceAll(String.raw`\u0000`, ''), 'utf8');
  return { ok: true, content, facts: { routes: routes.map(({ key }) => key).toSorted() } };
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
    ...(name !== undefined && name in schemas && { payload: { $ref: `#/components/schemas/${name}` } }),
  };
}

/** Models that are JSON; AWS checks no other. Their references to each other are URLs of AWS, and are left out. */
function schemasOf(models: readonly Model[]): Record<string, object> {
  return Object.fromEntries(
    models
      .flatMap(({ name, schema }): [string, object][] => {
        const parsed = parse(schema);
        return parsed ? [[keyOf(name), withoutReferences(parsed) as object]] : [];
      })
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Names of components may have only these characters. */
function keyOf(name: string): string {
  return name.replaceAll(/[^\w.-]/gu, '_');
}

function parse(schema: string | undefined): object | undefined {
  try {
    const value: unknown = JSON.parse(schema ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function withoutReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutReferences);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, child]) => key !== '$schema' && !(key === '$ref' && !String(child).startsWith('#/')))
      .map(([key, child]) => [key, withoutReferences(child)]),
  );
}
