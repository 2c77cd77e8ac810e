/** Asks the console's HTTP API. */
import type { z } from 'zod';
import { describeError } from '@federation-agent/base';
import { ApiError, csrfHeader } from '../api/index.ts';
import { CtlError } from './ctl-error.ts';

export interface ClientOptions {
  /** Such as `http://localhost:18087`. */
  readonly url: string;
  /** Absent: the console asks for no password. */
  readonly credentials?: { readonly user: string; readonly password: string };
}

/** @throws CtlError for whatever goes wrong, with the exit code that fits */
export interface Client {
  get<T>(path: string, schema: z.ZodType<T>, query?: Query): Promise<T>;
  post<T>(path: string, schema: z.ZodType<T>, body?: object): Promise<T>;
  /** The body as it comes. */
  stream(path: string, query?: Query): Promise<AsyncIterable<Uint8Array>>;
}

/** Undefined values are left out. */
type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export function createClient({ url, credentials }: ClientOptions): Client {
  const headers: Record<string, string> = { [csrfHeader]: '1' };
  if (credentials) {
    const { user, password } = credentials;
    headers['authorization'] = `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
  }

  const ask = async (path: string, query: Query, init: RequestInit): Promise<Response> => {
    const target = new URL(path, url);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) target.searchParams.set(name, String(value));
    }
    let response: Response;
    try {
      response = await fetch(target, { redirect: 'error', ...init });
    } catch (error) {
      const why =
        error instanceof Error && error.cause !== undefined
          ? describeError(error.cause)
          : describeError(error);
      throw new CtlError(
        'unreachable',
        `${target.origin} does not answer: ${why}. --url says where the console is`,
      );
    }
    if (response.ok) return response;
    throw await refusal(response);
  };

  return {
    get: async (path, schema, query = {}) => {
      const response = await ask(path, query, { headers });
      return schema.parse(await response.json());
    },
    post: async (path, schema, body = {}) => {
      const json = { ...headers, 'content-type': 'application/json' };
      const response = await ask(path, {}, { method: 'POST', headers: json, body: JSON.stringify(body) });
      return schema.parse(await response.json());
    },
    stream: async (path, query = {}) => {
      const { body } = await ask(path, query, { headers });
      return body ?? new ReadableStream<Uint8Array>();
    },
  };
}

async function refusal(response: Response): Promise<CtlError> {
  const said = ApiError.safeParse(await response.json().catch(() => undefined));
  const message = said.success ? said.data.message : `status ${response.status}`;
  if (response.status === 401)
    return new CtlError(
      'denied',
      `${message}. FEDERATION_CTL_USER and FEDERATION_CTL_PASSWORD are the login`,
    );
  if (response.status === 403) return new CtlError('denied', message);
  return new CtlError(response.status === 503 ? 'unreachable' : 'failed', message);
}
