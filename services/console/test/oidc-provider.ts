/** A real OpenID provider on loopback. A test can change the ID tokens that it gives out. */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { ProviderAdapter } from './provider-adapter.ts';

/** What of an ID token a test changes. */
export interface Forgery {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly key?: KeyObject;
}

export interface TestProviderOptions {
  /** The page of the console that the provider knows. */
  readonly redirectUri: string;
  /** By the name that somebody logs in with, the claims besides `sub`, which is `sub-<name>`. */
  readonly accounts: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** A provider that was here before. */
  readonly port?: number;
}

export interface TestProvider {
  readonly issuer: string;
  readonly port: number;
  /** Applies to every ID token from now on. */
  forge(forgery: Forgery): void;
  /** What the provider has given out: codes and tokens. */
  readonly given: readonly string[];
  stop(): Promise<void>;
}

export const clientId = 'federation-console';
export const clientSecret = 'the-client-secret-of-the-console';
/** The header by which a test says who logs in; without it the login is refused. */
export const accountHeader = 'x-account';

const newKey = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;
/** The key of every test provider, and one that is nobody's. */
const ownKey = newKey();
export const foreignKey = newKey();

export async function startTestProvider(options: TestProviderOptions): Promise<TestProvider> {
  const given: string[] = [];
  let forgery: Forgery = {};
  let answer = (_request: IncomingMessage, response: ServerResponse): unknown =>
    response.writeHead(503).end();
  const server = createServer((request, response) => void answer(request, response));
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, configurationOf(options));
  const pass = provider.callback();
  answer = async (request, response) => {
    if (request.url?.startsWith('/interaction/')) {
      await logIn(provider, request, response);
      return;
    }
    if (request.url === '/token') atEnd(response, (body) => forged(body, forgery, given));
    await pass(request, response);
  };
  return {
    issuer,
    port,
    given,
    forge: (next) => (forgery = next),
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function configurationOf({ redirectUri, accounts }: TestProviderOptions): object {
  return {
    adapter: ProviderAdapter,
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    jwks: { keys: [{ ...ownKey.export({ format: 'jwk' }), kid: 'own', alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['only for tests'] },
    pkce: { required: () => true },
    scopes: ['openid', 'profile', 'roles'],
    claims: { openid: ['sub'], profile: ['preferred_username'], roles: ['roles'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId, ...accounts[accountId.replace(/^sub-/u, '')] }),
    }),
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
  };
}

/** Takes the name from the header, and consents to everything. */
async function logIn(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { params } = await provider.interactionDetails(request, response);
  const name = request.headers[accountHeader];
  if (typeof name !== 'string') {
    const refusal = { error: 'access_denied', error_description: 'nobody\n<b>is</b> here' };
    await provider.interactionFinished(request, response, refusal);
    return;
  }
  const accountId = `sub-${name}`;
  const grant = new provider.Grant({ accountId, clientId: params['client_id'] });
  grant.addOIDCScope(params['scope'] ?? '');
  const result = { login: { accountId }, consent: { grantId: await grant.save() } };
  await provider.interactionFinished(request, response, result);
}

/** Changes the body of an answer on its way out. */
function atEnd(response: ServerResponse, change: (body: string) => string): void {
  const end = response.end.bind(response);
  response.end = ((body: unknown) => {
    const changed = Buffer.from(change(String(body)));
    response.setHeader('content-length', changed.length);
    return end(changed);
  }) as typeof response.end;
}

function forged(body: string, { claims, key }: Forgery, given: string[]): string {
  const tokens = JSON.parse(body) as Record<string, string | undefined>;
  const { id_token: idToken, access_token: accessToken } = tokens;
  if (idToken === undefined) return body;
  const [header = '', payload = ''] = idToken.split('.');
  const told = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  const input = `${header}.${Buffer.from(JSON.stringify({ ...told, ...claims })).toString('base64url')}`;
  const changed = `${input}.${sign('sha256', Buffer.from(input), key ?? ownKey).toString('base64url')}`;
  given.push(changed, accessToken ?? '');
  return JSON.stringify({ ...tokens, id_token: changed });
}
