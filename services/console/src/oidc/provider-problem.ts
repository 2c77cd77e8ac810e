/** What a person is told when a login with the OpenID provider fails: never a code, a token or a secret. */
import { z } from 'zod';
import { describeError } from '@federation-agent/base';
import { describeTlsError } from '@federation-agent/net';
import { ApiProblem } from '../http/api-error.ts';
import type { OidcSettings } from './settings.ts';

/** The provider could not be reached. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  /** With the port, when it has one of its own. */
  readonly host: string;

  constructor(host: string, cause: unknown) {
    super(`${host} does not answer`, { cause });
    this.host = host;
  }
}

/** `openid-client` uses this code. */
const wrongTime = 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED';

/**
 * 401: the login was refused, by the provider or by us. 503: the provider cannot be asked.
 *
 * @param otherwise the status when the error does not decide it
 */
export function problemOf(
  error: unknown,
  { issuer, truststore }: OidcSettings,
  otherwise: 401 | 503,
): ApiProblem {
  const chain = causesOf(error);
  const silent = chain.find((cause) => cause instanceof NoAnswer);
  if (silent) {
    const { host, cause } = silent;
    const context = {
      host,
      key: 'federation.console.oidc',
      truststore: truststore?.path,
      onlyTruststore: true,
    };
    const why = describeTlsError(cause, context) ?? describeError(cause);
    return new ApiProblem(503, `the OpenID provider ${issuer} cannot be reached: ${why}`);
  }
  const refusal = firstText(chain, 'error');
  if (refusal === 'invalid_client')
    return new ApiProblem(401, `the OpenID provider ${issuer} ${unknownClient}`);
  if (refusal !== '') {
    const why = firstText(chain, 'error_description');
    return new ApiProblem(401, `the OpenID provider refused the login: ${refusal}${why && ` (${why})`}`);
  }
  if (textAt(error, 'code') === wrongTime)
    return new ApiProblem(401, "the OpenID provider's token is not valid at this time: check the clocks");
  const what = [...chain.map((cause) => textAt(cause, 'message')), firstText(chain, 'claim')].filter(Boolean);
  return new ApiProblem(
    otherwise,
    `the answer of the OpenID provider ${issuer} is not accepted: ${[...new Set(what)].join(': ')}`,
  );
}

const unknownClient =
  'does not accept the console (invalid_client): check federation.console.oidc.clientId and clientSecret';

/** The error, and what is behind it. */
function causesOf(error: unknown): object[] {
  const chain: object[] = [];
  for (let current = error; typeof current === 'object' && current !== null && chain.length < 5;) {
    chain.push(current);
    current = 'cause' in current ? current.cause : undefined;
    // A list of challenges, from WWW-Authenticate: what the first one says is among its parameters.
    if (Array.isArray(current)) current = Challenge.safeParse(current[0]).data?.parameters;
  }
  return chain;
}

const Challenge = z.object({ parameters: z.record(z.string(), z.unknown()) });

function firstText(chain: readonly object[], field: string): string {
  return chain.map((cause) => textAt(cause, field)).find((text) => text !== '') ?? '';
}

/** A field of an error as short, plain text: the provider, or whoever wrote the address, chose it. */
function textAt(from: unknown, field: string): string {
  const value: unknown = typeof from === 'object' && from !== null ? Reflect.get(from, field) : undefined;
  return typeof value === 'string' ? value.replaceAll(/[^\u{20}-\u{7e}]/gu, ' ').slice(0, 200) : '';
}
