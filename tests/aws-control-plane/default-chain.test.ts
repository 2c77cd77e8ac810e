/** The SDK's default chain: each source over its own protocol on loopback, in a process with its own environment. */
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DEFAULT_ACCOUNT, SANDBOX_AGENT, startAws, type SandboxAws } from '@federation-agent/sandbox';
import {
  serveEndpoint,
  sessionOf,
  startIdentities,
  type Endpoint,
  type Identities,
  type SessionKeys,
} from './support/identities.ts';

let aws: SandboxAws;
let identities: Identities;
let role: string;
const account = '111111111111';
const endpoints: Endpoint[] = [];
const serve = async (reply: Parameters<typeof serveEndpoint>[0]): Promise<Endpoint> => {
  const endpoint = await serveEndpoint(reply);
  endpoints.push(endpoint);
  return endpoint;
};
const base = (): object => ({ region: 'eu-west-1', endpointUrl: aws.url });
const agentKeys = {
  AWS_ACCESS_KEY_ID: SANDBOX_AGENT.accessKeyId,
  AWS_SECRET_ACCESS_KEY: SANDBOX_AGENT.secretAccessKey,
};
const asMetadata = (keys: SessionKeys, seconds: number) => ({
  AccessKeyId: keys.accessKeyId,
  SecretAccessKey: keys.secretAccessKey,
  Token: keys.sessionToken,
  Expiration: new Date(Date.now() + seconds * 1_000).toISOString(),
});
const assumedRole = expect.stringMatching(/^arn:aws:sts::111111111111:assumed-role\/agent\//u);
const readyAs = (identity: unknown, of = account) => ({
  ready: [{ account: of, region: 'eu-west-1', identity }],
  waiting: [],
});
/** The only reason why there is no target; no target is ready. */
async function reasonUnder(env: Record<string, string>, configuration = base()): Promise<string> {
  const { ready, waiting } = await (await identities.open(env, configuration)).targets();
  expect(ready).toEqual([]);
  expect(waiting).toHaveLength(1);
  return waiting[0]?.reason ?? '';
}

beforeAll(async () => {
  aws = await startAws();
  identities = await startIdentities();
});
afterAll(async () => {
  await identities.stop();
  await aws.stop();
});
beforeEach(() => {
  aws.control.reset({});
  role = aws.control.addRole({ account, name: 'agent' }).arn;
  aws.control.seed({ account, apis: 2 });
});
afterEach(() => {
  for (const endpoint of endpoints.splice(0)) endpoint.stop();
});

test('environment: keys, and keys with a session token', async () => {
  const keys = await identities.open(agentKeys, base());
  const user = `arn:aws:iam::${DEFAULT_ACCOUNT}:user/${SANDBOX_AGENT.name}`;
  expect(await keys.targets()).toEqual(readyAs(user, DEFAULT_ACCOUNT));
  const { accessKeyId, secretAccessKey, sessionToken } = await sessionOf(aws.url, role);
  const session = await identities.open(
    {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    },
    base(),
  );
  expect(await session.targets()).toEqual(readyAs(assumedRole));
  expect(await session.read()).toEqual([2]);
  expect(await session.log()).toEqual([
    expect.stringContaining('AWS is called as arn:aws:sts::111111111111:'),
  ]);
});

describe('shared profile', () => {
  test('a role assumed with the keys of another profile, with an external id', async () => {
    const { arn } = aws.control.addRole({ account, name: 'agent', externalId: 'an-external-id' });
    const credentials = await identities.file(
      'profile/credentials',
      `[source]\naws_access_key_id = ${SANDBOX_AGENT.accessKeyId}\naws_secret_access_key = ${SANDBOX_AGENT.secretAccessKey}\n`,
    );
    const config = await identities.file(
      'profile/config',
      `[profile agent]\nrole_arn = ${arn}\nsource_profile = source\nexternal_id = an-external-id\nregion = eu-west-1\n`,
    );
    const files = { AWS_SHARED_CREDENTIALS_FILE: credentials, AWS_CONFIG_FILE: config };
    const plane = await identities.open({ ...files, AWS_PROFILE: 'agent' }, base());
    expect(await plane.targets()).toEqual(readyAs(assumedRole));
    expect(await plane.read()).toEqual([2]);
    expect(await reasonUnder({ ...files, AWS_PROFILE: 'nobody' })).toContain('profile: [nobody]');
  });

  test('credential_process; one that fails is said without its command line', async () => {
    const keys = JSON.stringify({ Version: 1, ...asMetadata(await sessionOf(aws.url, role), 3_600) });
    const printed = await identities.file('process/keys.json', keys.replace('"Token"', '"SessionToken"'));
    const config = await identities.file(
      'process/config',
      `[default]\ncredential_process = cat ${printed}\n`,
    );
    const plane = await identities.open({ AWS_CONFIG_FILE: config }, base());
    expect(await plane.targets()).toEqual(readyAs(assumedRole));
    expect(await plane.read()).toEqual([2]);

    const failing = await identities.file(
      'process/failing',
      '[default]\ncredential_process = sh -c "echo s3cret >&2; exit 3"\n',
    );
    const reason = await reasonUnder({ AWS_CONFIG_FILE: failing });
    expect(reason).toContain('the credential_process failed');
    expect(reason).not.toContain('s3cret');
  });
});

test('SSO: the cached token buys role credentials from the portal, and is renewed before it ends', async () => {
  const keys = await sessionOf(aws.url, role);
  const portal = await serve((what) => {
    if (what === 'POST /token')
      return Promise.resolve([200, { accessToken: 'token-2', expiresIn: 3_600, refreshToken: 'refresh-2' }]);
    return Promise.resolve([200, { roleCredentials: { ...keys, expiration: Date.now() + 3_600_000 } }]);
  });
  const config = await identities.file(
    'sso/config',
    `[default]\nsso_session = corp\nsso_account_id = ${account}\nsso_role_name = agent\n` +
      '[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.test/start\n',
  );
  const cache = `.aws/sso/cache/${createHash('sha1').update('corp').digest('hex')}.json`;
  const token = (expiresAt: number, more: object) =>
    identities.file(
      cache,
      JSON.stringify({ accessToken: 'token-1', expiresAt: new Date(expiresAt), ...more }),
    );
  const env = {
    AWS_CONFIG_FILE: config,
    AWS_ENDPOINT_URL_SSO: portal.url,
    AWS_ENDPOINT_URL_SSO_OIDC: portal.url,
  };
  await token(Date.now() - 1_000, {});
  expect(await reasonUnder(env)).toContain('aws sso login');
  expect(portal.seen).toEqual([]);

  await token(Date.now() + 3_600_000, {});
  const plane = await identities.open(env, base());
  expect(await plane.targets()).toEqual(readyAs(assumedRole));
  expect(await plane.read()).toEqual([2]);
  expect(portal.seen).toMatchObject([
    {
      what: `GET /federation/credentials?account_id=${account}&role_name=agent`,
      headers: { 'x-amz-sso_bearer_token': 'token-1' },
    },
  ]);

  const client = { clientId: 'c', clientSecret: 's', refreshToken: 'r', region: 'eu-west-1' };
  await token(Date.now() + 60_000, { ...client, registrationExpiresAt: new Date(Date.now() + 3_600_000) });
  expect(await (await identities.open(env, base())).targets()).toEqual(readyAs(assumedRole));
  expect(portal.seen.at(-1)?.headers['x-amz-sso_bearer_token']).toBe('token-2');
});

describe('web identity (IRSA)', () => {
  const issuer = 'https://oidc.eks.eu-west-1.amazonaws.test/id/1';
  const subject = 'system:serviceaccount:federation:agent';
  const tokenFor = (seconds: number, sub = subject): string => {
    const exp = Math.floor(Date.now() / 1_000) + seconds;
    const claims = { iss: issuer, sub, aud: ['sts.amazonaws.com'], exp };
    return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
  };
  const env = async (token: string) => ({
    AWS_WEB_IDENTITY_TOKEN_FILE: await identities.file('irsa/token', token),
    AWS_ROLE_ARN: aws.control.addRole({ account, name: 'agent', webIdentity: { issuer, subject } }).arn,
  });

  test('the token buys the role, and another role is assumed with that', async () => {
    const plane = await identities.open(await env(tokenFor(600)), base());
    expect(await plane.targets()).toEqual(readyAs(assumedRole));
    expect(await plane.read()).toEqual([2]);
    const { arn } = aws.control.addRole({ account: '222222222222', name: 'other', trusted: [role] });
    const further = await identities.open(await env(tokenFor(600)), { ...base(), roleArn: arn });
    expect(await further.targets()).toMatchObject({ ready: [{ account: '222222222222' }], waiting: [] });
  });

  test('STS by the environment', async () => {
    const { AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN } = await env(tokenFor(600));
    const variables = { AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ENDPOINT_URL: aws.url };
    const plane = await identities.open(variables, { region: 'eu-west-1' });
    expect(await plane.targets()).toEqual(readyAs(assumedRole));
    expect(await plane.read()).toEqual([2]);
  });

  test('an expired token, one that the role does not trust, and none at all say what to do', async () => {
    const expired = await reasonUnder(await env(tokenFor(-60)));
    expect(expired).toContain('Token expired');
    expect(expired).toContain('Mount a token that is renewed at AWS_WEB_IDENTITY_TOKEN_FILE');
    const stranger = tokenFor(600, 'system:serviceaccount:default:other');
    const denied = await reasonUnder(await env(stranger));
    expect(denied).toContain('Not authorized to perform sts:AssumeRoleWithWebIdentity');
    expect(denied).toContain('Its trust policy must allow the issuer and subject');
    expect(denied).not.toContain(stranger);
    const missing = { AWS_WEB_IDENTITY_TOKEN_FILE: '/does/not/exist', AWS_ROLE_ARN: role };
    expect(await reasonUnder(missing)).toContain("open '/does/not/exist'. Mount the file");
  });
});

test('container (ECS, EKS Pod Identity): the token file is read at each renewal', async () => {
  const keys = await sessionOf(aws.url, role);
  let accepted = 'token-1';
  // They expire so soon that every use asks for new ones.
  const agent = await serve((_what, { authorization }) =>
    Promise.resolve(authorization === accepted ? [200, asMetadata(keys, 120)] : [401, { Code: 'Denied' }]),
  );
  const token = await identities.file('pod/token', accepted);
  const env = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${agent.url}/v1/credentials`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: token,
  };
  const plane = await identities.open(env, base());
  expect(await plane.targets()).toEqual(readyAs(assumedRole));
  await identities.file('pod/token', (accepted = 'token-2'));
  while (!agent.seen.some(({ headers }) => headers.authorization === 'token-2'))
    expect(await plane.read()).toEqual([2]);
  expect(agent.seen[0]).toMatchObject({ what: 'GET /v1/credentials', headers: { authorization: 'token-1' } });
});

test('IMDSv2: demands its token; slow and failing answers are waited for', async () => {
  const keys = await sessionOf(aws.url, role);
  const folder = '/latest/meta-data/iam/security-credentials/';
  let failures = 2;
  const metadata = await serve(async (what, headers) => {
    if (what === 'PUT /latest/api/token') {
      await wait(1_100); // More than the SDK's own second.
      return [200, 'imds-token'];
    }
    if (headers['x-aws-ec2-metadata-token'] !== 'imds-token') return [401, ''];
    if (what === `GET ${folder}`) return [200, 'agent'];
    failures -= 1;
    return failures >= 0 ? [500, ''] : [200, { Code: 'Success', ...asMetadata(keys, 3_600) }];
  });
  const env = { AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url };
  const plane = await identities.open(env, base());
  expect(await plane.targets()).toEqual(readyAs(assumedRole));
  expect(await plane.read()).toEqual([2]);
  expect(metadata.seen.map(({ what }) => what)).toEqual([
    'PUT /latest/api/token',
    `GET ${folder}`,
    ...Array.from({ length: 3 }, () => `GET ${folder}agent`),
  ]);
});

test('IMDSv2 that never gives credentials is asked for them four times, and no more', async () => {
  const folder = '/latest/meta-data/iam/security-credentials/';
  const metadata = await serve((what) => {
    if (what === 'PUT /latest/api/token') return Promise.resolve([200, 'imds-token']);
    return Promise.resolve(what === `GET ${folder}` ? [200, 'agent'] : [500, '']);
  });
  const env = { AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url };
  expect(await reasonUnder(env)).toContain('no credentials');
  const asked = metadata.seen.filter(({ what }) => what === `GET ${folder}agent`);
  expect(asked).toHaveLength(4);
});

test('nothing at all: what may be set', async () => {
  const reason = await reasonUnder({});
  expect(reason).toContain('no credentials: Could not load credentials from any providers.');
  expect(reason).toContain('Set accessKeyId and secretAccessKey, or give the process an identity');
});
