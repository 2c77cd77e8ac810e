/** Connections through a proxy, for `ws` and for the AWS SDK. */
import { Agent as HttpAgent, type AgentOptions, type ClientRequest } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { Agent, type AgentConnectOpts } from 'agent-base';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { SocksProxyAgent } from 'socks-proxy-agent';
import { describeError } from '@federation-agent/base';
import type { ProxyRoute, ProxyServer } from './route.ts';

/**
 * The proxy, not the host behind it, prevents the connection. It has `syscall`, like the errors of Node with the same
 * meaning, so that callers know that nothing was sent. The cause is told only in words, because errors of proxy clients
 * contain passwords.
 */
export class ProxyError extends Error {
  readonly syscall = 'connect';
  readonly proxy: string;

  constructor(server: ProxyServer, what: string) {
    const proxy = `${server.host}:${server.port}`;
    super(`the proxy ${proxy} (${server.from}) ${what}`);
    this.name = 'ProxyError';
    this.proxy = proxy;
  }
}

export interface ProxyAgentOptions extends AgentOptions {
  /** How long the proxy may take to connect with the host, ms. */
  readonly connectTimeout: number;
}

/**
 * An agent that reaches each host by its route. The TLS options of a request (`ca`, `cert`, ...) apply to the host, not
 * to the proxy.
 */
export function createProxyAgent(route: ProxyRoute, options: ProxyAgentOptions): HttpAgent {
  return new ProxyAgent(route, options);
}

class ProxyAgent extends Agent {
  readonly #route: ProxyRoute;
  readonly #connectTimeout: number;
  readonly #direct: { readonly http: HttpAgent; readonly https: HttpsAgent };

  constructor(route: ProxyRoute, { connectTimeout, ...options }: ProxyAgentOptions) {
    super(options);
    this.#route = route;
    this.#connectTimeout = connectTimeout;
    this.#direct = { http: new HttpAgent(options), https: new HttpsAgent(options) };
  }

  override async connect(request: ClientRequest, options: AgentConnectOpts): Promise<Duplex | HttpAgent> {
    const scheme = options.secureEndpoint ? 'https' : 'http';
    const { host = 'localhost', port } = options;
    const server = this.#route(`${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`);
    if (!server) return this.#direct[scheme];
    return within(this.#connectTimeout, server, (signal) =>
      server.type === 'SOCKS4' || server.type === 'SOCKS5'
        ? throughSocks(server, request, options)
        : throughTunnel(server, request, options, signal),
    );
  }

  override destroy(): void {
    this.#direct.http.destroy();
    this.#direct.https.destroy();
    super.destroy();
  }
}

/**
 * Limits the time for the connection: a proxy may accept it and stay silent, and the time-out of a request does not
 * count before the request has its socket.
 */
async function within(
  ms: number,
  server: ProxyServer,
  connect: (signal: AbortSignal) => Promise<Duplex>,
): Promise<Duplex> {
  const overdue = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new ProxyError(server, `did not connect in ${ms} ms`));
    overdue.abort();
  }, ms);
  const socket = connect(overdue.signal);
  // A socket that comes too late is closed.
  socket.then(
    (made) => overdue.signal.aborted && made.destroy(),
    () => undefined,
  );
  try {
    return await Promise.race([socket, late.promise]);
  } catch (error) {
    throw error instanceof ProxyError ? error : new ProxyError(server, `failed: ${describeError(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

/** HTTP CONNECT, also for hosts without TLS, because a WebSocket needs a tunnel anyway. */
async function throughTunnel(
  server: ProxyServer,
  request: ClientRequest,
  options: AgentConnectOpts,
  signal: AbortSignal,
): Promise<Duplex> {
  const agent = new HttpsProxyAgent(urlOf(server, server.type === 'HTTPS' ? 'https' : 'http'), { signal });
  let status = 0;
  agent.once('proxyConnect', ({ statusCode }: { readonly statusCode: number }) => {
    status = statusCode;
  });
  const socket = await agent.connect(request, options);
  if (status === 200) return socket;
  // Otherwise the proxy's answer would be read as the host's.
  socket.destroy();
  if (status !== 407)
    throw new ProxyError(
      server,
      `answers ${status} and lets nobody through to ${options.host ?? ''}:${options.port}`,
    );
  throw new ProxyError(
    server,
    server.username === undefined
      ? `wants a user name and a password${server.from.includes('.') ? `: set ${server.from}.username and ${server.from}.password` : ''}`
      : 'refuses the user name or the password',
  );
}

/** The proxy looks up the host name: behind a proxy the agent often cannot. */
async function throughSocks(
  server: ProxyServer,
  request: ClientRequest,
  options: AgentConnectOpts,
): Promise<Duplex> {
  const agent = new SocksProxyAgent(urlOf(server, server.type === 'SOCKS4' ? 'socks4a' : 'socks5h'));
  return agent.connect(request, options);
}

function urlOf({ host, port, username, password }: ProxyServer, scheme: string): string {
  const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`;
  const user = username === undefined ? '' : `${encodeURIComponent(username)}${secret}@`;
  return `${scheme}://${user}${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
