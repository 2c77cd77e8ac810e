/** Redacts known secrets by value wherever text leaves the process. One object per process. */

export interface Secrets {
  /** Registers a value; shorter than 4 characters is left alone: it would cut up every other text. */
  add(value: string): void;
  /**
   * The same for values that change often, such as API keys: the last 1,000 are known. More would make every log line
   * expensive, and a key that is not in use at the moment is in no text.
   */
  addRecent(value: string): void;
  redact(text: string): string;
  /** Redacts the strings of a JSON line; it stays valid JSON. */
  redactLine(line: string): string;
}

export const redacted = '[redacted]';
const shortest = 4;
const mostRecent = 1_000;

/** Keys whose values are always secret, wherever they are in a log line. */
const secretNames = [
  'password',
  'secret',
  'secretAccessKey',
  'sessionToken',
  'token',
  'authorization',
  'Authorization',
  'apiKey',
  'x-api-key',
  'sealingKey',
  'externalId',
];

/** Paths for the logger: each name at the top level and up to three levels down. */
export const secretPaths: readonly string[] = secretNames.flatMap((name) => {
  const last = /^\w+$/u.test(name) ? `.${name}` : `["${name}"]`;
  return [last.replace(/^\./u, ''), `*${last}`, `*.*${last}`, `*.*.*${last}`];
});

/** The forms in which the value may appear: itself, in JSON, in a URL, and the token behind `Bearer `. */
function shapesOf(value: string): string[] {
  const token = /^\S+\s+(\S+)$/u.exec(value.trim())?.[1];
  return [value, ...(token === undefined ? [] : [token])].flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text.toWellFormed()),
  ]);
}

/** The library types of the target do not have `RegExp.escape` yet. */
function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/gu, String.raw`\$&`);
}

export function createSecrets(initial: readonly string[] = []): Secrets {
  const lasting = new Set<string>(initial);
  const recent = new Set<string>();
  let known = new Set<string>();
  let pattern: RegExp | undefined;
  let stale = true;

  /** Longest first, so that a secret that contains another one is replaced as a whole. */
  const compile = (): RegExp | undefined => {
    if (!stale) return pattern;
    stale = false;
    known = new Set([...lasting, ...recent].flatMap(shapesOf).filter((shape) => shape.length >= shortest));
    const sorted = [...known].sort((a, b) => b.length - a.length).map((text) => escape(text));
    pattern = sorted.length > 0 ? new RegExp(sorted.join('|'), 'gu') : undefined;
    return pattern;
  };
  const remember = (into: Set<string>, value: string): void => {
    stale ||= !into.has(value);
    // Removed and added again, so that the order is that of the last use.
    into.delete(value);
    into.add(value);
  };

  const redact = (text: string): string => {
    const secrets = compile();
    return secrets ? text.replace(secrets, redacted) : text;
  };
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return redact(value);
    if (typeof value === 'number') return known.has(String(value)) ? redacted : value;
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [redact(key), walk(item)]));
  };

  return {
    add: (value) => remember(lasting, value),
    addRecent: (value) => {
      remember(recent, value);
      const [oldest] = recent;
      if (recent.size > mostRecent && oldest !== undefined) recent.delete(oldest);
    },
    redact,
    redactLine: (line) => {
      if (redact(line) === line) return line;
      try {
        return `${JSON.stringify(walk(JSON.parse(line)))}\n`;
      } catch {
        return redact(line);
      }
    },
  };
}
