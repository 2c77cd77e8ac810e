import { describe, expect, test } from '@jest/globals';
import { AwsDenied, AwsThrottled } from '@federation-agent/aws-control-plane';
import { TargetAwayError } from './ingest/job-aws.ts';
import { errorAdvice, fixForCode, parseSummary, formatSummary, errorSummary } from './error-advice.ts';

const facts = { operation: 'GetUsagePlans', account: '123456789012', region: 'eu-west-1' };
const permission = { action: 'apigateway:GET', resource: 'arn:aws:apigateway:*::/usageplans' };
const denied = new AwsDenied('AccessDeniedException', facts, permission);

describe('an error', () => {
  test('that AWS denies says which permission, its code, and where to add it', () => {
    expect(errorAdvice(denied)).toEqual({
      code: 'aws-denied',
      reason: expect.stringContaining('apigateway:GET on arn:aws:apigateway:*::/usageplans'),
      fix: expect.stringContaining('IAM policy'),
    });
  });

  test('that passes by itself says so, and what to do where it stays', () => {
    expect(errorAdvice(new AwsThrottled('slow down', facts)).fix).toMatch(/by itself.*requestsPerSecond/u);
  });

  test('of who asks leaves it to its reason whether keys, roles or the network are wrong', () => {
    expect(fixForCode('aws-credentials')).toMatch(/^do what the reason says at its end/u);
  });

  test('that comes of another one says what mends that', () => {
    expect(errorAdvice(new TargetAwayError('cannot be asked', denied))).toEqual({
      code: 'target-away',
      reason: expect.stringContaining('apigateway:GET'),
      fix: errorAdvice(denied).fix,
    });
    expect(errorAdvice(new TargetAwayError('failed 8 times')).fix).toContain('health');
  });

  test('that is none of ours is a defect', () => {
    expect(errorAdvice(new TypeError('x is not a function'))).toMatchObject({
      code: 'internal',
      fix: expect.stringContaining('defect'),
    });
  });

  test('is the same again from its text; a text without a code is all reason', () => {
    const trouble = errorSummary(denied);
    expect(parseSummary(formatSummary(trouble))).toEqual(trouble);
    expect(fixForCode(parseSummary(formatSummary(trouble)).code)).toBe(errorAdvice(denied).fix);
    expect(parseSummary('stages of api1: GetStages: no')).toEqual({
      reason: 'stages of api1: GetStages: no',
    });
  });
});
