/** Paths of keys, `a.b[0].c`, and the values at them. */

export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

/** The value at a path; undefined when there is none. */
export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    root,
  );
}

/** A copy with another value at the path; undefined removes it. */
export function withValue(root: unknown, path: readonly PropertyKey[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const copy: Record<PropertyKey, unknown> | unknown[] = Array.isArray(root)
    ? [...(root as unknown[])]
    : { ...(typeof root === 'object' && root !== null ? root : {}) };
  const fields = copy as Record<PropertyKey, unknown>;
  const inner = withValue(fields[key], rest, value);
  if (inner === undefined && Array.isArray(copy)) copy.splice(Number(key), 1);
  else if (inner === undefined) Reflect.deleteProperty(fields, key);
  else fields[key] = inner;
  return copy;
}
