import { describe, expect, test } from '@jest/globals';
import { createChainFailures } from './chain-failures.ts';
import { refusalOf, remedyFor, remedyForRole, joinSentences, refusalText } from './credential-remedies.ts';

test.each([
  ['SignatureDoesNotMatch', 'Signature expired: 20260101T000000Z is now earlier than', 'Set the clock'],
  ['InvalidSignatureException', 'Signature not yet current: 20260101T000000Z', 'Set the clock'],
  ['SignatureDoesNotMatch', 'The request signature we calculated does not match', 'secret access key'],
  ['ExpiredToken', 'The security token included in the request is expired', 'Renew the session token'],
  ['ExpiredTokenException', 'Token expired: current date/time 2 must be before', 'Mount a token'],
  ['InvalidIdentityToken', 'Incorrect token audience', 'audience sts.amazonaws.com'],
  ['InvalidClientTokenId', 'The security token included in the request is invalid.', 'is active'],
  ['RegionDisabledException', 'STS is not activated in this region', 'Enable the region'],
  ['TimeoutError', 'no answer of STS in 10000 ms', 'stsEndpointUrl'],
  ['Error', 'getaddrinfo ENOTFOUND sts.eu-west-1.amazonaws.com', 'stsEndpointUrl'],
  ['CredentialsProviderError', 'The SSO session has expired. To refresh run aws sso login', ''],
  ['Error', 'something else', ''],
])('%s: %s -> %s', (name, message, remedy) => {
  const given = remedyFor({ name, message });
  if (remedy === '') expect(given).toBe('');
  else expect(given).toContain(remedy);
});

test('a role that is denied: whether an external id is configured', () => {
  const refusal = { name: 'AccessDenied', message: 'User: x is not authorized to perform: sts:AssumeRole' };
  expect(remedyForRole(refusal, { externalId: true })).toContain('asks for the configured externalId');
  expect(remedyForRole(refusal, { externalId: false })).toContain('none is configured');
  expect(remedyForRole({ ...refusal, name: 'ExpiredToken' }, { externalId: true })).toContain('Renew');
});

test('only the first line of an error is told, and a name only when it says something', () => {
  const error = Object.assign(new Error('No match.\n\nx-amz-security-token:T0ken'), { name: 'Signature' });
  expect(refusalText(refusalOf(error))).toBe('Signature: No match.');
  expect(refusalText(refusalOf(new TypeError('fetch failed')))).toBe('fetch failed');
  expect(refusalText(refusalOf({ code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
  expect(joinSentences('one', '', 'Two.')).toBe('one. Two.');
});

describe('the trail of the chain', () => {
  test('has what went wrong, not what nobody configured, and no command line', () => {
    const warned: string[] = [];
    const { logger, reasons, clear } = createChainFailures((text) => warned.push(text));
    for (const text of [
      'Unable to find environment variable credentials.',
      'Could not resolve credentials using profile: [default] in configuration/credentials file(s).',
      'Command failed: get-keys --password s3cret\ns3cret again',
      'Error: connect ECONNREFUSED 127.0.0.1:1',
      'Error: connect ECONNREFUSED 127.0.0.1:1',
    ])
      logger.debug(`@smithy/property-provider -> ${text}`);
    logger.debug('@aws-sdk/credential-provider-http - fromHttp');
    logger.warn('two sources:\n  both');
    expect(reasons()).toBe('the credential_process failed; Error: connect ECONNREFUSED 127.0.0.1:1');
    expect(warned).toEqual(['two sources: both']);
    clear();
    expect(reasons()).toBe('');
  });
});
