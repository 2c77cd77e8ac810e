/**
 * `${name}` inside a value, replaced like Spring does it in the official agent: by another key of the configuration, or
 * else by a variable.
 */

/** `${name}` or `${name:default}`, but not `${name:-default}`, which is shell syntax. */
const reference = /\$\{(?<name>[^${}:]+)(?::(?!-)(?<fallback>[^${}]*))?\}/gu;

/** How many steps one reference may lead to another. This also ends circles. */
const deepest = 10;

/**
 * @param lookUp finds a key or a variable by its name
 * @returns the value; a name that is unknown and has no default stays as written
 */
export function withVariables(
  value: string,
  lookUp: (name: string) => string | undefined,
  depth = 0,
): string {
  if (depth === deepest || !value.includes('${')) return value;
  return value.replace(reference, (written: string, name: string, fallback: string | undefined) => {
    const found = lookUp(name.trim()) ?? fallback;
    return found === undefined ? written : withVariables(found, lookUp, depth + 1);
  });
}
