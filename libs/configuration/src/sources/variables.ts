/**
 * `${name}` inside a value, as Spring replaces it in the official agent: another key of the configuration, else a
 * variable.
 */

/** `${name}`, or `${name:default}`; not `${name:-default}`, which is a shell's. */
const reference = /\$\{(?<name>[^${}:]+)(?::(?!-)(?<fallback>[^${}]*))?\}/gu;

/** So deep may one lead to another; a circle ends here. */
const deepest = 10;

/**
 * @param lookUp a key or a variable by its name
 * @returns the value; what leads nowhere and has no default stays as it was written
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
