import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * What happens to a request. `before`: it never reaches the upstream. `after`: the upstream has executed it, and only
 * the answer is lost or held back. A request that hangs continues when the fault is released.
 */
export type FaultAction =
  | {
      kind: 'answer';
      status: number;
      body: string;
      headers?: Readonly<Record<string, string>>;
      /** `after`: the upstream executes the request, but gets this answer anyway. Absent: it does not execute it. */
      when?: 'before' | 'after';
    }
  | { kind: 'reset'; when: 'before' | 'after' }
  | { kind: 'hang'; when: 'before' | 'after' }
  | { kind: 'delay'; ms: number };

/** Which requests are affected: all that match, or the first `times` of them. */
export interface FaultRule {
  method?: string;
  /** Matched against path and query on the wire, such as `/usageplans?limit=500`. */
  path?: RegExp;
  /** The AWS region that the request is signed for, whatever the service. */
  region?: string;
  times?: number;
  action: FaultAction;
}

/** A fault that is active. */
export interface Fault {
  /** How many requests it has affected. */
  hits(): number;
  /** Resolves when it affects a request for the first time. */
  readonly reached: Promise<void>;
  /** Removes the fault; requests that hang because of it continue. */
  release(): void;
}

/** A request that came through: its answer, or that its connection was reset. Undefined while it is under way. */
export interface SeenRequest {
  method: string;
  path: string;
  outcome?: number | 'reset';
}

/** An HTTP reverse proxy on loopback with faults on demand. */
export interface FaultProxy {
  url: string;
  /** Adds a fault. When several match, the oldest applies until its `times` are used up. */
  fault(rule: FaultRule): Fault;
  /** Removes all faults. */
  release(): void;
  /** Every request since the start, in order of arrival. */
  requests(): readonly SeenRequest[];
  /** How many such requests have arrived. */
  count(method: string, path: RegExp): number;
  stop(): Promise<void>;
}

/** Error answers of API Gateway, and of what is in front of it. */
export const awsFaults = {
  tooManyRequests: awsError(429, 'TooManyRequestsException', { message: 'Too Many Requests' }),
  accessDenied: awsError(403, 'AccessDeniedException', {
    Message: 'User: arn:aws:iam::123456789012:user/agent is not authorized to perform this operation',
  }),
  badGateway: {
    kind: 'answer',
    status: 502,
    headers: { 'content-type': 'text/html' },
    body: '<html><body><h1>502 Bad Gateway</h1></body></html>',
  },
} as const satisfies Record<string, FaultAction>;

function awsError(status: number, type: string, body: object): Extract<FaultAction, { kind: 'answer' }> {
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': type };
  return { kind: 'answer', status, headers, body: JSON.stringify(body) };
}

interface ActiveFault extends Fault {
  rule: FaultRule;
  hit(): void;
  readonly released: Promise<void>;
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** These headers describe one connection, not the message; the proxy has two connections. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer'];

/** Starts a proxy in front of `target`, an http URL. It is made for tests and holds bodies in memory. */
export async function startFaultProxy({ target }: { target: string }): Promise<FaultProxy> {
  const upstream = new URL(target);
  const faults: ActiveFault[] = [];
  const seen: SeenRequest[] = [];
  const stopping = new AbortController();

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const method = incoming.method ?? '';
    const path = incoming.url ?? '';
    const entry: SeenRequest = { method, path };
    seen.push(entry);
    const body = await readAll(incoming);
    const fault = faults.find((one) => applies(one, method, path, regionOf(incoming.headers)));
    fault?.hit();
    const action = fault?.rule.action;

    const reset = (): void => {
      entry.outcome = 'reset';
      incoming.socket.resetAndDestroy();
    };
    const answer = ({ status, headers, body: content }: Answer): void => {
      entry.outcome = status;
      outgoing.writeHead(status, { ...headers, 'content-length': content.length }).end(content);
    };

    if (action?.kind === 'answer') {
      if (action.when === 'after') await forward(upstream, incoming, body, stopping.signal);
      answer({ status: action.status, headers: action.headers ?? {}, body: Buffer.from(action.body) });
      return;
    }
    if (action?.kind === 'reset' && action.when === 'before') {
      reset();
      return;
    }
    if (action?.kind === 'hang' && action.when === 'before') await fault?.released;
    if (action?.kind === 'delay') await delay(action.ms, undefined, { signal: stopping.signal });
    const answered = await forward(upstream, incoming, body, stopping.signal);
    if (action?.kind === 'reset') {
      reset();
      return;
    }
    if (action?.kind === 'hang' && action.when === 'after') await fault?.released;
    answer(answered);
  }

  const server = createServer((incoming, outgoing) => {
    // The upstream or the client is away; only the end of the connection can tell the other side.
    handle(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const release = (): void => faults.slice().forEach((fault) => fault.release());

  return {
    url: `http://127.0.0.1:${port}`,
    fault: (rule) => {
      const fault = activate(rule, (gone) => {
        const at = faults.indexOf(gone);
        if (at >= 0) faults.splice(at, 1);
      });
      faults.push(fault);
      return fault;
    },
    release,
    requests: () => seen,
    count: (method, path) => seen.filter((one) => one.method === method && path.test(one.path)).length,
    stop: async () => {
      stopping.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      release();
      await closed;
    },
  };
}

function activate(rule: FaultRule, remove: (fault: ActiveFault) => void): ActiveFault {
  const reached = Promise.withResolvers<undefined>();
  const released = Promise.withResolvers<undefined>();
  let hits = 0;
  const fault: ActiveFault = {
    rule,
    hits: () => hits,
    hit: () => {
      hits += 1;
      reached.resolve(undefined);
    },
    reached: reached.promise,
    released: released.promise,
    release: () => {
      remove(fault);
      released.resolve(undefined);
    },
  };
  return fault;
}

function applies(fault: ActiveFault, method: string, path: string, region: string | undefined): boolean {
  const { rule } = fault;
  if (rule.times !== undefined && fault.hits() >= rule.times) return false;
  if (rule.region !== undefined && rule.region !== region) return false;
  return (rule.method ?? method) === method && (rule.path?.test(path) ?? true);
}

/** From the credential's scope: `AKIA.../20261130/eu-west-1/apigateway/aws4_request`. */
function regionOf({ authorization }: IncomingHttpHeaders): string | undefined {
  return /Credential=[^/]+\/\d+\/([^/]+)\//u.exec(authorization ?? '')?.[1];
}

async function forward(
  upstream: URL,
  incoming: IncomingMessage,
  body: Buffer,
  signal: AbortSignal,
): Promise<Answer> {
  signal.throwIfAborted();
  const headers = withoutHopByHop(incoming.headers);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const { hostname, port } = upstream;
    const outgoing = request({
      hostname,
      port,
      path: incoming.url,
      method: incoming.method,
      headers,
      signal,
    });
    outgoing.once('response', resolve).once('error', reject).end(body);
  });
  return {
    status: response.statusCode ?? 0,
    headers: withoutHopByHop(response.headers),
    body: await readAll(response),
  };
}

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function withoutHopByHop(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)));
}
