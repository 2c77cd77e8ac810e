/** Static keys, roles and their sessions against the sandbox's STS: who is ready, who waits, why, and what to do. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { STSClient } from '@aws-sdk/client-sts';
import { DEFAULT_ACCOUNT } from '@federation-agent/sandbox';
import { AwsCredentials } from '@federation-agent/aws-control-plane';
import { failureOf } from '@federation-agent/aws-control-plane/test';
import { sessionOf } from './support/identities.ts';
import { useSandbox } from './support/sandbox.ts';

const sandbox = useSandbox();
const callsOf = (operation: string): number => sandbox.control.counters({ operation }).calls;

describe('roles', () => {
  test('each target with its own role, external id and regions; who may not waits, and says what to check', async () => {
    const owner = 'arn:aws:iam::999999999999:user/somebody';
    sandbox.control.addRole({ account: '111111111111', name: 'agent', externalId: 'first-secret-id' });
    sandbox.control.addRole({ account: '222222222222', name: 'agent', externalId: 'second-secret-id' });
    sandbox.control.addRole({ account: '333333333333', name: 'agent', trusted: [owner] });
    sandbox.control.seed({ account: '111111111111', region: 'us-east-1', apis: 3 });
    const roleOf = (account: string): string => `arn:aws:iam::${account}:role/agent`;
    const { plane } = sandbox.open({
      ...sandbox.base(),
      targets: [
        { roleArn: roleOf('111111111111'), externalId: 'first-secret-id', regions: 'eu-west-1,us-east-1' },
        { roleArn: roleOf('222222222222'), externalId: 'a-wrong-secret-id', regions: 'eu-west-1' },
        { roleArn: roleOf('333333333333'), accountId: '333333333333', regions: 'eu-west-2' },
        { roleArn: roleOf('444444444444'), regions: 'eu-west-1' },
        { regions: 'eu-central-1' },
      ],
    });
    const { ready, waiting } = await plane.targets();
    expect(ready.map(({ account, region }) => [account, region])).toEqual([
      ['111111111111', 'eu-west-1'],
      ['111111111111', 'us-east-1'],
      [DEFAULT_ACCOUNT, 'eu-central-1'],
    ]);
    expect(await ready[1]?.reads.restApis('scan')).toHaveLength(3);
    expect(waiting.map(({ label }) => label)).toEqual([
      `eu-west-1 as ${roleOf('222222222222')}`,
      `eu-west-2 of 333333333333 as ${roleOf('333333333333')}`,
      `eu-west-1 as ${roleOf('444444444444')}`,
    ]);
    const [wrongId, notTrusted, none] = waiting.map(({ reason }) => reason);
    for (const [index, reason] of [wrongId, notTrusted, none].entries()) {
      const role = roleOf(['222222222222', '333333333333', '444444444444'][index] ?? '');
      expect(reason).toContain(
        `${role} cannot be assumed: AccessDenied: User: arn:aws:iam::${DEFAULT_ACCOUNT}:user/`,
      );
      expect(reason).toContain('Check that the role exists, that its trust policy allows this caller');
    }
    expect(wrongId).toContain('asks for the configured externalId');
    expect(none).toContain('asks for no sts:ExternalId (none is configured)');
    expect(JSON.stringify(waiting)).not.toContain('secret-id');
  });

  test('the clients of all regions share a session', async () => {
    const { arn } = sandbox.control.addRole({ account: '111111111111', name: 'agent' });
    const { plane } = sandbox.open({ ...sandbox.base(), region: 'eu-west-1,us-east-1', roleArn: arn });
    const { ready } = await plane.targets();
    for (const { reads, keys } of ready) {
      await reads.restApis('scan');
      await keys.delete('none');
    }
    expect(callsOf('AssumeRole')).toBe(1);
  });

  test('a session that ends soon is renewed while the agent runs; one that ended is replaced', async () => {
    const { arn } = sandbox.control.addRole({ account: '111111111111', name: 'agent', sessionSeconds: 200 });
    const { reads } = await sandbox.open({ ...sandbox.base(), roleArn: arn }).target();
    while (callsOf('AssumeRole') < 3) expect(await reads.restApis('scan')).toEqual([]);
    const used = new Set(sandbox.control.log({ operation: 'GetRestApis' }).map((entry) => entry.accessKeyId));
    expect(used.size).toBeGreaterThanOrEqual(2);

    // Later than every session so far, but still within the five minutes of a signature.
    sandbox.control.setClockOffset({ ms: 250_000 });
    expect(await reads.restApis('scan')).toEqual([]);
  });

  test('an identity that takes long holds up no other, and then says why', async () => {
    for (const account of ['111111111111', '222222222222'])
      sandbox.control.addRole({ account, name: 'agent' });
    const targets = [
      { roleArn: 'arn:aws:iam::111111111111:role/agent', regions: 'eu-west-1' },
      { roleArn: 'arn:aws:iam::222222222222:role/agent', regions: 'us-east-1' },
    ];
    sandbox.control.addFault({
      match: { operation: 'AssumeRole', region: 'us-east-1' },
      fault: { kind: 'hang-before' },
    });
    const { plane } = sandbox.open({ ...sandbox.base(), targets }, { creatingCall: 1_500, readCall: 2_000 });
    const first = await plane.targets();
    expect(first.ready.map(({ account }) => account)).toEqual(['111111111111']);
    expect(first.waiting).toMatchObject([{ reason: expect.stringContaining('still being asked') }]);
    sandbox.control.clearFaults({});
    let { ready } = first;
    while (ready.length < 2) ({ ready } = await plane.targets());
    expect(ready.map(({ account }) => account)).toEqual(['111111111111', '222222222222']);
  });

  test.each(['GetCallerIdentity', 'AssumeRole'])(
    '%s hangs, or the connection is cut, in one region: it is asked in the others, and nobody waits',
    async (operation) => {
      const { arn } = sandbox.control.addRole({ account: '111111111111', name: 'agent' });
      const given = { ...sandbox.base(), region: 'eu-west-1,us-east-1,eu-west-2', roleArn: arn };
      for (const kind of ['hang-before', 'reset-before'] as const) {
        sandbox.control.addFault({ match: { operation, region: 'eu-west-1' }, fault: { kind } });
        const { plane } = sandbox.open(given, { connectCall: 200, creatingCall: 5_000, readCall: 5_000 });
        const { ready, waiting } = await plane.targets();
        expect(waiting).toEqual([]);
        expect(ready.map(({ region }) => region)).toEqual(['eu-west-1', 'us-east-1', 'eu-west-2']);
        expect(await ready[0]?.reads.restApis('scan')).toEqual([]);
        sandbox.control.clearFaults({});
      }
    },
  );

  test('a target is found although another identity of its region hangs', async () => {
    const { arn } = sandbox.control.addRole({ account: '111111111111', name: 'agent' });
    const targets = [{ roleArn: arn, regions: 'eu-west-1' }, { regions: 'eu-west-1' }];
    sandbox.control.addFault({ match: { operation: 'AssumeRole' }, fault: { kind: 'hang-before' } });
    const { plane } = sandbox.open({ ...sandbox.base(), targets }, { creatingCall: 15_000 });
    const from = performance.now();
    expect(await plane.target(DEFAULT_ACCOUNT, 'eu-west-1')).toMatchObject({ account: DEFAULT_ACCOUNT });
    expect(await plane.target(DEFAULT_ACCOUNT, 'us-east-1')).toBeUndefined();
    expect(performance.now() - from).toBeLessThan(10_000);
  });

  test('STS is asked in the region of the target, and so in its partition', async () => {
    const { arn } = sandbox.control.addRole({ account: '111111111111', name: 'agent' });
    await sandbox.open({ ...sandbox.base(), region: 'us-gov-west-1', roleArn: arn }).target();
    const regions = ['AssumeRole', 'GetCallerIdentity'].map(
      (operation) => sandbox.control.log({ operation })[0]?.region,
    );
    expect(regions).toEqual(['us-gov-west-1', 'us-gov-west-1']);
    for (const [region, host] of [
      ['us-gov-west-1', 'sts.us-gov-west-1.amazonaws.com'],
      ['cn-north-1', 'sts.cn-north-1.amazonaws.com.cn'],
    ] as const) {
      const { config } = new STSClient({ region });
      const { url } = config.endpointProvider({ Region: region, UseFIPS: false, UseDualStack: false });
      expect(url.hostname).toBe(host);
    }
  });
});

describe('static keys', () => {
  const reasonWith = async (given: object): Promise<string> => {
    const { ready, waiting } = await sandbox.open({ ...sandbox.base(), ...given }).plane.targets();
    expect(ready).toEqual([]);
    return waiting[0]?.reason ?? '';
  };

  test('with a session token they are the session; without it they are nobody', async () => {
    const { arn } = sandbox.control.addRole({ account: '111111111111', name: 'agent' });
    const session = await sessionOf(sandbox.url, arn);
    const target = await sandbox.open({ ...sandbox.base(), ...session }).target();
    expect(target.identity).toBe('arn:aws:sts::111111111111:assumed-role/agent/endpoint');
    expect(await target.reads.restApis('scan')).toEqual([]);
    const { sessionToken: _, ...bare } = session;
    expect(await reasonWith(bare)).toContain('that a temporary one (ASIA...) has its session token');
  });

  test('an unknown key, a wrong secret, an ended session: each says what to do, none a secret', async () => {
    const unknown = await reasonWith({ accessKeyId: 'AKIAUNKNOWN000000000' });
    expect(unknown).toContain('InvalidClientTokenId: The security token included in the request is invalid.');
    expect(unknown).toContain('Check that the access key exists, is active');
    const secret = await reasonWith({ secretAccessKey: 'a-wrong-secret-key' });
    expect(secret).toContain('SignatureDoesNotMatch');
    expect(secret).toContain('Check the secret access key.');
    expect(secret).not.toContain('a-wrong-secret-key');
    const { arn } = sandbox.control.addRole({
      account: '111111111111',
      name: 'short',
      sessionSeconds: 0.001,
    });
    const session = await sessionOf(sandbox.url, arn);
    const expired = await reasonWith(session);
    expect(expired).toContain('ExpiredToken: The security token included in the request is expired');
    expect(expired).toContain('Renew the session token');
    expect(expired).not.toContain(session.sessionToken);
  });

  test('a role is not blamed for the keys it is assumed with', async () => {
    const { arn } = sandbox.control.addRole({ account: '111111111111', name: 'agent' });
    const reason = await reasonWith({ roleArn: arn, secretAccessKey: 'a-wrong-secret-key' });
    expect(reason).toContain(`${arn} cannot be assumed: SignatureDoesNotMatch`);
    expect(reason).toContain('Check the secret access key.');
  });

  test('a clock that is an hour off is named, and then made up for', async () => {
    const { reads } = await sandbox.open(sandbox.base()).target();
    sandbox.control.setClockOffset({ ms: 3_600_000 });
    const error = await failureOf(reads.restApis('scan'));
    expect(error).toBeInstanceOf(AwsCredentials);
    expect(String(error)).toContain('Signature expired');
    expect(String(error)).toContain('Set the clock of this host');
    expect(await reads.restApis('scan')).toEqual([]);
  });
});

test('an STS that never answers: the target waits, one with an accountId goes on', async () => {
  sandbox.control.addFault({ match: { operation: 'GetCallerIdentity' }, fault: { kind: 'hang-before' } });
  const targets = [{ accountId: DEFAULT_ACCOUNT, regions: 'eu-west-1' }, { regions: 'us-east-1' }];
  const { plane } = sandbox.open({ ...sandbox.base(), targets }, { creatingCall: 300 });
  let { ready, waiting } = await plane.targets();
  while (ready.length < 1) ({ ready, waiting } = await plane.targets());
  expect(ready).toMatchObject([{ account: DEFAULT_ACCOUNT, region: 'eu-west-1', identity: DEFAULT_ACCOUNT }]);
  expect(waiting).toMatchObject([
    { reason: expect.stringContaining('no answer of STS in 300 ms. Let this host') },
  ]);
});

test('an answer of STS that repeats the request shows none of it', async () => {
  const server = createServer((request, response) => {
    const message = `No match.&#10;&#10;x-amz-security-token:${String(request.headers['x-amz-security-token'])}`;
    response.writeHead(403, { 'content-type': 'text/xml' });
    response.end(
      `<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>${message}</Message></Error></ErrorResponse>`,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stsEndpointUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const { plane, telemetry } = sandbox.open({
      ...sandbox.base(),
      stsEndpointUrl,
      sessionToken: 'T0kenOfTheSession',
    });
    const { waiting } = await plane.targets();
    expect(waiting).toMatchObject([
      { reason: 'SignatureDoesNotMatch: No match. Check the secret access key.' },
    ]);
    expect(JSON.stringify(telemetry.lines())).not.toContain('T0kenOfTheSession');
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
