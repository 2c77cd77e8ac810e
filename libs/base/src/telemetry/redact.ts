/** Redacts secrets wherever text leaves the process. One object per process. */

export interface Secrets {
  /** Registers a value; shorter than 4 characters is left alone: it would cut up every other text. */
  add(value: string): void;
  /**
   * The same for values that change often, such as API keys: the last 1,000 are known. More would make every log line
   * expensive, and a key that is not in use at the moment is in no text.
   */
  addRecent(value: string): void;
  redact(text: string): string;
  /** Redacts a JSON line by the names of its fields and by value; it stays valid JSON. */
  redactLine(line: string): string;
}

const redacted = '[redacted]';
const shortest = 4;
const mostRecent = 1_000;

/** Names of fields whose values are always secret, at any depth of a log line. */
const secretNames: ReadonlySet<string> = new Set([
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
]);

/** Few lines have such a field: only those are taken apart. */
const secretName = new RegExp(`"(?:${[...secretNames].join('|')})":`, 'u');

/** The forms in which the value may appear: itself, in JSON, in a URL, and the token behind `Bearer `. */
function shapesOf(value: string): string[] {
  const token = /^\S+\s+(\S+)$/u.exec(value.trim())?.[1];
  const texts = token === undefined ? [value] : [value, token];
  const shapes = texts.flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text.toWellFormed()),
  ]);
  return [...new Set(shapes)].filter((shape) => shape.length >= shortest);
}

/** Hashes the first characters of a secret, or those at a place in a text. */
function hashAt(text: string, at: number): number {
  let hash = 0;
  for (let index = at; index < at + shortest; index += 1) hash = (hash * 31 + text.charCodeAt(index)) | 0;
  return hash;
}

/**
 * Shapes of secrets, found by their first characters. To add one costs the same however many there are, and so does a
 * search. A pattern of all of them would be compiled anew for each key that is made.
 */
function createShapes() {
  /** Longest first, so that a secret that contains another one is replaced as a whole. */
  const byStart = new Map<number, string[]>();
  const uses = new Map<string, number>();
  return {
    has: (text: string): boolean => uses.has(text),
    add: (shape: string): void => {
      const used = uses.get(shape) ?? 0;
      uses.set(shape, used + 1);
      if (used > 0) return;
      const start = hashAt(shape, 0);
      const sameStart = [...(byStart.get(start) ?? []), shape];
      byStart.set(
        start,
        sameStart.sort((a, b) => b.length - a.length),
      );
    },
    remove: (shape: string): void => {
      const used = uses.get(shape) ?? 0;
      if (used > 1) return void uses.set(shape, used - 1);
      uses.delete(shape);
      const start = hashAt(shape, 0);
      const left = (byStart.get(start) ?? []).filter((one) => one !== shape);
      if (left.length > 0) byStart.set(start, left);
      else byStart.delete(start);
    },
    replaceIn: (text: string): string => {
      let result = '';
      let copied = 0;
      for (let at = 0; at + shortest <= text.length;) {
        const found = byStart.get(hashAt(text, at))?.find((shape) => text.startsWith(shape, at));
        if (found === undefined) {
          at += 1;
          continue;
        }
        result += text.slice(copied, at) + redacted;
        at += found.length;
        copied = at;
      }
      return copied === 0 ? text : result + text.slice(copied);
    },
  };
}

export function createSecrets(initial: readonly string[] = []): Secrets {
  const lasting = new Set<string>();
  const recent = new Set<string>();
  const shapes = createShapes();
  const redact = shapes.replaceIn;

  const add = (value: string): void => {
    if (lasting.has(value)) return;
    lasting.add(value);
    shapesOf(value).forEach(shapes.add);
  };
  const addRecent = (value: string): void => {
    // Removed and added again, so that the order is that of the last use.
    if (!recent.delete(value)) shapesOf(value).forEach(shapes.add);
    recent.add(value);
    const [oldest] = recent;
    if (recent.size <= mostRecent || oldest === undefined) return;
    recent.delete(oldest);
    shapesOf(oldest).forEach(shapes.remove);
  };
  initial.forEach(add);

  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return redact(value);
    if (typeof value === 'number') return shapes.has(String(value)) ? redacted : value;
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [redact(key), secretNames.has(key) ? redacted : walk(item)]),
    );
  };

  return {
    add,
    addRecent,
    redact,
    redactLine: (line) => {
      if (!secretName.test(line) && redact(line) === line) return line;
      try {
        return `${JSON.stringify(walk(JSON.parse(line)))}\n`;
      } catch {
        return redact(line);
      }
    },
  };
}
