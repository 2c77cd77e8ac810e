/**
 * An answer as it came over the wire. Its meaning is read here and in wire.ts, not taken from the SDK: the SDK turns
 * `{}` and `{"message": ...}` into an empty page, and an HTML page into a SyntaxError.
 */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** False: the body was cut off. */
  readonly complete: boolean;
}

/** What an error answer says about itself. */
export interface ErrorAnswer {
  /** Such as `TooManyRequestsException`; absent when the answer is not from AWS. */
  readonly name?: string;
  readonly message: string;
}

/** Reads name and message from `x-amzn-errortype`, a JSON body, or the XML of STS, S3 and some emulators. */
export function readErrorAnswer({ status, headers, body }: RawAnswer): ErrorAnswer {
  const text = body.toString('utf8');
  const json = parseObject(text);
  const named =
    headers['x-amzn-errortype'] ?? textOf(json?.['__type']) ?? textOf(json?.['code']) ?? inXml(text, 'Code');
  // Some answers have `prefix#Name:http://...`.
  const name = named?.split(':')[0]?.split('#').at(-1)?.trim();
  const message =
    textOf(json?.['message']) ??
    textOf(json?.['Message']) ??
    inXml(text, 'Message') ??
    `HTTP ${status} with ${headers['content-type'] ?? 'no content type'}, ${body.length} bytes`;
  return name ? { name, message } : { message };
}

/** AWS's id of the request, from whichever header has it. */
export function requestIdOf({ headers }: RawAnswer): string | undefined {
  return headers['x-amzn-requestid'] ?? headers['x-amzn-request-id'] ?? headers['x-amz-request-id'];
}

/** `Retry-After` in milliseconds. It is in seconds or a date, which is compared with the server's own `Date`. */
export function retryAfterOf({ headers }: RawAnswer): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined) return undefined;
  if (/^\d+(\.\d+)?$/u.test(value)) return Number(value) * 1_000;
  const wait = Date.parse(value) - Date.parse(headers['date'] ?? '');
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

/** A body that is a JSON object; undefined for anything else. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function inXml(text: string, element: string): string | undefined {
  return new RegExp(`<${element}>([^<]+)</${element}>`, 'u').exec(text)?.[1]?.trim();
}
