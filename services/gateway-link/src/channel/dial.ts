/** Opens a WebSocket to an endpoint of APIM. */
import { WebSocket, type ClientOptions } from 'ws';
import { maxMessageBytes, type Limits, type WebSocketConfig } from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import { createProxyAgent, type ProxyRoute } from '@federation-agent/net';
import { dialFailure, tlsOptions } from './tls.ts';

/**
 * The size limit for one message from the controller: more than it accepts itself, far less than what would harm us.
 */
const maxPayload = 4 * maxMessageBytes;

/**
 * The socket's address: the endpoint without a trailing `/`, then `/exchange/controller`; `https` and `wss` mean TLS.
 */
export function exchangeUrl(endpoint: string): URL {
  const url = new URL(endpoint);
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
  url.pathname = `${url.pathname.replace(/\/+$/u, '')}/exchange/controller`;
  url.hash = '';
  return url;
}

/** An endpoint that may be logged: without user, password and query. */
export function shownEndpoint(endpoint: string): string {
  const { protocol, host, pathname } = new URL(endpoint);
  return `${protocol}//${host}${pathname.replace(/\/+$/u, '')}`;
}

export interface DialOptions {
  readonly endpoint: string;
  readonly config: WebSocketConfig;
  readonly limits: Limits;
  /** Absent: every endpoint is reached directly. */
  readonly proxy?: ProxyRoute | undefined;
  readonly onOpen: (socket: WebSocket) => void;
  /**
   * Called once for a dial that never opened. `status` is set when the upgrade was answered with another HTTP status.
   */
  readonly onFailed: (reason: string, status?: number) => void;
}

/**
 * Dials. It offers no extension: `ws` would offer permessage-deflate, and the controller would use it. That would hide
 * a missing fragmenter and cost CPU.
 *
 * @returns a way to cancel before it is open
 */
export function dial(options: DialOptions): { cancel(): void } {
  const { config, onOpen, onFailed } = options;
  const url = exchangeUrl(options.endpoint);
  let ended = false;
  const fail = (reason: string, status?: number): void => {
    if (ended) return;
    ended = true;
    onFailed(reason, status);
  };
  let socket: WebSocket;
  try {
    socket = new WebSocket(url, clientOptions(options));
  } catch (error) {
    // Such as a header that HTTP does not allow, or a truststore that was removed.
    setImmediate(() => fail(describeError(error)));
    return { cancel: () => undefined };
  }
  socket.on('error', (error) => fail(dialFailure(error, url, config)));
  socket.once('unexpected-response', (_request, response) => {
    const status = response.statusCode ?? 0;
    response.resume();
    fail(`the upgrade was answered with HTTP ${status}`, status);
    socket.terminate();
  });
  socket.once('open', () => {
    ended = true;
    onOpen(socket);
  });
  return {
    cancel: () => {
      if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
    },
  };
}

/**
 * The options of a connection: TLS, headers, limits, proxy.
 *
 * @throws ConfigurationError when a store cannot be used
 */
export function clientOptions({
  config,
  limits,
  proxy,
}: Pick<DialOptions, 'config' | 'limits' | 'proxy'>): ClientOptions {
  return {
    ...(proxy && { agent: createProxyAgent(proxy, { connectTimeout: limits.handshakeTimeout }) }),
    ...tlsOptions(config),
    perMessageDeflate: false,
    handshakeTimeout: limits.handshakeTimeout,
    followRedirects: false,
    maxPayload,
    headers: {
      ...Object.fromEntries(config.headers.map(({ name, value }) => [name, value])),
      'X-Gravitee-Exchange-Protocol': 'v1',
    },
  };
}
