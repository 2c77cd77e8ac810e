/** How to fix credentials that AWS or the SDK refuses. Pure. */

/** An error with the name and words of AWS or the SDK. */
export interface Refusal {
  readonly name: string;
  readonly message: string;
}

const clock = 'Set the clock of this host: AWS accepts a signature for five minutes.';
const clockSkew = /Signature (expired|not yet current)|RequestExpired|RequestTimeTooSkewed/u;
const webIdentity =
  'Its trust policy must allow the issuer and subject of the token in AWS_WEB_IDENTITY_TOKEN_FILE, for the audience sts.amazonaws.com.';

/** Checked in this order, against `name: message`. */
const remedies: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [clockSkew, clock],
  [/Token expired: current date/u, 'Mount a token that is renewed at AWS_WEB_IDENTITY_TOKEN_FILE.'],
  [/AssumeRoleWithWebIdentity|InvalidIdentityToken/u, webIdentity],
  [/aws sso login|aws login/u, ''], // The message itself says what to do.
  [
    /expired/iu,
    'Renew the session token at its source; an access key without one, or a role, does not expire.',
  ],
  [
    /^(InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId)/u,
    'Check that the access key exists, is active and belongs to this partition, that a temporary one (ASIA...) has its session token, and that the region is enabled.',
  ],
  [/^(SignatureDoesNotMatch|InvalidSignature|IncompleteSignature)/u, 'Check the secret access key.'],
  [/^RegionDisabled/u, 'Enable the region in the account, or STS in the region.'],
  [
    /Could not load credentials/u,
    'Set accessKeyId and secretAccessKey, or give the process an identity: AWS_ACCESS_KEY_ID, AWS_PROFILE, a web identity (IRSA), a pod identity, a task role or an instance role.',
  ],
  [/^Error: ENOENT|no such file/u, 'Mount the file, or remove the variable that names it.'],
  [
    /ECONN|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|Timeout|no answer of STS/u,
    'Let this host reach it, or name another endpoint of STS in stsEndpointUrl.',
  ],
];

/** How to fix refused credentials; empty when the error says enough. */
export function remedyFor({ name, message }: Refusal): string {
  const text = `${name}: ${message}`;
  return remedies.find(([pattern]) => pattern.test(text))?.[1] ?? '';
}

/** Whether AWS refused because its clock and ours differ. The SDK's client learns AWS's time from that answer. */
export function isClockSkew(text: string): boolean {
  return clockSkew.test(text);
}

/**
 * How to fix a role that cannot be assumed. STS does not say whether the role, the caller or the external id is wrong.
 */
export function remedyForRole(refusal: Refusal, role: { readonly externalId: boolean }): string {
  if (!refusal.name.startsWith('AccessDenied')) return remedyFor(refusal);
  const id = role.externalId
    ? 'asks for the configured externalId'
    : 'asks for no sts:ExternalId (none is configured)';
  return `Check that the role exists, that its trust policy allows this caller and ${id}, and that the caller's own policy allows sts:AssumeRole on it.`;
}

/** Name and first line of anything thrown. Later lines may repeat a request with its session token. */
export function refusalOf(error: unknown): Refusal {
  const at = (field: string): string => {
    const value: unknown =
      typeof error === 'object' && error !== null ? Reflect.get(error, field) : undefined;
    return typeof value === 'string' ? value : '';
  };
  const message = at('message') || at('code') || 'no reason given';
  return { name: at('name') || 'Error', message: message.split(/[\r\n]/u, 1)[0] ?? '' };
}

/** `AccessDenied: User ... is not authorized ...`; a name without meaning is left out. */
export function refusalText({ name, message }: Refusal): string {
  return /^(Error|CredentialsProviderError|TokenProviderError|TypeError)$/u.test(name)
    ? message
    : `${name}: ${message}`;
}

/** Joins sentences with blanks. */
export function joinSentences(...parts: readonly string[]): string {
  return parts
    .filter((part) => part !== '')
    .map((part) => (/[.!?…]$/u.test(part) ? part : `${part}.`))
    .join(' ');
}

/** Whether STS itself did not answer (its own refusals have a status below 500): another endpoint of it may answer. */
export function isUnreachable(error: unknown): boolean {
  const metadata: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, '$metadata') : undefined;
  const status: unknown =
    typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'httpStatusCode') : undefined;
  return typeof status !== 'number' || status >= 500;
}
