import type { AwsError } from './errors.ts';

/** A complete HTTP answer, before it is written to a socket. */
export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
}

/** A JSON answer. Undefined fields are left out, as AWS leaves out empty ones. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

/** An answer without a body (202 of a delete, 204 of tagging). */
export function empty(status: number): Answer {
  return { status, headers: {}, body: '' };
}

/** An error in the shape of API Gateway: the code in a header, the text in the body. */
export function errorAnswer(error: AwsError): Answer {
  return json(error.status, { message: error.message }, { 'x-amzn-ErrorType': error.code, ...error.headers });
}
