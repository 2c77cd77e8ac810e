import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { forbidden } from './errors.ts';

/** The content of the `Authorization` header of Signature Version 4. */
export interface Credential {
  readonly accessKeyId: string;
  /** YYYYMMDD */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** A request as it came over the wire. Header names are in lower case. */
export interface SignedRequest {
  readonly method: string;
  /** Path as sent, still encoded. */
  readonly path: string;
  /** Query as sent, without the question mark. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

const HEADER =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
/** AWS accepts a signature for five minutes before and after its own time. */
const VALID_MS = 5 * 60 * 1000;

/** Reads the `Authorization` header; undefined when it is not a Signature Version 4. */
export function readCredential(header: string | undefined): Credential | undefined {
  const [, accessKeyId = '', date = '', region = '', service = '', names = '', signature = ''] =
    HEADER.exec(header ?? '') ?? [];
  if (signature === '') return undefined;
  return { accessKeyId, date, region, service, signedHeaders: names.split(';'), signature };
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Resolves empty segments and dots, then encodes every segment once more (all services except S3). */
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encode(segment));
  }
  const slash = segments.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${segments.join('/')}${slash}`;
}

function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', ...rest] = part.split('=');
      return [encode(decode(name)), encode(decode(rest.join('=')))] as const;
    })
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map((pair) => pair.join('='))
    .join('&');
}

/** Signature Version 4 sorts by code point, not by language rules. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** The signature of this request with `secret` (Signature Version 4, AWS General Reference). */
export function signatureOf(request: SignedRequest, credential: Credential, secret: string): string {
  const headers = credential.signedHeaders.map(
    (name) => `${name}:${(request.headers[name] ?? '').trim().replace(/\s+/g, ' ')}\n`,
  );
  const canonical = [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(request.query),
    headers.join(''),
    credential.signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n');
  const { date, region, service } = credential;
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'] ?? '', scope, sha256(canonical)].join('\n');
  const key = [region, service, 'aws4_request'].reduce<Buffer>(hmac, hmac(`AWS4${secret}`, date));
  return hmac(key, text).toString('hex');
}

/**
 * Checks scope, age and signature of a request at `now` (milliseconds).
 * @throws AwsError 403 InvalidSignatureException
 */
export function verify(
  request: SignedRequest,
  credential: Credential,
  secret: string,
  service: string,
  now: number,
): void {
  const refuse = (message: string) => forbidden('InvalidSignatureException', message);
  if (credential.service !== service)
    throw refuse(`Credential should be scoped to correct service: '${service}'.`);
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(credential.region))
    throw refuse(`Credential should be scoped to a valid region, not '${credential.region}'.`);
  if (!credential.signedHeaders.includes('host'))
    throw refuse("'Host' must be a 'SignedHeader' in the request.");
  const stamp = request.headers['x-amz-date'] ?? '';
  const at = Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(at) || !stamp.startsWith(credential.date))
    throw refuse('Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.');
  if (at < now - VALID_MS)
    throw refuse(
      `Signature expired: ${stamp} is now earlier than ${stampOf(now - VALID_MS)} (${stampOf(now)} - 5 min.)`,
    );
  if (at > now + VALID_MS)
    throw refuse(
      `Signature not yet current: ${stamp} is still later than ${stampOf(now + VALID_MS)} (${stampOf(now)} + 5 min.)`,
    );
  const expected = Buffer.from(signatureOf(request, credential, secret));
  if (!timingSafeEqual(expected, Buffer.from(credential.signature)))
    throw refuse(
      'The request signature we calculated does not match the signature you provided. ' +
        'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
}

function stampOf(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');
}
