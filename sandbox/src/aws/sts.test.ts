import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { CreateApiKeyCommand, GetApiKeysCommand, GetRestApisCommand } from '@aws-sdk/client-api-gateway';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
} from '@aws-sdk/client-sts';
import { agentOf, refusalOf, stsOf } from '../../test/sdk-clients.ts';
import { startAws } from './server.ts';
import type { SandboxAws } from './server.ts';

let aws: SandboxAws;
let now: number;
let roleArn: string;

beforeEach(async () => {
  now = Date.now();
  aws = await startAws({ clock: () => now });
  roleArn = aws.control.addRole({ account: '222222222222', name: 'federation', externalId: 'secret-id' }).arn;
});
afterEach(() => aws.stop());

const assume = async (input: { RoleArn?: string; ExternalId?: string; DurationSeconds?: number } = {}) => {
  const wanted = { RoleArn: roleArn, RoleSessionName: 'agent', ExternalId: 'secret-id', ...input };
  const { Credentials: given } = await stsOf(aws.url).send(new AssumeRoleCommand(wanted));
  const {
    AccessKeyId: accessKeyId = '',
    SecretAccessKey: secretAccessKey = '',
    SessionToken: sessionToken = '',
  } = given ?? {};
  return { credentials: { accessKeyId, secretAccessKey, sessionToken }, expiration: given?.Expiration };
};

test('GetCallerIdentity says account and user', async () => {
  expect(await stsOf(aws.url).send(new GetCallerIdentityCommand({}))).toMatchObject({
    Account: '123456789012',
    Arn: 'arn:aws:iam::123456789012:user/federation-agent',
  });
});

test('a role acts in its own account, under its own policy, as itself', async () => {
  aws.control.seed({ apis: 3 });
  aws.control.seed({ apis: 5, account: '222222222222' });
  const { credentials } = await assume();
  const client = agentOf(aws.url, { credentials });
  expect((await client.send(new GetRestApisCommand({}))).items).toHaveLength(5);
  expect((await agentOf(aws.url).send(new GetRestApisCommand({}))).items).toHaveLength(3);
  await client.send(new CreateApiKeyCommand({ name: 'there' }));
  expect(aws.control.keys()).toEqual([]);
  expect(aws.control.keys({ account: '222222222222' })).toHaveLength(1);
  const Arn = 'arn:aws:sts::222222222222:assumed-role/federation/agent';
  expect(await stsOf(aws.url, { credentials }).send(new GetCallerIdentityCommand({}))).toMatchObject({ Arn });
  expect((await refusalOf(client.send(new GetApiKeysCommand({})))).message).toContain(`User: ${Arn} is not`);
});

test('an unknown role, a wrong external id and a caller who is not trusted are denied alike', async () => {
  const other = aws.control.addRole({
    account: '222222222222',
    name: 'closed',
    trusted: ['arn:aws:iam::1:user/x'],
  });
  const denied = { name: 'AccessDenied', status: 403 };
  expect(await refusalOf(assume({ ExternalId: 'wrong' }))).toMatchObject(denied);
  expect(await refusalOf(assume({ RoleArn: `${roleArn}-unknown` }))).toMatchObject(denied);
  expect(await refusalOf(assume({ RoleArn: other.arn }))).toMatchObject(denied);
  expect(await refusalOf(assume({ RoleArn: 'no arn at all of the right kind' }))).toMatchObject({
    name: 'ValidationError',
  });
  expect(await refusalOf(assume({ DurationSeconds: 60 }))).toMatchObject({
    name: 'ValidationError',
    status: 400,
  });
});

test('a session ends when its time is over, or was cut short; and its token must be with it', async () => {
  const { credentials, expiration } = await assume({ DurationSeconds: 900 });
  expect(Number(expiration) - now).toBe(900_000);
  const list = (given: typeof credentials) =>
    agentOf(aws.url, { credentials: given }).send(new GetRestApisCommand({}));
  await list(credentials);
  const bare = { accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey };
  const withoutToken = agentOf(aws.url, { credentials: bare }).send(new GetRestApisCommand({}));
  expect((await refusalOf(withoutToken)).name).toBe('UnrecognizedClientException');
  now += 120_000;
  await list(credentials);
  aws.control.setClockOffset({ ms: 780_000 });
  // The first answer is about the clock of the signature; the SDK then follows the clock of the service.
  const late = agentOf(aws.url, { credentials, maxAttempts: 2 });
  expect(await refusalOf(late.send(new GetRestApisCommand({})))).toMatchObject({
    name: 'ExpiredTokenException',
    status: 403,
  });
});

test('errors of STS are in its own words', async () => {
  const wrong = stsOf(aws.url, { credentials: { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' } });
  expect((await refusalOf(wrong.send(new GetCallerIdentityCommand({})))).name).toBe('InvalidClientTokenId');
});

test('a web identity token of the right issuer, subject and audience assumes a role, without a signature', async () => {
  const [issuer, subject] = ['https://oidc.test/id/1', 'system:serviceaccount:federation:agent'];
  const { arn } = aws.control.addRole({
    account: '222222222222',
    name: 'irsa',
    webIdentity: { issuer, subject },
  });
  const claims = { iss: issuer, sub: subject, aud: ['sts.amazonaws.com'], exp: Math.floor(now / 1000) + 60 };
  const exchange = (changes: object, RoleArn = arn) => {
    const token = Buffer.from(JSON.stringify({ ...claims, ...changes })).toString('base64url');
    const wanted = { RoleArn, RoleSessionName: 'pod', WebIdentityToken: `e30.${token}.c2ln` };
    return stsOf(aws.url).send(new AssumeRoleWithWebIdentityCommand(wanted));
  };
  const { Credentials: given } = await exchange({});
  const credentials = {
    accessKeyId: given?.AccessKeyId ?? '',
    secretAccessKey: given?.SecretAccessKey ?? '',
    sessionToken: given?.SessionToken ?? '',
  };
  const Arn = 'arn:aws:sts::222222222222:assumed-role/irsa/pod';
  expect(await stsOf(aws.url, { credentials }).send(new GetCallerIdentityCommand({}))).toMatchObject({ Arn });
  expect(aws.control.log({}).map(({ accessKeyId }) => accessKeyId)[0]).toBeUndefined();

  const name = async (answer: Promise<unknown>) => (await refusalOf(answer)).name;
  expect(await name(exchange({ exp: Math.floor(now / 1000) }))).toBe('ExpiredTokenException');
  expect(await name(exchange({ iss: 'https://other.test' }))).toBe('InvalidIdentityTokenException');
  expect(await name(exchange({ aud: 'other' }))).toBe('InvalidIdentityTokenException');
  expect(await name(exchange({ sub: 'system:serviceaccount:default:other' }))).toBe('AccessDenied');
  expect(await name(exchange({}, roleArn))).toBe('AccessDenied');
  expect(await name(exchange({}, `${arn}-unknown`))).toBe('AccessDenied');
});
