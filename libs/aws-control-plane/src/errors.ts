/** How an AWS call may fail: one class per cause. No message has the value of an API key. */
import { type Disposition, FederationError } from '@federation-agent/base';

/** Facts about the failed call. */
export interface AwsErrorFacts {
  /** Such as `GetUsagePlans`. */
  readonly operation: string;
  readonly account: string;
  readonly region: string;
  readonly awsRequestId?: string;
  /** AWS's Retry-After, milliseconds. */
  readonly retryAfterMs?: number;
}

/** The base class of all errors of AWS calls. */
export abstract class AwsError extends FederationError implements AwsErrorFacts {
  readonly operation: string;
  readonly account: string;
  readonly region: string;
  readonly awsRequestId?: string;
  readonly retryAfterMs?: number;

  constructor(detail: string, facts: AwsErrorFacts, code: string, disposition: Disposition) {
    const { operation, account, region, awsRequestId, retryAfterMs } = facts;
    const id = awsRequestId === undefined ? '' : ` (AWS request ${awsRequestId})`;
    super(`${operation} in ${account}/${region}: ${detail}${id}`, { code, disposition });
    this.operation = operation;
    this.account = account;
    this.region = region;
    if (awsRequestId !== undefined) this.awsRequestId = awsRequestId;
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
  }
}

/** 429: too many calls in this account and region. Not executed. */
export class AwsThrottled extends AwsError {
  constructor(detail: string, facts: AwsErrorFacts) {
    super(detail, facts, 'aws-throttled', 'retryable');
  }
}

/**
 * LimitExceededException, also a 429: a quota such as 10,000 API keys is used up. Not executed; a repeat does not
 * help.
 */
export class AwsLimitExceeded extends AwsError {
  constructor(detail: string, facts: AwsErrorFacts) {
    super(detail, facts, 'aws-limit-exceeded', 'final');
  }
}

/** 401 or 403 of any kind. `action` and `resource` are what a policy must allow. */
export class AwsDenied extends AwsError {
  /** Such as `apigateway:GET`. */
  readonly action: string;
  /** Such as `arn:aws:apigateway:*::/usageplans`. */
  readonly resource: string;

  constructor(detail: string, facts: AwsErrorFacts, permission: { action: string; resource: string }) {
    super(`needs ${permission.action} on ${permission.resource}: ${detail}`, facts, 'aws-denied', 'final');
    this.action = permission.action;
    this.resource = permission.resource;
  }
}

/** Credentials are missing, expired or unknown, or a role cannot be assumed. Not executed. */
export class AwsCredentials extends AwsError {
  /** AWS refused the credentials: newer ones may be accepted. */
  readonly refused: boolean;

  constructor(detail: string, facts: AwsErrorFacts, { refused = false } = {}) {
    super(detail, facts, 'aws-credentials', 'retryable');
    this.refused = refused;
  }
}

/** 400: AWS refuses this input, and always will. */
export class AwsBadRequest extends AwsError {
  constructor(detail: string, facts: AwsErrorFacts) {
    super(detail, facts, 'aws-bad-request', 'final');
  }
}

/** AWS's own NotFoundException. A 404 that a proxy sends does not count. */
export class AwsNotFound extends AwsError {
  constructor(detail: string, facts: AwsErrorFacts) {
    super(detail, facts, 'aws-not-found', 'final');
  }
}

/** AWS's own ConflictException. */
export class AwsConflict extends AwsError {
  constructor(detail: string, facts: AwsErrorFacts) {
    super(detail, facts, 'aws-conflict', 'final');
  }
}

/** AWS was not reachable, or a read ended with a 5xx or a time-out. A change with this code was not sent. */
export class AwsUnavailable extends AwsError {
  constructor(detail: string, facts: AwsErrorFacts) {
    super(detail, facts, 'aws-unavailable', 'retryable');
  }
}

/** A change was sent and got no definite answer (time-out, reset, 5xx, not understood): it may have executed. */
export class AwsAnswerLost extends AwsError {
  constructor(detail: string, facts: AwsErrorFacts) {
    super(detail, facts, 'aws-answer-lost', 'retryable');
  }
}

/** A change was answered with success, but not in AWS's form: it was done, and nobody knows what was done. */
export class AwsUnreadableSuccess extends AwsError {
  constructor(detail: string, facts: AwsErrorFacts) {
    super(detail, facts, 'aws-unreadable-success', 'retryable');
  }
}

/** The answer to a read is not of AWS's form: HTML, another shape, or the same page again and again. */
export class AwsUnreadableAnswer extends AwsError {
  constructor(detail: string, facts: AwsErrorFacts) {
    super(detail, facts, 'aws-unreadable-answer', 'retryable');
  }
}

/** The deadline passed before the call was sent. Nothing was sent. */
export class DeadlinePassed extends AwsError {
  constructor(facts: AwsErrorFacts) {
    super('the deadline passed before it was sent', facts, 'aws-deadline-passed', 'final');
  }
}

/** The caller stopped the call before it was sent, or stopped a read under way. Nothing was changed. */
export class AwsCallStopped extends AwsError {
  constructor(facts: AwsErrorFacts) {
    super('stopped', facts, 'aws-call-stopped', 'retryable');
  }
}

/**
 * Whether AWS will not tell, and never will: the policy lacks the right, or this AWS does not have the operation, as
 * emulators answer (moto: 404 without a name, or HTML; LocalStack: 501).
 */
export function isRefused(error: unknown): boolean {
  return error instanceof AwsDenied || error instanceof AwsBadRequest || error instanceof AwsNotFound;
}

/**
 * Whether a change that failed with this error certainly did not execute and never will, or certainly met a conflict.
 * False for AwsAnswerLost, AwsUnreadableSuccess, and for errors that are not from an AWS call.
 */
export function isDefiniteFailure(error: unknown): boolean {
  const open = [AwsAnswerLost, AwsUnreadableSuccess, AwsUnreadableAnswer];
  return error instanceof AwsError && !open.some((kind) => error instanceof kind);
}
