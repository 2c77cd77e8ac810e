/**
 * An error as API Gateway or STS answers it: `code` goes into `x-amzn-ErrorType` (or the XML), `message` into the
 * body, `status` is the HTTP status. `headers` are added to the answer (`Retry-After`).
 */
export class AwsError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.name = 'AwsError';
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** 400: the request itself is wrong. */
export function badRequest(message: string): AwsError {
  return new AwsError(400, 'BadRequestException', message);
}

/** 404: the API, stage, plan or key does not exist. */
export function notFound(message: string): AwsError {
  return new AwsError(404, 'NotFoundException', message);
}

/** 409: it exists already, or something prevents it. */
export function conflict(message: string): AwsError {
  return new AwsError(409, 'ConflictException', message);
}

/** Also a 429, but waiting does not help: an object quota is used up. */
export function limitExceeded(message: string): AwsError {
  return new AwsError(429, 'LimitExceededException', message);
}

/** 429: the rate of calls is too high; the call was not executed. `Retry-After` only when a value is given. */
export function tooManyRequests(retryAfterSeconds?: number): AwsError {
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return new AwsError(429, 'TooManyRequestsException', 'Too Many Requests', headers);
}

/** 403: the caller is unknown or not allowed. */
export function forbidden(code: string, message: string): AwsError {
  return new AwsError(403, code, message);
}
