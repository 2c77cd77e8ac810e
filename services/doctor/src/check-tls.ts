/** The TLS handshake with an endpoint, made like the agent's, and the certificate chain of the server. */
import { request } from 'node:https';
import { checkServerIdentity, TLSSocket, type DetailedPeerCertificate } from 'node:tls';
import type { Limits, WebSocketConfig } from '@federation-agent/contracts';
import { clientOptions } from '@federation-agent/gateway-link';
import { describeError } from '@federation-agent/base';
import { describeTlsError, isLoopback, type ProxyRoute } from '@federation-agent/net';
import type { CheckResult } from './result.ts';
import { OverdueError, withTimeout } from './with-timeout.ts';

export interface EndpointOptions {
  readonly endpoint: string;
  /** Without secrets. */
  readonly shown: string;
  /** Where it is configured, such as `integration.connector.ws.endpoints[0]`. */
  readonly key: string;
  readonly config: WebSocketConfig;
  readonly limits: Limits;
  readonly proxy: ProxyRoute | undefined;
}

type Found = Omit<CheckResult, 'subject'>;

const tlsMs = 5_000;
const sslKey = 'integration.connector.ws.ssl';
const day = 24 * 60 * 60 * 1_000;
const soon = 30 * day;
const longestChain = 10;

export async function checkTls(options: EndpointOptions, url: URL): Promise<Found> {
  const { endpoint, config } = options;
  if (url.protocol === 'ws:') {
    return isLoopback(endpoint)
      ? { check: 'tls', status: 'ok', detail: 'without TLS, on this host' }
      : {
          check: 'tls',
          status: 'note',
          detail: 'without TLS: anyone on the way can read the token and the API keys',
          fix: `use an https endpoint in ${options.key}`,
        };
  }
  const { path, content } = config.ssl.truststore ?? {};
  const context = {
    host: url.host,
    key: sslKey,
    truststore: path ?? (content === undefined ? undefined : 'the truststore'),
  };
  try {
    const { verdict, leaf } = await handshake(options, url);
    return judge(verdict, leaf, context, config.ssl.trustAll);
  } catch (error) {
    return failed(
      describeTlsError(error, context) ?? describeError(error),
      error instanceof OverdueError
        ? `something takes the connection and does not speak TLS: check host and port in ${options.key}; look at it with: ${look(url)}`
        : `look at it with: ${look(url)}`,
    );
  }
}

function look({ hostname, port }: URL): string {
  return `openssl s_client -connect ${hostname}:${port || '443'} -showcerts </dev/null`;
}

/**
 * Only the handshake is sent. The certificate is checked afterwards, so that a refused certificate can be shown too.
 */
async function handshake({ config, limits, proxy }: EndpointOptions, url: URL): Promise<Shaken> {
  const { createConnection: _ofWs, ...options } = clientOptions({ config, limits, proxy });
  const attempt = request(`https://${url.host}${url.pathname}`, {
    ...options,
    // As with `verifyHost: false`; `ws` has another type for the result.
    checkServerIdentity: config.ssl.verifyHost ? checkServerIdentity : () => undefined,
    agent: options.agent ?? false,
    headers: {},
    rejectUnauthorized: false,
  });
  try {
    const shaken = new Promise<Shaken>((resolve, reject) => {
      attempt.once('error', reject);
      attempt.once('socket', (socket) => {
        if (!(socket instanceof TLSSocket)) reject(new Error('the connection is not TLS'));
        else if (isShaken(socket)) resolve(seen(socket));
        // Read at once: after the server closes the socket, its certificate is no longer available.
        else socket.once('secureConnect', () => resolve(seen(socket)));
      });
    });
    return await withTimeout(tlsMs, shaken);
  } finally {
    attempt.on('error', () => undefined).destroy();
  }
}

/**
 * Through a proxy the handshake may have ended before the socket is returned. The types do not say that there is no
 * result before.
 */
function isShaken({
  authorized,
  authorizationError,
}: {
  authorized: boolean;
  authorizationError: unknown;
}): boolean {
  return authorized || Boolean(authorizationError);
}

interface Shaken {
  /** Undefined: the certificate is trusted. */
  readonly verdict: string | undefined;
  readonly leaf: DetailedPeerCertificate;
}

function seen(socket: TLSSocket): Shaken {
  const leaf = socket.getPeerCertificate(true);
  return { verdict: socket.authorized ? undefined : verdictText(socket.authorizationError), leaf };
}

/** Node returns a code or an error; its types say Error. */
function verdictText(verdict: unknown): string {
  return typeof verdict === 'string' ? verdict : describeError(verdict);
}

function judge(
  verdict: string | undefined,
  leaf: DetailedPeerCertificate,
  context: Parameters<typeof describeTlsError>[1],
  trustAll: boolean,
): Found {
  const lines = chainOf(leaf);
  if (verdict !== undefined && !trustAll) {
    const error = { code: verdict, message: verdict, cert: leaf };
    const [what, ...mends] = (describeTlsError(error, context) ?? verdict).split(/: (.*)/su);
    return { ...failed(what ?? verdict, mends.filter(Boolean).join(': ')), lines };
  }
  if (verdict !== undefined) {
    const detail = `the certificate is not trusted (${verdict}), but ${sslKey}.trustAll accepts any`;
    const fix = `trust it in ${sslKey}.truststore instead: with trustAll anybody between can read the token`;
    return { check: 'tls', status: 'note', detail, fix, lines };
  }
  const left = Date.parse(leaf.valid_to) - Date.now();
  const detail = `the certificate is trusted, until ${leaf.valid_to}`;
  return left < soon
    ? {
        check: 'tls',
        status: 'note',
        detail,
        fix: `renew it at the server: ${Math.floor(left / day)} days are left`,
        lines,
      }
    : { check: 'tls', status: 'ok', detail, lines };
}

function failed(detail: string, fix: string): Found {
  return { check: 'tls', status: 'failed', detail, ...(fix !== '' && { fix }) };
}

function chainOf(leaf: DetailedPeerCertificate): readonly string[] {
  const lines: string[] = [];
  const seen = new Set<string>();
  let at: DetailedPeerCertificate | undefined = leaf;
  while (at !== undefined && !seen.has(at.fingerprint256) && lines.length < longestChain) {
    seen.add(at.fingerprint256);
    const names = at.subjectaltname === undefined ? '' : ` for ${at.subjectaltname}`;
    const above = issuerOf(at);
    const issuer = above?.fingerprint256 === at.fingerprint256 ? 'itself' : nameOf(at.issuer);
    lines.push(`${nameOf(at.subject)}${names}, issued by ${issuer}, until ${at.valid_to}`);
    at = above;
  }
  return lines;
}

/** Node's types do not say that a chain may end before its root. */
function issuerOf({ issuerCertificate }: DetailedPeerCertificate): DetailedPeerCertificate | undefined {
  return issuerCertificate;
}

function nameOf(subject: object): string {
  const { CN, O } = subject as { CN?: string | string[]; O?: string | string[] };
  return [CN ?? O ?? 'nameless'].flat().join('+');
}
