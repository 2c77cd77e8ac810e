/** The names that a key may have in the environment. */

const prefixes = ['gravitee_', 'gravitee.', 'GRAVITEE_', 'GRAVITEE.'] as const;

/** Variables of other tools that mean one of our keys. The key's own variable has priority. */
export const aliases: Readonly<Record<string, string>> = {
  'federation.broker.url': 'NATS_URL',
  'federation.telemetry.otlpEndpoint': 'OTEL_EXPORTER_OTLP_ENDPOINT',
  'federation.log.level': 'GRAVITEE_LOG_LEVEL',
};

/**
 * For `a.b[0].c-d`: unchanged, with `_` for dots, without hyphens, with `_0` for `[0]`, and each of these in upper
 * case.
 *
 * @returns names without prefix, the likeliest first
 */
export function relaxedNames(path: string): readonly string[] {
  const dots = [path.replaceAll('.', '_'), path];
  const indices = dots.flatMap((name) => [name.replace(/\[(\d+)\]/gu, '_$1'), name]);
  const hyphens = indices.flatMap((name) => [name, name.replaceAll('-', '')]);
  return [...new Set(hyphens.flatMap((name) => [name, name.toUpperCase()]))];
}

/** The name without its prefix; undefined when it has no prefix of ours. */
export function withoutPrefix(name: string): string | undefined {
  const prefix = prefixes.find((start) => name.startsWith(start));
  return prefix === undefined ? undefined : name.slice(prefix.length);
}

/** How to write a key in the environment, such as in a compose file. */
export function environmentName(path: string): string {
  return `gravitee_${relaxedNames(path)[0] ?? path}`;
}
