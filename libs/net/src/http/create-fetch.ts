/** `fetch` with the configured truststore and proxies, which Node's own does not take. */
import { request as plainRequest, type Agent, type IncomingMessage } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { TlsOptions } from '../tls/tls-options.ts';

export interface CreateFetchOptions {
  readonly tls: TlsOptions;
  /** Such as that of `createProxyAgent`; absent: connect directly. */
  readonly agent?: Agent | undefined;
  /** Bytes; a longer answer is an error. */
  readonly largestAnswer: number;
}

/** What of `RequestInit` is read. */
interface FetchInit {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | URLSearchParams | Uint8Array | ArrayBuffer | ReadableStream | null | undefined;
  readonly signal?: AbortSignal;
}

export type Fetch = (url: string, init: FetchInit) => Promise<Response>;

/** Statuses whose answer may have no body. */
const bodyless: ReadonlySet<number> = new Set([204, 205, 304]);

/** It follows no redirect, and rejects with the errors of Node's sockets and TLS. */
export function createFetch({ tls, agent, largestAnswer }: CreateFetchOptions): Fetch {
  return async (url, { method, headers, body, signal }) => {
    const sent = body ? await bytesToSend(body) : undefined;
    const send = url.startsWith('https:') ? secureRequest : plainRequest;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { method, headers, ...tls, ...(agent && { agent }), ...(signal && { signal }) };
      send(url, options, resolve).on('error', reject).end(sent);
    });
    const read = await bytesOf(answer, largestAnswer);
    const { statusCode: status = 502, rawHeaders } = answer;
    return new Response(bodyless.has(status) ? null : read, { status, headers: pairs(rawHeaders) });
  };
}

async function bytesToSend(body: NonNullable<FetchInit['body']>): Promise<Buffer> {
  const source = body instanceof Uint8Array ? Uint8Array.from(body) : body;
  return Buffer.from(await new Response(source).arrayBuffer());
}

async function bytesOf(answer: IncomingMessage, most: number): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > most) throw new RangeError(`the answer has more than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Names and values take turns. */
function pairs(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? '']] : []));
}
