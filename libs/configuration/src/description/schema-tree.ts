/** The configuration schema as a tree of keys. Variable names, reference and secrets are made from it. */
import { z } from 'zod';

interface About {
  readonly description?: string | undefined;
  readonly secret: boolean;
  readonly example?: string | undefined;
  /** The default as it would be written; undefined when there is none. */
  readonly fallback?: unknown;
}

export type SchemaNode =
  | { readonly kind: 'object'; readonly keys: ReadonlyMap<string, SchemaNode>; readonly repeatable: boolean }
  | { readonly kind: 'array'; readonly item: SchemaNode; readonly endsWithout: string | undefined }
  /** The user chooses the names. */
  | { readonly kind: 'map'; readonly item: SchemaNode }
  /** `list`: the key may also be written with indices. */
  | ({ readonly kind: 'leaf'; readonly list: boolean } & About);

/** Reads a schema of objects, arrays and values, through all wrappers. */
export function schemaTree(schema: z.ZodType): SchemaNode {
  return read(schema, { secret: false }, false, undefined);
}

function read(schema: z.core.$ZodType, about: About, repeatable: boolean, endsWithout?: string): SchemaNode {
  const meta = z.globalRegistry.get(schema);
  const known: About = {
    ...about,
    description: about.description ?? meta?.description,
    example: about.example ?? meta?.example,
    secret: about.secret || meta?.secret === true,
  };
  const ends = endsWithout ?? meta?.endsWithout;

  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    const { innerType, defaultValue } = schema._zod.def;
    return read(innerType, { ...known, fallback: defaultValue }, repeatable, ends);
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional) {
    return read(schema._zod.def.innerType, known, repeatable, ends);
  }
  if (schema instanceof z.ZodPipe) {
    const { in: before, out } = schema._zod.def;
    // A preprocess: its output is what is configured, and the key may be written with an index.
    if (before instanceof z.ZodTransform) return read(out, known, true, ends);
    return read(before, known, repeatable, ends);
  }
  if (schema instanceof z.ZodObject) {
    const keys = Object.entries(schema.shape as Record<string, z.core.$ZodType>).map(
      ([name, inner]) => [name, read(inner, { secret: false }, false)] as const,
    );
    return { kind: 'object', keys: new Map(keys), repeatable };
  }
  if (schema instanceof z.ZodArray && schema.element instanceof z.ZodObject) {
    return { kind: 'array', item: read(schema.element, { secret: false }, false), endsWithout: ends };
  }
  if (schema instanceof z.ZodRecord) {
    return { kind: 'map', item: read(schema.valueType, { secret: false }, false) };
  }
  return { kind: 'leaf', list: takesList(schema), ...known };
}

function takesList(schema: z.core.$ZodType): boolean {
  if (schema instanceof z.ZodUnion) return schema.options.some(takesList);
  return schema instanceof z.ZodArray;
}
