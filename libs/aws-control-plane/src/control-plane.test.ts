/** Targets against the sandbox AWS: real SDK, real sockets, signatures and the minimum policy. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  DEFAULT_ACCOUNT,
  DEFAULT_REGION,
  SANDBOX_AGENT,
  startAws,
  type SandboxAws,
} from '@federation-agent/sandbox';
import { AwsCredentials } from './errors.ts';
import { failureOf, startTestPlanes, type TestPlanes } from './test-planes.ts';

let planes: TestPlanes;
let aws: SandboxAws;
const { accessKeyId, secretAccessKey } = SANDBOX_AGENT;
const base = (): object => ({ region: DEFAULT_REGION, accessKeyId, secretAccessKey, endpointUrl: aws.url });

beforeAll(async () => {
  planes = await startTestPlanes();
  aws = await startAws();
});
afterAll(async () => {
  await planes.stop();
  await aws.stop();
});
beforeEach(() => {
  aws.control.reset({});
  aws.control.setThrottle({ enabled: false });
});
afterEach(() => planes.reset());

describe('targets', () => {
  test('the account comes from STS, which is asked once, and says so in the log', async () => {
    const { plane, telemetry } = planes.open({ ...base(), region: 'eu-west-1,us-east-1' });
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
    expect(aws.control.counters().byOperation).toEqual({ GetCallerIdentity: 1 });
    const arn = `arn:aws:iam::${DEFAULT_ACCOUNT}:user/${SANDBOX_AGENT.name}`;
    expect(telemetry.lines().map(({ msg, account }) => [msg, account])).toEqual([
      [`AWS is called as ${arn}`, DEFAULT_ACCOUNT],
    ]);
  });

  test('a configured account is checked; where STS cannot be asked it is taken as it is', async () => {
    const targetsOf = (accountId: string) => ({ targets: [{ accountId, regions: DEFAULT_REGION }] });
    const { ready } = await planes.open({ ...base(), ...targetsOf(DEFAULT_ACCOUNT) }).plane.targets();
    expect(ready[0]?.identity).toBe(`arn:aws:iam::${DEFAULT_ACCOUNT}:user/${SANDBOX_AGENT.name}`);
    const { plane } = planes.open({ ...base(), ...targetsOf('999999999999') });
    expect(await plane.targets()).toMatchObject({
      ready: [],
      waiting: [{ reason: expect.stringContaining('these credentials belong to 123456789012') }],
    });
    const alone = { ...base(), ...targetsOf('999999999999'), stsEndpointUrl: 'http://127.0.0.1:1' };
    const { plane: unreachable, telemetry } = planes.open(alone);
    const taken = await unreachable.targets();
    expect(taken.ready).toMatchObject([{ account: '999999999999', identity: '999999999999' }]);
    expect(await unreachable.targets()).toEqual(taken);
    expect(telemetry.lines().map(({ msg }) => msg)).toEqual([
      'STS cannot be asked: accountId is taken as it is configured',
    ]);
  });

  test('roles in other accounts, with an external id; one that cannot be assumed waits, the others work', async () => {
    aws.control.addRole({ account: '111111111111', name: 'reader', externalId: 'an-external-id' });
    const { plane } = planes.open({
      ...base(),
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

    aws.control.seed({ account: '111111111111', apis: 2 });
    const [target] = first.ready;
    expect(target?.identity).toContain('assumed-role/reader/federation-agent-');
    expect(await target?.reads.restApis('scan')).toHaveLength(2);

    aws.control.addRole({ account: '222222222222', name: 'reader', externalId: 'another-secret-id' });
    const second = await plane.targets();
    expect(second.ready.map(({ account }) => account)).toEqual(['111111111111', '222222222222']);
  });

  test('two identities of the same account and region are one target', async () => {
    const role = aws.control.addRole({ account: DEFAULT_ACCOUNT, name: 'same' });
    const { plane, telemetry } = planes.open({
      ...base(),
      targets: [{ regions: DEFAULT_REGION }, { roleArn: role.arn, regions: DEFAULT_REGION }],
    });
    expect((await plane.targets()).ready).toHaveLength(1);
    expect(telemetry.lines().map((line) => line['msg'])).toContainEqual(
      expect.stringContaining('is the same as'),
    );
  });
});
