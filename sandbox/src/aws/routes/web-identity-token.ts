import { AwsError, forbidden } from '../errors.ts';
import type { WebIdentity } from '../principals.ts';

/** The audience that an IRSA role expects, and that projected service account tokens have. */
const AUDIENCE = 'sts.amazonaws.com';

/**
 * Why STS refuses this token for a role that trusts `trusted`, in AWS's words; undefined when the token is valid. The
 * token's signature is not checked.
 */
export function refusedBy(
  trusted: WebIdentity | undefined,
  token: string,
  now: number,
): AwsError | undefined {
  const claims = claimsOf(token);
  if (claims === undefined)
    return invalid(
      'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    );
  const { iss, sub, aud, exp } = claims;
  const expiry = Number(exp);
  const seconds = Math.floor(now / 1000);
  if (!(expiry > seconds))
    return new AwsError(
      400,
      'ExpiredTokenException',
      `Token expired: current date/time ${seconds} must be before the expiration date/time ${expiry}`,
    );
  if (trusted !== undefined && iss !== trusted.issuer)
    return invalid(`No OpenIDConnect provider found in your account for ${String(iss)}`);
  if (![aud].flat().includes(AUDIENCE)) return invalid('Incorrect token audience');
  return trusted !== undefined && sub === trusted.subject
    ? undefined
    : forbidden('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity');
}

function invalid(message: string): AwsError {
  return new AwsError(400, 'InvalidIdentityToken', message);
}

function claimsOf(token: string): Record<string, unknown> | undefined {
  const [, claims = '', signature] = token.trim().split('.');
  try {
    const value: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
    return signature !== undefined && typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
