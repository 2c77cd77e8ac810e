/** Walks the schema, and collects the values that are set into the object that the schema parses. */
import { suspicionAbout } from './suspicious-values.ts';
import type { Property, Sources } from './properties.ts';
import type { SchemaNode } from '../description/schema-tree.ts';
import { referencesIn, withSecrets } from '../secrets/reference.ts';

/** Where a value comes from. */
export interface Origin {
  /** The key as the user wrote it, and where. */
  readonly written: string;
  /** `file:<name>` or `env:<name>`. */
  readonly source: string;
  /** The `secret://..` references in the value, as written. */
  readonly references: readonly string[];
}

export interface Collected {
  /** The input for the schema. */
  readonly raw: unknown;
  /** By path: `integration.providers[0].type`. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** Values of secret keys, and the values of references. */
  readonly secrets: readonly string[];
  /** Paths whose values still have a reference. */
  readonly unread: ReadonlySet<string>;
  /** Paths whose values are surely a mistake, and why. */
  readonly suspicions: ReadonlyMap<string, string>;
  /** Paths of values that were left out because their list item lacks the key that identifies it. */
  readonly nameless: readonly string[];
}

/** @param known the values of references; a reference that is not in it stays as written */
export function collect(
  root: SchemaNode,
  sources: Sources,
  known: ReadonlyMap<string, string> = new Map(),
): Collected {
  const origins = new Map<string, Origin>();
  const secrets = new Set<string>();
  const unread = new Set<string>();
  const suspicions = new Map<string, string>();
  const nameless: string[] = [];

  const take = (path: string, secret: boolean): string | undefined => {
    const found = sources.find(path);
    if (!found) return undefined;
    const origin = originOf(found);
    origins.set(path, origin);
    const value = withSecrets(found.value, known);
    if (secret || value !== found.value) secrets.add(value.trim());
    for (const reference of origin.references) {
      const text = known.get(reference);
      if (text === undefined) unread.add(path);
      else secrets.add(text);
    }
    const suspicion = suspicionAbout(path, value);
    if (suspicion !== undefined) suspicions.set(path, suspicion);
    return value;
  };

  const list = (path: string, secret: boolean): unknown => {
    // One text in the environment overrides items in a file.
    if (sources.inEnvironment(path)) {
      sources.overridden(path);
      return take(path, secret);
    }
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
          if (ends === undefined || typeof item !== 'object' || item === null || ends in item) return item;
          nameless.push(...Object.keys(item).map((key) => `${path}[${index}].${key}`));
          return undefined;
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

  return { raw: visit(root, '') ?? {}, origins, secrets: [...secrets], unread, suspicions, nameless };
}

function originOf({ value, origin, source }: Property): Origin {
  return { written: origin, source, references: referencesIn(value) };
}

/** A list ends at its first missing index. */
function indexed(read: (index: number) => unknown): unknown[] | undefined {
  const items: unknown[] = [];
  for (let item = read(0); item !== undefined; item = read(items.length)) items.push(item);
  return items.length > 0 ? items : undefined;
}
