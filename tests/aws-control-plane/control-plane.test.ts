/** Targets against the sandbox AWS: real SDK, real sockets, signatures and the minimum policy. */
import { describe, expect, test } from '@jest/globals';
import { DEFAULT_ACCOUNT, DEFAULT_REGION, SANDBOX_AGENT } from '@federation-agent/sandbox';
import { AwsCredentials } from '@federation-agent/aws-control-plane';
import { failureOf } from '@federation-agent/aws-control-plane/test';
import { useSandbox } from './support/sandbox.ts';

const sandbox = useSandbox();

describe('targets', () => {
  test('the account comes from STS, which is asked once, and says so in the log', async () => {
    const { plane, telemetry } = sandbox.open({ ...sandbox.base(), region: 'eu-west-1,us-east-1' });
    const { ready, waiting } = await plane.targets();
    expect(waiting).toEqual([]);
    expect(
      ready.map(({ account, region, partition, dnsSuffix }) => [account, region, partition, dnsSuffix]),
    ).toEqual([
      [DEFAULT_ACCOUNT, 'eu-west-1', 'aws', 'amazonaws.com'],
      [DEFAULT_ACCOUNT, 'us-east-1', 'aws', 'amazonaws.com'],
    ]);
    expect(ready[0]?.identity).toBe(`arn:aws:iam::${DEFAULT_ACCOUNT}:user/${SANDBOX_AGENT.name}`);
    expect((await plane.targets()).ready[0]).toBe(ready[0]);
    expect(await plane.target(DEFAULT_ACCOUNT, 'us-east-1')).toBe(ready[1]);
    expect(await plane.target(DEFAULT_ACCOUNT, 'ap-south-1')).toBeUndefined();
    expect(sandbox.control.counters().byOperation).toEqual({ GetCallerIdentity: 1 });
    const arn = `arn:aws:iam::${DEFAULT_ACCOUNT}:user/${SANDBOX_AGENT.name}`;
    expect(telemetry.lines().map(({ msg, account }) => [msg, account])).toEqual([
      [`AWS is called as ${arn}`, DEFAULT_ACCOUNT],
    ]);
  });

  test('a configured account is checked; where STS cannot be asked it is taken as it is', async () => {
    const targetsOf = (accountId: string) => ({ targets: [{ accountId, regions: DEFAULT_REGION }] });
    const { ready } = await sandbox
      .open({ ...sandbox.base(), ...targetsOf(DEFAULT_ACCOUNT) })
      .plane.targets();
    expect(ready[0]?.identity).toBe(`arn:aws:iam::${DEFAULT_ACCOUNT}:user/${SANDBOX_AGENT.name}`);
    const { plane } = sandbox.open({ ...sandbox.base(), ...targetsOf('999999999999') });
    expect(await plane.targets()).toMatchObject({
      ready: [],
      waiting: [{ reason: expect.stringContaining('these credentials belong to 123456789012') }],
    });
    const alone = { ...sandbox.base(), ...targetsOf('999999999999'), stsEndpointUrl: 'http://127.0.0.1:1' };
    const { plane: unreachable, telemetry } = sandbox.open(alone);
    const taken = await unreachable.targets();
    expect(taken.ready).toMatchObject([{ account: '999999999999', identity: '999999999999' }]);
    expect(await unreachable.targets()).toEqual(taken);
    expect(telemetry.lines().map(({ msg }) => msg)).toEqual([
      'STS cannot be asked: accountId is taken as it is configured',
    ]);
  });

  test('roles in other accounts, with an external id; one that cannot be assumed waits, the others work', async () => {
    sandbox.control.addRole({ account: '111111111111', name: 'reader', externalId: 'an-external-id' });
    const { plane } = sandbox.open({
      ...sandbox.base(),
      targets: [
        {
          roleArn: 'arn:aws:iam::111111111111:role/reader',
          externalId: 'an-external-id',
          regions: 'eu-west-1',
        },
        {
          roleArn: 'arn:aws:iam::222222222222:role/reader',
          externalId: 'another-secret-id',
          regions: 'eu-west-2',
        },
      ],
    });
    const first = await plane.targets();
    expect(first.ready.map(({ account }) => account)).toEqual(['111111111111']);
    expect(first.waiting).toEqual([
      expect.objectContaining({ label: 'eu-west-2 as arn:aws:iam::222222222222:role/reader' }),
    ]);
    expect(first.waiting[0]?.reason).toContain('cannot be assumed');
    expect(first.waiting[0]?.reason).not.toContain('another-secret-id');
    expect(await failureOf(plane.target('222222222222', 'eu-west-2'))).toBeInstanceOf(AwsCredentials);

    sandbox.control.seed({ account: '111111111111', apis: 2 });
    const [target] = first.ready;
    expect(target?.identity).toContain('assumed-role/reader/federation-agent-');
    expect(await target?.reads.restApis('scan')).toHaveLength(2);

    sandbox.control.addRole({ account: '222222222222', name: 'reader', externalId: 'another-secret-id' });
    const second = await plane.targets();
    expect(second.ready.map(({ account }) => account)).toEqual(['111111111111', '222222222222']);
  });

  test('two identities of the same account and region are one target', async () => {
    const role = sandbox.control.addRole({ account: DEFAULT_ACCOUNT, name: 'same' });
    const { plane, telemetry } = sandbox.open({
      ...sandbox.base(),
      targets: [{ regions: DEFAULT_REGION }, { roleArn: role.arn, regions: DEFAULT_REGION }],
    });
    expect((await plane.targets()).ready).toHaveLength(1);
    expect(telemetry.lines().map((line) => line['msg'])).toContainEqual(
      expect.stringContaining('is the same as'),
    );
  });
});
