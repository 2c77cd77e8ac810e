/** What goes wrong between us and the broker, and what happens to the work that failed. */
import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream';
import { errors as nats } from '@nats-io/transport-node';
import { type Disposition, FederationError } from '@federation-agent/base';

/** The broker did not answer, or cannot do it now. It may have done what was asked: read again before deciding. */
export class BrokerUnavailableError extends FederationError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'broker-unavailable', disposition: 'retryable', cause });
  }
}

/** The user of the broker may not do this, and nothing changes that but another configuration of the broker. */
export class BrokerDeniedError extends FederationError {
  constructor(what: string, cause: unknown) {
    super(`the user of the broker may not ${what}; npm run broker:users prints what it needs`, {
      code: 'broker-denied',
      disposition: 'final',
      cause,
    });
  }
}

/** A record in a bucket does not parse: a newer version wrote it, or somebody by hand. */
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

/** A compare-and-set lost to other writers so often that something is wrong. */
export class ContendedRecordError extends FederationError {
  constructor(bucket: string, key: string) {
    super(`the record ${key} in the bucket ${bucket} is changed by others again and again`, {
      code: 'contended-record',
      disposition: 'retryable',
    });
  }
}

/** The payload that a message refers to is no longer stored, or its bytes do not match its hash. */
export class PayloadMissingError extends FederationError {
  constructor(sha256: string) {
    super(`the payload ${sha256.slice(0, 12)} is not in the store`, {
      code: 'payload-missing',
      disposition: 'final',
    });
  }
}

/** A handler stops at shutdown: the message goes back to the queue for another replica. */
export class HandBackError extends FederationError {
  constructor(message = 'handed back at shutdown') {
    super(message, { code: 'hand-back', disposition: 'retryable' });
  }
}

/** A handler knows that nobody can handle its message. */
export class PoisonError extends FederationError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'poison', disposition: 'poison', cause });
  }
}

/** A payload of the agent fails its strict schema: APIM's controller would drop the whole reply silently. */
export class InvalidReplyError extends FederationError {
  constructor(type: string, cause: unknown) {
    super(`the ${type} reply does not match its schema`, {
      code: 'invalid-reply',
      disposition: 'final',
      cause,
    });
  }
}

/** Whether the broker refused a subject to the user. The client tells it as the cause of its own errors. */
export function isDenied(error: unknown): boolean {
  for (let at = error; Error.isError(at); at = at.cause)
    if (at instanceof nats.PermissionViolationError) return true;
  return false;
}

/** Whether an error of the broker client means "not now": no answer, no connection, or a 5xx of the JetStream API. */
export function isBrokerNotNow(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.status >= 500;
  // The client does not export these two classes.
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

/**
 * What happens to the work that failed with this error. Our errors say it themselves; an error of the broker client may
 * mean "not now".
 */
export function dispositionOf(error: unknown): Disposition {
  if (error instanceof FederationError) return error.disposition;
  return isBrokerNotNow(error) ? 'retryable' : 'final';
}
