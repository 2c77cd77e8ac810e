/**
 * Role switching with a second implementation of STS and API Gateway: each target reads the account of its own role.
 */
import { APIGatewayClient, CreateRestApiCommand } from '@aws-sdk/client-api-gateway';
import { createControlPlane, type ControlPlane } from '@federation-agent/aws-control-plane';
import { AgentConfig, BudgetRecord, limitsAt, realLimits } from '@federation-agent/contracts';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock, systemRandomness } from '@federation-agent/base';
import { testTelemetry, type TestTelemetry } from '@federation-agent/base/test';
import { type Broker, openBucket } from '@federation-agent/broker';
import { connectTestBroker, startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { MOTO_START_MS, probeMoto, requireOrSkip, startMoto, type Moto } from '../support/index.ts';

const region = 'eu-west-1';
const self = '123456789012';
const own = { accessKeyId: 'AKIAMOTO', secretAccessKey: 'secret' };
const roleOf = (account: string): string => `arn:aws:iam::${account}:role/agent`;

requireOrSkip('moto', probeMoto())('identities, on moto', () => {
  let moto: Moto;
  let server: TestBroker;
  let broker: Broker;
  let telemetry: TestTelemetry;
  const planes: ControlPlane[] = [];

  beforeAll(async () => {
    server = await startTestBroker();
    broker = await connectTestBroker(server, 'aws-discovery', limitsAt(1));
    moto = await startMoto();
  }, MOTO_START_MS);
  afterAll(async () => {
    for (const plane of planes) plane.close();
    await moto.stop();
    await broker.close();
    await server.stop();
  });

  async function open(configuration: object): Promise<ControlPlane> {
    const given = { ...own, endpointUrl: moto.url, ...configuration };
    const provider = { type: 'aws-api-gateway', integrationId: 'moto', configuration: given };
    const [parsed] = AgentConfig.parse({ integration: { providers: [provider] } }).integration.providers;
    if (!parsed) throw new Error('no provider');
    telemetry = testTelemetry();
    const plane = createControlPlane({
      integrationId: 'moto',
      configuration: parsed.configuration,
      telemetry,
      budget: await openBucket(broker, 'budget', BudgetRecord),
      broker,
      clock: systemClock,
      random: systemRandomness,
      limits: realLimits,
    });
    planes.push(plane);
    return plane;
  }

  /** Makes an API as a role of this account; undefined: as the base identity. */
  async function makeApi(name: string, account?: string): Promise<void> {
    const credentials = account === undefined ? own : await sessionOf(account);
    const client = new APIGatewayClient({ region, endpoint: moto.url, credentials });
    await client.send(new CreateRestApiCommand({ name }));
    client.destroy();
  }

  /** moto does not check signatures. */
  async function sessionOf(account: string) {
    const form = {
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: roleOf(account),
      RoleSessionName: 'x',
    };
    const authorization = `AWS4-HMAC-SHA256 Credential=${own.accessKeyId}/20260101/${region}/sts/aws4_request, SignedHeaders=host, Signature=0`;
    const response = await fetch(moto.url, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams(form),
    });
    const xml = await response.text();
    const of = (name: string): string => new RegExp(`<${name}>([^<]+)<`, 'u').exec(xml)?.[1] ?? '';
    return {
      accessKeyId: of('AccessKeyId'),
      secretAccessKey: of('SecretAccessKey'),
      sessionToken: of('SessionToken'),
    };
  }

  test('each target is its own role, in its own account, beside the base identity', async () => {
    await makeApi('own');
    await makeApi('first', '111111111111');
    await makeApi('second', '222222222222');
    const plane = await open({
      targets: [
        { regions: region },
        { roleArn: roleOf('111111111111'), regions: region },
        { roleArn: roleOf('222222222222'), externalId: 'an-external-id', regions: `${region},us-east-1` },
      ],
    });
    const { ready, waiting } = await plane.targets();
    expect(waiting).toEqual([]);
    expect(ready.map(({ account, region: where }) => [account, where])).toEqual([
      [self, region],
      ['111111111111', region],
      ['222222222222', region],
      ['222222222222', 'us-east-1'],
    ]);
    expect(ready[1]?.identity).toContain('arn:aws:sts::111111111111:assumed-role/agent/federation-agent-');
    const names = await Promise.all(
      ready.map(async ({ reads }) => (await reads.restApis('scan')).map(({ name }) => name)),
    );
    expect(names).toEqual([['own'], ['first'], ['second'], []]);
    expect(telemetry.lines().filter(({ arn }) => arn !== undefined)).toHaveLength(3);
    expect(JSON.stringify(telemetry.lines())).not.toContain('an-external-id');
  });

  test('a list of roles, each in every region; an account that is another one waits', async () => {
    const roles = await open({
      region: `${region},us-east-1`,
      roleArn: `${roleOf('111111111111')},${roleOf('222222222222')}`,
    });
    const { ready } = await roles.targets();
    expect(ready.map((target) => `${target.account}/${target.region}`)).toEqual([
      `111111111111/${region}`,
      '111111111111/us-east-1',
      `222222222222/${region}`,
      '222222222222/us-east-1',
    ]);
    const wrong = await open({
      targets: [{ accountId: '333333333333', roleArn: roleOf('111111111111'), regions: region }],
    });
    expect(await wrong.targets()).toMatchObject({
      ready: [],
      waiting: [{ reason: expect.stringContaining('these credentials belong to 111111111111') }],
    });
  });
});
