/**
 * Errors: one class per cause, each with its disposition. One place decides by it what becomes of a message:
 * - `retryable`: not now; the same again may work;
 * - `final`: never with this input or this configuration; the caller is told;
 * - `poison`: nobody can handle this message; it becomes a dead letter.
 */
import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream';
import { errors as nats } from '@nats-io/transport-node';

export type Disposition = 'retryable' | 'final' | 'poison';

export interface FederationErrorOptions {
  /** Short and stable, such as `broker-unavailable`; a label in metrics. */
  readonly code: string;
  readonly disposition: Disposition;
  readonly cause?: unknown;
}

/** The base of every error that is ours. Its message is written for people and holds no secret. */
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

/** The configuration cannot be used. `lines` has one entry per mistake; the process exits 2. */
export class ConfigurationError extends FederationError {
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join('\n'), { code: 'configuration', disposition: 'final' });
    this.lines = lines;
  }
}

/** The broker did not answer, or not now. What was asked for may have been done: read again before deciding. */
export class BrokerUnavailableError extends FederationError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'broker-unavailable', disposition: 'retryable', cause });
  }
}

/** A record in a bucket that does not parse: written by something newer, or by hand. */
export class UnreadableRecordError extends FederationError {
  readonly bucket: string;
  readonly key: string;

  constructor(bucket: string, key: string, cause: unknown) {
    super(`the record ${key} in the bucket ${bucket} cannot be read`, {
      code: 'unreadable-record',
      disposition: 'final',
      cause,
    });
    this.bucket = bucket;
    this.key = key;
  }
}

/** A compare-and-set lost to others so often that something is wrong. */
export class ContendedRecordError extends FederationError {
  constructor(bucket: string, key: string) {
    super(`the record ${key} in the bucket ${bucket} is changed by others all the time`, {
      code: 'contended-record',
      disposition: 'retryable',
    });
  }
}

/** A payload that a message refers to is no longer stored, or its bytes are not those of its hash. */
export class PayloadMissingError extends FederationError {
  constructor(sha256: string) {
    super(`the payload ${sha256.slice(0, 12)} is not in the store`, {
      code: 'payload-missing',
      disposition: 'final',
    });
  }
}

/** Thrown by a handler at shutdown: the message goes back to the queue for another replica. */
export class HandBackError extends FederationError {
  constructor(message = 'handed back at shutdown') {
    super(message, { code: 'hand-back', disposition: 'retryable' });
  }
}

/** Thrown by a handler that knows that nobody can handle its message. */
export class PoisonError extends FederationError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'poison', disposition: 'poison', cause });
  }
}

/** A payload of ours that fails its strict schema: the controller would drop the whole reply without a word. */
export class InvalidReplyError extends FederationError {
  constructor(type: string, cause: unknown) {
    super(`the ${type} reply does not match its schema`, {
      code: 'invalid-reply',
      disposition: 'final',
      cause,
    });
  }
}

/** Whether an error of the broker client means "not now": no answer, no connection, or a 5xx of the JetStream API. */
export function isBrokerNotNow(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.status >= 500;
  // The client keeps these two classes to itself.
  if (error instanceof JetStreamError && 'code' in error) return Number(error.code) >= 500;
  if (Error.isError(error) && error.name === 'JetStreamNotEnabled') return true;
  return notNow.some((kind) => error instanceof kind);
}

const notNow = [
  nats.TimeoutError,
  nats.NoRespondersError,
  nats.RequestError,
  nats.ConnectionError,
  nats.ClosedConnectionError,
  nats.DrainingConnectionError,
] as const;

/** What becomes of the work that failed with this error. */
export function dispositionOf(error: unknown): Disposition {
  if (error instanceof FederationError) return error.disposition;
  return isBrokerNotNow(error) ? 'retryable' : 'final';
}

/**
 * One line with the chain of causes. Only messages are taken, never fields: those of an SDK error may hold a request.
 * Known secrets are redacted by the logger.
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
  // An AggregateError of a refused connection has no message, only a code.
  if (typeof code === 'string') return code;
  return typeof name === 'string' ? name : 'unknown error';
}
