import { expect, test } from '@jest/globals';
import { GetRestApisCommand, GetTagsCommand } from '@aws-sdk/client-api-gateway';
import { agentOf, operatorOf, refusalOf } from '../../test/sdk-clients.ts';
import { startAws } from './server.ts';
import { readCredential, signatureOf } from './signature.ts';
import { SANDBOX_AGENT } from './principals.ts';

const EXAMPLE =
  'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ' +
  'SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31';

test('signs the "get-vanilla" example of the Signature Version 4 test suite as AWS does', () => {
  const credential = readCredential(EXAMPLE);
  if (credential === undefined) throw new Error('not read');
  const headers = { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z' };
  const request = { method: 'GET', path: '/', query: '', headers, body: Buffer.alloc(0) };
  expect(signatureOf(request, credential, 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY')).toBe(
    credential.signature,
  );
});

test('what is no Signature Version 4 is not read', () => {
  expect(readCredential(undefined)).toBeUndefined();
  expect(readCredential('Bearer abc')).toBeUndefined();
  expect(readCredential(EXAMPLE.slice(0, -1))).toBeUndefined();
});

test('the signature of the SDK holds for paths and queries with every kind of character', async () => {
  const aws = await startAws();
  const { apiId } = aws.control.addApi({
    document: { openapi: '3.0.1', info: { title: 'a' }, paths: { '/': { get: {} } } },
  });
  const resourceArn = `arn:aws:apigateway:eu-west-1::/restapis/${apiId}`;
  expect(
    (await operatorOf(aws.url).send(new GetTagsCommand({ resourceArn, position: 'a b+c/d=e&f*é!' }))).tags,
  ).toEqual({});
  await aws.stop();
});

test('a wrong secret, key, token, time, scope or no signature are refused in the words of AWS', async () => {
  const aws = await startAws();
  const list = (
    credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string },
    region?: string,
  ) =>
    refusalOf(agentOf(aws.url, { credentials, ...(region && { region }) }).send(new GetRestApisCommand({})));
  const { accessKeyId, secretAccessKey } = SANDBOX_AGENT;

  expect(await list({ accessKeyId, secretAccessKey: 'wrong' })).toMatchObject({
    name: 'InvalidSignatureException',
    status: 403,
  });
  const unknown = { name: 'UnrecognizedClientException', status: 403 };
  expect(await list({ accessKeyId: 'AKIANOBODY', secretAccessKey })).toMatchObject(unknown);
  expect(await list({ accessKeyId, secretAccessKey, sessionToken: 'made up' })).toMatchObject(unknown);
  expect((await list({ accessKeyId, secretAccessKey }, 'nowhere')).message).toContain(
    'scoped to a valid region',
  );

  const unsigned = await fetch(`${aws.url}/restapis`);
  expect(unsigned.status).toBe(403);
  expect(unsigned.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException');
  expect(await unsigned.json()).toEqual({ message: 'Missing Authentication Token' });
  expect(aws.control.counters().executed).toBe(0);
  await aws.stop();
});

test('a clock that is an hour off is refused once; the SDK then corrects itself by the date of the answer', async () => {
  const aws = await startAws();
  aws.control.setClockOffset({ ms: 60 * 60 * 1000 });
  const agent = agentOf(aws.url, { maxAttempts: 2 });
  await agent.send(new GetRestApisCommand({}));
  expect(aws.control.log().map((entry) => entry.errorType)).toEqual(['InvalidSignatureException', undefined]);
  await aws.stop();
});
