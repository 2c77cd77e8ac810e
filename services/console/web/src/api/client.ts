import { failureOf, type Failure } from './failure.ts';

/** A request that did not succeed. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.title);
    this.failure = failure;
  }
}

interface Options {
  readonly signal?: AbortSignal;
}

/** Reads JSON. The server has checked its shape. @throws {RequestFailed} */
export async function get<Value>(path: string, { signal }: Options = {}): Promise<Value> {
  return (await send(path, signal ? { signal } : {})) as Value;
}

/** Reads a text, such as a document from AWS. @throws {RequestFailed} */
export async function getText(path: string, { signal }: Options = {}): Promise<string> {
  return await (await answered(path, signal ? { signal } : {})).text();
}

/**
 * Asks for something to be done. The header proves that a page of the console asks: a form of another site cannot send
 * it. @throws {RequestFailed}
 */
export async function post<Value>(path: string, body: object = {}, method = 'POST'): Promise<Value> {
  const headers = { 'content-type': 'application/json', 'x-federation-console': '1' };
  return (await send(path, { method, headers, body: JSON.stringify(body) })) as Value;
}

async function send(path: string, init: RequestInit): Promise<unknown> {
  const response = await answered(path, init);
  return response.status === 204 ? undefined : await response.json();
}

async function answered(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, { ...init, credentials: 'same-origin' }).catch((error: unknown) => {
    if (init.signal?.aborted) throw error;
    throw new RequestFailed(failureOf(0, undefined));
  });
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => undefined);
  if (response.status === 401) dispatchEvent(new Event(loggedOut));
  throw new RequestFailed(failureOf(response.status, body));
}

/** Sent to the window when the server no longer knows who asks. */
export const loggedOut = 'logged-out';
