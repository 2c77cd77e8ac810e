import { json } from './answer.ts';
import { AwsError } from './errors.ts';
import { placeOf } from './paging.ts';
import { expiredToken } from './principals.ts';
import type { Answer } from './answer.ts';
import type { Fault } from './faults.ts';
import type { SignedRequest } from './signature.ts';

const HTML = '<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>';
const GARBAGE: Record<'html' | 'xml' | 'json', Answer> = {
  html: { status: 200, headers: { 'content-type': 'text/html' }, body: HTML },
  xml: {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body: '<?xml version="1.0"?><Response><Ok/></Response>',
  },
  json: json(200, { item: 'not a list', items: 7, id: { nested: true }, openapi: ['3'], position: 5 }),
};
/** AWS's error codes for these statuses. */
const ERROR_TYPES: Readonly<Record<number, readonly [string, string]>> = {
  400: ['BadRequestException', 'Bad Request'],
  401: ['UnauthorizedException', 'Unauthorized'],
  403: ['AccessDeniedException', 'Access denied by a fault rule'],
  404: ['NotFoundException', 'Not found'],
  409: ['ConflictException', 'Conflict'],
  429: ['TooManyRequestsException', 'Too Many Requests'],
  503: ['ServiceUnavailableException', 'Service Unavailable'],
};

/** The answer that replaces the real one; undefined when the fault does not replace it. */
export function replacement(fault: Fault, refuse: (error: AwsError) => Answer): Answer | undefined {
  if (fault.kind === 'expired-token') return refuse(expiredToken());
  if (fault.kind === 'garbage') return GARBAGE[fault.shape];
  if (fault.kind !== 'status') return undefined;
  const headers: Record<string, string> =
    fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
  const [code, text] = ERROR_TYPES[fault.status] ?? [undefined, ''];
  const errorType = fault.errorType ?? code;
  if (fault.body === undefined && errorType !== undefined)
    return refuse(new AwsError(fault.status, errorType, fault.message ?? text, headers));
  const type = fault.contentType ?? 'text/html';
  return { status: fault.status, headers: { ...headers, 'content-type': type }, body: fault.body ?? HTML };
}

/** Whether the call is executed although its answer is lost, replaced or cut. */
export function executes(fault: Fault | undefined): boolean {
  switch (fault?.kind) {
    case 'reset-before':
    case 'hang-before':
    case 'expired-token':
      return false;
    case 'status':
    case 'garbage':
      return fault.executed;
    default:
      return true;
  }
}

/** Identifies the same request at another time: instead of a page token it uses the token's place in the list. */
export function staleKey(
  account: string | undefined,
  region: string | undefined,
  request: SignedRequest,
): string {
  const query = new URLSearchParams(request.query);
  const position = query.get('position');
  if (position !== null) {
    const scope = Buffer.from(position, 'base64url').toString('utf8').split('\n')[1] ?? '';
    query.set('position', String(placeOf(position, scope)));
  }
  query.sort();
  return [account, region, request.method, request.path, query.toString()].join(' ');
}
