/** Known secrets, redacted by value wherever text leaves the process. One per process. */

export interface Secrets {
  /** Registers a value; shorter than 4 characters is left alone: it would cut up every other text. */
  add(value: string): void;
  redact(text: string): string;
  /** Redacts the strings of a JSON line, so that it stays JSON. */
  redactLine(line: string): string;
}

export const redacted = '[redacted]';
const shortest = 4;

/** Keys whose values are secret whatever they hold, wherever they appear in a log line. */
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

/** Paths for the logger: each name at the top and up to three levels down. */
export const secretPaths: readonly string[] = secretNames.flatMap((name) => {
  const last = /^\w+$/u.test(name) ? `.${name}` : `["${name}"]`;
  return [last.replace(/^\./u, ''), `*${last}`, `*.*${last}`, `*.*.*${last}`];
});

/** The value as it may appear: itself, in JSON, in a URL, and the token behind `Bearer `. */
function shapesOf(value: string): string[] {
  const token = /^\S+\s+(\S+)$/u.exec(value.trim())?.[1];
  return [value, ...(token === undefined ? [] : [token])].flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text.toWellFormed()),
  ]);
}

/** `RegExp.escape` is not in the library types of the target yet. */
function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/gu, String.raw`\$&`);
}

export function createSecrets(initial: readonly string[] = []): Secrets {
  const known = new Set<string>();
  let pattern: RegExp | undefined;

  const add = (value: string): void => {
    for (const shape of shapesOf(value)) if (shape.length >= shortest) known.add(shape);
    // Longest first: a secret that holds another one is replaced whole.
    const sorted = [...known].sort((a, b) => b.length - a.length).map((text) => escape(text));
    pattern = sorted.length > 0 ? new RegExp(sorted.join('|'), 'gu') : undefined;
  };
  for (const value of initial) add(value);

  const redact = (text: string): string => (pattern ? text.replace(pattern, redacted) : text);
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return redact(value);
    if (typeof value === 'number') return known.has(String(value)) ? redacted : value;
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [redact(key), walk(item)]));
  };

  return {
    add,
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
