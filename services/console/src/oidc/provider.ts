/** The OpenID provider: the authorization code flow with PKCE, state and nonce, by `openid-client`. */
import {
  createFetch,
  createProxyAgent,
  tlsOptions,
  type Fetch,
  type ProxyRoute,
} from '@federation-agent/net';
import type * as OpenidClient from 'openid-client';
import type { ClientAuth, Configuration } from 'openid-client';
import { areComplete, type Claims } from './claims.ts';
import type { LoginChecks } from './pending-logins.ts';
import { NoAnswer, problemOf } from './provider-problem.ts';
import { remembered } from './remembered.ts';
import type { OidcSettings } from './settings.ts';

export interface Provider {
  /** @returns the address where the person logs in. @throws ApiProblem 503 when the provider cannot be asked */
  begin(): Promise<{ readonly url: string; readonly checks: LoginChecks }>;
  /**
   * Exchanges the code for tokens, checks the ID token with its signature, and forgets the tokens.
   *
   * @param query what the provider sent the browser back with
   * @returns the claims; those of the user info too when the ID token lacks one that is read
   * @throws ApiProblem 401 for a login that is refused, 503 when the provider cannot be asked
   */
  finish(query: string, checks: LoginChecks): Promise<Claims>;
}

export interface ProviderOptions {
  /** Epoch ms. */
  readonly now: () => number;
  /** Absent: no proxy for any URL. */
  readonly route?: ProxyRoute | undefined;
}

const answerSeconds = 10;
/** What the provider says about itself is read again after this time; after a failure, much sooner. */
const keptMs = { good: 10 * 60_000, bad: 5_000 };
const largestAnswer = 1024 * 1024;

/** Loaded at the first login, because most agents have no provider. */
type Client = typeof OpenidClient;

interface Discovered {
  readonly client: Client;
  readonly configuration: Configuration;
}

export function createProvider(settings: OidcSettings, { now, route }: ProviderOptions): Provider {
  const fetch = fetchFor(settings, route);
  const discovered = remembered(() => discover(settings, fetch), { ...keptMs, now });
  const telling = async <Value>(work: (found: Discovered) => Promise<Value>): Promise<Value> => {
    const found = await discovered().catch((error: unknown) => {
      throw problemOf(error, settings, 503);
    });
    return await work(found).catch((error: unknown) => {
      throw problemOf(error, settings, 401);
    });
  };
  return {
    begin: () => telling((found) => beginAt(found, settings)),
    finish: (query, checks) => telling((found) => finishAt(found, settings, query, checks)),
  };
}

async function beginAt(
  { client, configuration }: Discovered,
  { scope, redirectUri }: OidcSettings,
): Promise<{ url: string; checks: LoginChecks }> {
  const checks = {
    state: client.randomState(),
    nonce: client.randomNonce(),
    verifier: client.randomPKCECodeVerifier(),
  };
  const url = client.buildAuthorizationUrl(configuration, {
    scope,
    redirect_uri: redirectUri,
    state: checks.state,
    nonce: checks.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(checks.verifier),
    code_challenge_method: 'S256',
  });
  return { url: url.href, checks };
}

async function finishAt(
  { client, configuration }: Discovered,
  settings: OidcSettings,
  query: string,
  { state, nonce, verifier }: LoginChecks,
): Promise<Claims> {
  const answer = new URL(settings.redirectUri);
  answer.search = query;
  const tokens = await client.authorizationCodeGrant(configuration, answer, {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: verifier,
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  if (claims === undefined)
    throw new TypeError('openid-client has answered without the ID token that it checked');
  const { userinfo_endpoint: more } = configuration.serverMetadata();
  if (areComplete(claims, settings) || more === undefined) return claims;
  return { ...(await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)), ...claims };
}

async function discover(settings: OidcSettings, fetch: Fetch): Promise<Discovered> {
  const client = await import('openid-client');
  const { issuer, clientId, clientSecret } = settings;
  const execute = [client.enableNonRepudiationChecks]; // Checks signatures too; TLS alone is enough for the standard.
  // oxlint-disable-next-line typescript/no-deprecated -- only marked to stand out; beyond loopback http is refused
  if (issuer.startsWith('http:')) execute.push(client.allowInsecureRequests);
  const configuration = await client.discovery(
    new URL(issuer),
    clientId,
    {},
    clientSecret === undefined ? client.None() : secretAuthentication(client, clientSecret),
    { [client.customFetch]: fetch, timeout: answerSeconds, execute },
  );
  return { client, configuration };
}

/** By Basic, which is the standard's default, unless the provider says that it takes it only otherwise. */
function secretAuthentication(client: Client, secret: string): ClientAuth {
  const [basic, post] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)];
  return (server, ...rest) => {
    const { token_endpoint_auth_methods_supported: methods = ['client_secret_basic'] } = server;
    (methods.includes('client_secret_basic') ? basic : post)(server, ...rest);
  };
}

/** The truststore is read anew for each request, so that one that was replaced is used. */
function fetchFor({ truststore }: OidcSettings, route: ProxyRoute | undefined): Fetch {
  const agent = route && createProxyAgent(route, { connectTimeout: answerSeconds * 1_000 });
  return async (url, init) => {
    const tls = tlsOptions('federation.console.oidc', { trustAll: false, verifyHost: true, truststore });
    try {
      return await createFetch({ tls, agent, largestAnswer })(url, init);
    } catch (cause) {
      throw new NoAnswer(new URL(url).host, cause);
    }
  };
}
