/** The one place that decides what a failed call means. Pure. */
import { readErrorAnswer, requestIdOf, retryAfterOf, type RawAnswer } from './answer.ts';
import {
  AwsAnswerLost,
  AwsBadRequest,
  AwsCallStopped,
  AwsConflict,
  AwsCredentials,
  AwsDenied,
  AwsError,
  AwsLimitExceeded,
  AwsNotFound,
  AwsThrottled,
  AwsUnavailable,
  AwsUnreadableAnswer,
  AwsUnreadableSuccess,
  type AwsErrorFacts,
} from './errors.ts';
import { remedyFor, joinSentences } from './credential-remedies.ts';
import { permissionFor, type Operation } from './permissions.ts';

/** The call that failed. */
export type FailedCall = FailedFacts &
  (
    | { readonly operation: Operation }
    // Of another service than API Gateway: what a policy must allow comes with it.
    | {
        readonly operation: string;
        readonly permission: { readonly action: string; readonly resource: string };
      }
  );

interface FailedFacts {
  readonly account: string;
  readonly region: string;
  /** The call changes something: without a definite answer it may have executed. */
  readonly change: boolean;
  /** Texts that must not be in any message. */
  readonly secrets: readonly string[];
}

/** How the call failed. */
export interface Failure {
  /** What the SDK threw; undefined when the answer itself was refused. */
  readonly error: unknown;
  /** The signed request was handed to the connection. */
  readonly sent: boolean;
  readonly answer?: RawAnswer | undefined;
  /** The caller's signal, or our own time-out, ended the call. */
  readonly ended?: 'stopped' | 'timed-out' | undefined;
}

/** Thrown by the credentials provider, to tell its failures from later ones. */
export class CredentialsUnavailable extends Error {
  override readonly name = 'CredentialsUnavailable';
}

/** Names of errors about credentials or the clock. The call was never executed. */
const credentialNames = new Set([
  'CredentialsUnavailable',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'RequestExpired',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

/** Codes of Node and TLS that mean: no connection was made, so nothing was sent. */
const notConnected =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/u;

/** Maps a failure to its class. An AwsError stays unchanged. */
export function toAwsError(call: FailedCall, failure: Failure): AwsError {
  const { error, answer } = failure;
  if (error instanceof AwsError) return error;
  const { name, message, code, syscall } = describe(error);
  const facts = factsOf(call, answer);
  const say = (text: string): string => redactedLine(text, call.secrets);

  if (name === 'CredentialsUnavailable') return new AwsCredentials(say(message), facts);
  if (answer?.complete) return ofAnswer(call, answer, facts);
  if (!failure.sent) {
    if (failure.ended === 'stopped') return new AwsCallStopped(facts);
    if (failure.ended === 'timed-out') return new AwsUnavailable('timed out before it was sent', facts);
    // Neither a time-out nor AWS: the SDK refuses the input or its configuration.
    return new AwsBadRequest(say(message), facts);
  }
  const neverConnected =
    notConnected.test(code) ||
    syscall === 'connect' ||
    (name === 'TimeoutError' && message.includes('did not establish a connection'));
  if (neverConnected) return new AwsUnavailable(say(`no connection (${code || message})`), facts);
  const why = failure.ended === 'timed-out' ? 'timed out' : say([code, message].filter(Boolean).join(', '));
  if (call.change) return new AwsAnswerLost(`sent, and no answer came: ${why}`, facts);
  return failure.ended === 'stopped' ? new AwsCallStopped(facts) : new AwsUnavailable(why, facts);
}

/** The error for a complete answer of 200 to 299 that AWS would not send. */
export function unreadableAnswer(call: FailedCall, answer: RawAnswer, detail: string): AwsError {
  const text = redactedLine(`HTTP ${answer.status}, but ${detail}`, call.secrets);
  const facts = factsOf(call, answer);
  return call.change ? new AwsUnreadableSuccess(text, facts) : new AwsUnreadableAnswer(text, facts);
}

function ofAnswer(call: FailedCall, answer: RawAnswer, facts: AwsErrorFacts): AwsError {
  const { status } = answer;
  const { name = '', message } = readErrorAnswer(answer);
  const text = redactedLine(name === '' ? message : `${name}: ${message}`, call.secrets);
  if (credentialNames.has(name))
    return new AwsCredentials(joinSentences(text, remedyFor({ name, message })), facts, { refused: true });
  if (name === 'LimitExceededException') return new AwsLimitExceeded(text, facts);
  if (status === 429) return new AwsThrottled(text, facts);
  if (status === 401 || status === 403)
    return new AwsDenied(
      text,
      facts,
      'permission' in call ? call.permission : permissionFor(call.operation, call.region),
    );
  // From here on the answer must be AWS's own: a proxy's 404 must not look like a deleted API.
  if (name === 'NotFoundException') return new AwsNotFound(text, facts);
  if (name === 'ConflictException') return new AwsConflict(text, facts);
  if (name !== '' && status >= 400 && status < 500 && status !== 408) return new AwsBadRequest(text, facts);
  if (call.change) return new AwsAnswerLost(text, facts);
  // An emulator that does not have the operation; AWS itself never says so.
  if (status === 501) return new AwsBadRequest(text, facts);
  return status >= 500 || status === 408
    ? new AwsUnavailable(text, facts)
    : new AwsUnreadableAnswer(text, facts);
}

function factsOf(call: FailedCall, answer: RawAnswer | undefined): AwsErrorFacts {
  const awsRequestId = answer && requestIdOf(answer);
  const retryAfterMs = answer && retryAfterOf(answer);
  const { operation, account, region } = call;
  return {
    operation,
    account,
    region,
    ...(awsRequestId !== undefined && { awsRequestId }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

function describe(error: unknown): { name: string; message: string; code: string; syscall: string } {
  const at = (field: string): string => {
    const value: unknown =
      typeof error === 'object' && error !== null ? Reflect.get(error, field) : undefined;
    return typeof value === 'string' ? value : '';
  };
  return { name: at('name'), message: at('message'), code: at('code'), syscall: at('syscall') };
}

/** One line without secrets. After the first line, a signature error repeats the request with its session token. */
export function redactedLine(text: string, secrets: readonly string[]): string {
  let line = text.split(/[\r\n]/u, 1)[0] ?? '';
  for (const secret of secrets) if (secret !== '') line = line.replaceAll(secret, '[redacted]');
  return line.length > 500 ? `${line.slice(0, 500)}…` : line;
}
