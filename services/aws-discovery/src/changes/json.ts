/** Fields of JSON that somebody else made: each may be missing or of another type. Pure. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Undefined for anything but a JSON object. */
export function parseJsonObject(text: string | undefined): JsonObject | undefined {
  try {
    return asObject(JSON.parse(text ?? ''));
  } catch {
    return undefined;
  }
}

export function objectAt(object: JsonObject, field: string): JsonObject | undefined {
  return asObject(own(object, field));
}

export function textAt(object: JsonObject, field: string): string | undefined {
  const value = own(object, field);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function own(object: JsonObject, field: string): unknown {
  return Object.hasOwn(object, field) ? object[field] : undefined;
}

function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}
