/**
 * Errors: one class per cause, each with a disposition. One place (`dispositionOf`, in the broker library) decides by
 * it what happens to a message:
 * - `retryable`: it failed now, but the same may work later;
 * - `final`: it never works with this input or configuration; the caller is told;
 * - `poison`: nobody can handle this message; it becomes a dead letter.
 */
export type Disposition = 'retryable' | 'final' | 'poison';

export interface FederationErrorOptions {
  /** Short and stable, such as `broker-unavailable`; a label in metrics. */
  readonly code: string;
  readonly disposition: Disposition;
  readonly cause?: unknown;
}

/** The base class of our errors. The message is written for people and has no secret. */
export class FederationError extends Error {
  readonly code: string;
  readonly disposition: Disposition;

  constructor(message: string, options: FederationErrorOptions) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = new.target.name;
    this.code = options.code;
    this.disposition = options.disposition;
  }
}

/** The configuration cannot be used. `lines` has one entry per mistake; the process exits with 2. */
export class ConfigurationError extends FederationError {
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join('\n'), { code: 'configuration', disposition: 'final' });
    this.lines = lines;
  }
}

/**
 * One line with the chain of causes. It uses only messages, never fields, because a field of an SDK error may hold a
 * request. The logger redacts known secrets.
 */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 5 && current !== undefined && current !== null; depth += 1) {
    const message = messageOf(current);
    if (!parts.some((part) => part.includes(message))) parts.push(message);
    current = typeof current === 'object' && 'cause' in current ? current.cause : undefined;
  }
  return parts.join(': ').replace(/\s+/gu, ' ').trim();
}

function messageOf(error: unknown): string {
  if (typeof error === 'string') return error;
  if (typeof error !== 'object' || error === null) return String(error);
  const { message, name, code } = error as { message?: unknown; name?: unknown; code?: unknown };
  if (typeof message === 'string' && message !== '') return message;
  // An AggregateError for a refused connection has no message, only a code.
  if (typeof code === 'string') return code;
  return typeof name === 'string' ? name : 'unknown error';
}
