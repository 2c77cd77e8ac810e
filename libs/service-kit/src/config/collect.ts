/** Walks the schema and collects what is set into the object that the schema parses. */
import type { SchemaNode } from './schema-tree.ts';
import type { Sources } from './properties.ts';

export interface Collected {
  /** What the schema parses. */
  readonly raw: unknown;
  /** The key as the user wrote it, by path: `integration.providers[0].type`. */
  readonly origins: ReadonlyMap<string, string>;
  /** Values of secret keys. */
  readonly secrets: readonly string[];
}

export function collect(root: SchemaNode, sources: Sources): Collected {
  const origins = new Map<string, string>();
  const secrets: string[] = [];

  const take = (path: string, secret: boolean): string | undefined => {
    const found = sources.find(path);
    if (!found) return undefined;
    origins.set(path, found.origin);
    if (secret) secrets.push(found.value.trim());
    return found.value;
  };

  const list = (path: string, secret: boolean): unknown => {
    // One text in the environment outranks items in a file.
    if (sources.inEnvironment(path)) return take(path, secret);
    const items = indexed((index) => take(`${path}[${index}]`, secret));
    return items ?? take(path, secret);
  };

  const object = (keys: ReadonlyMap<string, SchemaNode>, path: string): unknown => {
    const entries = [...keys].flatMap(([key, node]) => {
      const value = visit(node, path === '' ? key : `${path}.${key}`);
      return value === undefined ? [] : [[key, value] as const];
    });
    return entries.length > 0 ? Object.fromEntries(entries) : take(path, false);
  };

  const visit = (node: SchemaNode, path: string): unknown => {
    switch (node.kind) {
      case 'map':
        return object(new Map(sources.namesUnder(path).map((name) => [name, node.item])), path);
      case 'leaf':
        return node.list ? list(path, node.secret) : take(path, node.secret);
      case 'array':
        return indexed((index) => {
          const item = visit(node.item, `${path}[${index}]`);
          const ends = node.endsWithout;
          return ends !== undefined && typeof item === 'object' && item !== null && !(ends in item)
            ? undefined
            : item;
        });
      case 'object': {
        const whole = object(node.keys, path);
        const items = node.repeatable
          ? indexed((index) => object(node.keys, `${path}[${index}]`))
          : undefined;
        return items ? [...(whole === undefined ? [] : [whole]), ...items] : whole;
      }
    }
  };

  return { raw: visit(root, '') ?? {}, origins, secrets };
}

/** A list ends at its first missing index. */
function indexed(read: (index: number) => unknown): unknown[] | undefined {
  const items: unknown[] = [];
  for (let item = read(0); item !== undefined; item = read(items.length)) items.push(item);
  return items.length > 0 ? items : undefined;
}
