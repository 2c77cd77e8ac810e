import { describe, expect, test } from '@jest/globals';
import type { RawAnswer } from './answer.ts';
import { AwsConflict, AwsDenied, isDefiniteFailure, type AwsError } from './errors.ts';
import { CredentialsUnavailable, toAwsError, unreadableAnswer, type FailedCall } from './to-aws-error.ts';

const read: FailedCall = {
  operation: 'GetUsagePlans',
  account: '123456789012',
  region: 'eu-west-1',
  change: false,
  secrets: [],
};
const create: FailedCall = {
  ...read,
  operation: 'CreateApiKey',
  change: true,
  secrets: ['s3cretValue0123456789'],
};

function answer(status: number, body: string, headers: Record<string, string> = {}): RawAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(body),
    complete: true,
  };
}
const aws = (status: number, name: string, message = 'text', headers = {}): RawAnswer =>
  answer(status, JSON.stringify({ message }), { 'x-amzn-errortype': name, ...headers });
const html = (status: number): RawAnswer =>
  answer(status, '<html>Bad</html>', { 'content-type': 'text/html' });

function codes(given: RawAnswer): [string, string] {
  const of = (call: FailedCall): AwsError =>
    toAwsError(call, { error: new SyntaxError('<'), sent: true, answer: given });
  return [of(read).code, of(create).code];
}

describe('an answer of AWS, for a read and for a creating call', () => {
  test.each<[string, RawAnswer, string, string]>([
    ['429', aws(429, 'TooManyRequestsException'), 'aws-throttled', 'aws-throttled'],
    ['429 of a proxy', html(429), 'aws-throttled', 'aws-throttled'],
    ['a used up quota', aws(429, 'LimitExceededException'), 'aws-limit-exceeded', 'aws-limit-exceeded'],
    ['400', aws(400, 'BadRequestException'), 'aws-bad-request', 'aws-bad-request'],
    ['400 of a proxy', html(400), 'aws-unreadable-answer', 'aws-answer-lost'],
    ['401', aws(401, 'UnauthorizedException'), 'aws-denied', 'aws-denied'],
    ['403', aws(403, 'AccessDeniedException'), 'aws-denied', 'aws-denied'],
    ['403 in HTML', html(403), 'aws-denied', 'aws-denied'],
    ['404', aws(404, 'NotFoundException'), 'aws-not-found', 'aws-not-found'],
    ['404 of a proxy', html(404), 'aws-unreadable-answer', 'aws-answer-lost'],
    ['409', aws(409, 'ConflictException'), 'aws-conflict', 'aws-conflict'],
    ['409 of a proxy', html(409), 'aws-unreadable-answer', 'aws-answer-lost'],
    ['408 of a proxy', html(408), 'aws-unavailable', 'aws-answer-lost'],
    ['500', aws(500, 'InternalError'), 'aws-unavailable', 'aws-answer-lost'],
    ['502 in HTML', html(502), 'aws-unavailable', 'aws-answer-lost'],
    ['503', aws(503, 'ServiceUnavailableException'), 'aws-unavailable', 'aws-answer-lost'],
    ['a redirect', html(302), 'aws-unreadable-answer', 'aws-answer-lost'],
    ['an expired token', aws(403, 'ExpiredTokenException'), 'aws-credentials', 'aws-credentials'],
    [
      'a name with a URL',
      aws(404, 'NotFoundException:http://internal.amazon.com/'),
      'aws-not-found',
      'aws-not-found',
    ],
    [
      'a name in the body',
      answer(400, '{"__type":"com.aws#BadRequestException"}'),
      'aws-bad-request',
      'aws-bad-request',
    ],
  ])('%s', (_name, given, ofRead, ofCreate) => expect(codes(given)).toEqual([ofRead, ofCreate]));

  test('XML with status 403 says what happened by its code', () => {
    const xml = (code: string): RawAnswer =>
      answer(
        403,
        `<Response><Errors><Error><Code>${code}</Code><Message>No</Message></Error></Errors></Response>`,
        {
          'content-type': 'text/xml',
        },
      );
    expect(codes(xml('AccessDenied'))).toEqual(['aws-denied', 'aws-denied']);
    expect(codes(xml('InvalidClientTokenId'))).toEqual(['aws-credentials', 'aws-credentials']);
  });

  test('a body that was cut off says nothing', () => {
    expect(codes({ ...aws(409, 'ConflictException'), complete: false })).toEqual([
      'aws-unavailable',
      'aws-answer-lost',
    ]);
  });

  test('200 of another shape is unreadable for a read, and a success of which nothing is known for a change', () => {
    expect(unreadableAnswer(read, html(200), 'HTML').code).toBe('aws-unreadable-answer');
    expect(unreadableAnswer(create, html(200), 'HTML').code).toBe('aws-unreadable-success');
  });
});

describe('no answer', () => {
  const failed = (fields: object, ended?: 'stopped' | 'timed-out', sent = true): [string, string] => {
    const of = (call: FailedCall): string =>
      toAwsError(call, { error: Object.assign(new Error('boom'), fields), sent, ended }).code;
    return [of(read), of(create)];
  };

  test.each<[string, object]>([
    ['refused', { code: 'ECONNREFUSED' }],
    ['refused on every address', { name: 'AggregateError', code: 'ECONNREFUSED', message: '' }],
    ['no such host', { code: 'ENOTFOUND', syscall: 'getaddrinfo' }],
    ['a certificate', { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }],
    ['a time-out of connect', { code: 'ETIMEDOUT', syscall: 'connect', name: 'TimeoutError' }],
    [
      'the connection time-out',
      { name: 'TimeoutError', message: 'the request socket did not establish a connection with' },
    ],
  ])('not executed: %s', (_name, fields) =>
    expect(failed(fields)).toEqual(['aws-unavailable', 'aws-unavailable']),
  );

  test.each<[string, object]>([
    ['reset', { name: 'TimeoutError', code: 'ECONNRESET' }],
    ['a time-out after sending', { name: 'TimeoutError', code: 'ETIMEDOUT' }],
    ['a broken pipe', { code: 'EPIPE' }],
    ['anything else', {}],
  ])('perhaps executed: %s', (_name, fields) =>
    expect(failed(fields)).toEqual(['aws-unavailable', 'aws-answer-lost']),
  );

  test('stopped or timed out, before and after it was sent', () => {
    const abort = { name: 'AbortError' };
    expect(failed(abort, 'stopped', false)).toEqual(['aws-call-stopped', 'aws-call-stopped']);
    expect(failed(abort, 'stopped')).toEqual(['aws-call-stopped', 'aws-answer-lost']);
    expect(failed(abort, 'timed-out', false)).toEqual(['aws-unavailable', 'aws-unavailable']);
    expect(failed(abort, 'timed-out')).toEqual(['aws-unavailable', 'aws-answer-lost']);
  });

  test('no credentials; an input that the SDK refuses', () => {
    const failure = { error: new CredentialsUnavailable('no credentials: none'), sent: false };
    expect(toAwsError(create, failure).code).toBe('aws-credentials');
    expect(failed({}, undefined, false)).toEqual(['aws-bad-request', 'aws-bad-request']);
  });
});

describe('what an error says', () => {
  test('a denial names the statement that is missing', () => {
    const failure = {
      error: undefined,
      sent: true,
      answer: aws(403, 'AccessDeniedException', 'not authorized'),
    };
    const error = toAwsError(read, failure);
    expect(error).toBeInstanceOf(AwsDenied);
    expect(error.message).toContain('GetUsagePlans in 123456789012/eu-west-1');
    expect(error.message).toContain('needs apigateway:GET on arn:aws:apigateway:*::/usageplans');
    expect(toAwsError({ ...read, region: 'cn-north-1' }, failure).message).toContain(
      'arn:aws-cn:apigateway:*::/usageplans',
    );
  });

  test('request id and Retry-After, as seconds and as a date', () => {
    const of = (headers: Record<string, string>): AwsError =>
      toAwsError(read, {
        error: undefined,
        sent: true,
        answer: aws(429, 'TooManyRequestsException', 'slow', { 'x-amzn-requestid': 'id-1', ...headers }),
      });
    expect(of({ 'retry-after': '7' })).toMatchObject({ retryAfterMs: 7_000, awsRequestId: 'id-1' });
    const date = 'Wed, 21 Oct 2026 07:28:00 GMT';
    expect(of({ date, 'retry-after': 'Wed, 21 Oct 2026 07:28:09 GMT' }).retryAfterMs).toBe(9_000);
    expect(of({ 'retry-after': 'soon' }).retryAfterMs).toBeUndefined();
  });

  test('the key value is redacted, and only the first line of a signature error is kept', () => {
    const quoted = aws(400, 'BadRequestException', 'Invalid value s3cretValue0123456789');
    expect(toAwsError(create, { error: undefined, sent: true, answer: quoted }).message).toContain(
      'value [redacted]',
    );
    const signature = aws(
      403,
      'InvalidSignatureException',
      'No match.\n\nThe Canonical String was\nx-amz-security-token:T',
    );
    expect(toAwsError(read, { error: undefined, sent: true, answer: signature }).message).toMatch(
      /No match\. Check the secret access key\.$/u,
    );
    const reset = Object.assign(new Error('wrote s3cretValue0123456789'), { code: 'EPIPE' });
    expect(toAwsError(create, { error: reset, sent: true }).message).not.toContain('s3cret');
  });

  test('definite: everything but a lost answer', () => {
    const of = (given: RawAnswer): boolean =>
      isDefiniteFailure(toAwsError(create, { error: undefined, sent: true, answer: given }));
    expect([aws(409, 'ConflictException'), aws(429, 'TooManyRequestsException'), html(403)].map(of)).toEqual([
      true,
      true,
      true,
    ]);
    expect([html(502), html(404)].map(of)).toEqual([false, false]);
    expect(isDefiniteFailure(new Error('ours'))).toBe(false);
    const conflict = new AwsConflict('x', { operation: 'CreateApiKey', account: 'a', region: 'r' });
    expect(toAwsError(create, { error: conflict, sent: false })).toBe(conflict);
  });
});
