import { AwsError, forbidden } from '../errors.ts';
import { newUuid } from '../ids.ts';
import type { Answer } from '../answer.ts';
import type { Random } from '../ids.ts';
import type { Principal, Principals, Role } from '../principals.ts';
import { refusedBy } from './web-identity-token.ts';

/** A call of STS, in the query protocol: a form in the body and XML in the answer. */
export interface StsCall {
  readonly form: URLSearchParams;
  /** Undefined for the one unsigned call, AssumeRoleWithWebIdentity. */
  readonly caller: Principal | undefined;
  readonly principals: Principals;
  /** Milliseconds. */
  readonly now: number;
  readonly random: Random;
}

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
/** STS has other names than API Gateway for some errors. */
const STS_CODES: Readonly<Record<string, string>> = {
  MissingAuthenticationTokenException: 'MissingAuthenticationToken',
  UnrecognizedClientException: 'InvalidClientTokenId',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  IncompleteSignatureException: 'IncompleteSignature',
  ExpiredTokenException: 'ExpiredToken',
  TooManyRequestsException: 'Throttling',
};

function escapeXml(text: string): string {
  return text.replace(/[<>&'"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function xml(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/xml' }, body };
}

function elements(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`)
    .join('');
}

/** An error as STS answers it. */
export function stsError(error: AwsError): Answer {
  const inner = elements({
    Type: 'Sender',
    // A 400 is about the token of a web identity: STS's own error, with the name in the API reference.
    Code: (error.status === 400 ? undefined : STS_CODES[error.code]) ?? error.code,
    Message: error.message,
  });
  const answer = xml(
    error.status,
    `<ErrorResponse xmlns="${NAMESPACE}"><Error>${inner}</Error></ErrorResponse>`,
  );
  return { ...answer, headers: { ...answer.headers, ...error.headers } };
}

/** The token in the form identifies the caller. */
export const UNSIGNED = 'AssumeRoleWithWebIdentity';

/** Answers GetCallerIdentity, AssumeRole and AssumeRoleWithWebIdentity. @throws AwsError 400 or 403 */
export function answerSts(call: StsCall): Answer {
  const action = call.form.get('Action') ?? '';
  const results: Readonly<Record<string, (call: StsCall) => string>> = {
    GetCallerIdentity: identity,
    AssumeRole: assume,
    [UNSIGNED]: assumeWithToken,
  };
  const result = results[action];
  if (result === undefined) throw new AwsError(400, 'InvalidAction', `Could not find operation ${action}`);
  return xml(
    200,
    `<${action}Response xmlns="${NAMESPACE}"><${action}Result>${result(call)}</${action}Result>` +
      `<ResponseMetadata>${elements({ RequestId: newUuid(call.random) })}</ResponseMetadata></${action}Response>`,
  );
}

function identity({ caller }: StsCall): string {
  return elements({ Arn: caller?.arn ?? '', UserId: caller?.userId ?? '', Account: caller?.account ?? '' });
}

/** Only the role decides who may assume it; the caller's right to `sts:AssumeRole` is not checked. */
function assume(call: StsCall): string {
  const { form, caller, principals } = call;
  const wanted = wantedSession(form);
  const role = principals.findRole(wanted.arn);
  const trusts = role?.trusted.length === 0 || role?.trusted.includes(caller?.policyArn ?? '');
  const externalId = form.get('ExternalId') ?? undefined;
  if (
    role === undefined ||
    trusts !== true ||
    (role.externalId !== undefined && role.externalId !== externalId)
  )
    throw forbidden(
      'AccessDenied',
      `User: ${caller?.arn ?? ''} is not authorized to perform: sts:AssumeRole on resource: ${wanted.arn}`,
    );
  return session(call, role, wanted);
}

function assumeWithToken(call: StsCall): string {
  const { form, principals, now } = call;
  const wanted = wantedSession(form);
  const role = principals.findRole(wanted.arn);
  const refused = refusedBy(role?.webIdentity, form.get('WebIdentityToken') ?? '', now);
  if (refused) throw refused;
  if (role === undefined) throw forbidden('AccessDenied', `Not authorized to perform sts:${UNSIGNED}`);
  return session(call, role, wanted);
}

interface WantedSession {
  readonly arn: string;
  readonly name: string;
  readonly seconds: number;
}

function wantedSession(form: URLSearchParams): WantedSession {
  const arn = required(form, 'RoleArn', /^arn:[\w-]+:iam::\d{12}:role\/.+$/);
  const name = required(form, 'RoleSessionName', /^[\w+=,.@-]{2,64}$/);
  const seconds = Number(form.get('DurationSeconds') ?? 3600);
  if (!(seconds >= 900 && seconds <= 43_200))
    throw validation(`Value '${seconds}' at 'durationSeconds' must be between 900 and 43200`);
  return { arn, name, seconds };
}

function session({ principals, now }: StsCall, role: Role, { name, seconds }: WantedSession): string {
  const principal = principals.addSession(role, name, now + (role.sessionSeconds ?? seconds) * 1000);
  const credentials = elements({
    AccessKeyId: principal.accessKeyId,
    SecretAccessKey: principal.secretAccessKey,
    SessionToken: principal.sessionToken ?? '',
    Expiration: new Date(principal.expiresAt ?? now).toISOString(),
  });
  const user = elements({ AssumedRoleId: principal.userId, Arn: principal.arn });
  return `<Credentials>${credentials}</Credentials><AssumedRoleUser>${user}</AssumedRoleUser>`;
}

function validation(message: string): AwsError {
  return new AwsError(400, 'ValidationError', message);
}

function required(form: URLSearchParams, name: string, pattern: RegExp): string {
  const value = form.get(name) ?? '';
  if (!pattern.test(value)) throw validation(`Value '${value}' at '${name}' is invalid`);
  return value;
}
