/**
 * Changes as they happen, with an SQS that we did not write: each is in the catalog within seconds, while no scan runs;
 * whatever happens to its message.
 */
import {
  APIGatewayClient,
  CreateDeploymentCommand,
  CreateStageCommand,
  UpdateRestApiCommand,
} from '@aws-sdk/client-api-gateway';
import { CatalogEntry, ScanRecord, catalogKeys, limitsAt } from '@federation-agent/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Broker, type Bucket, openBucket } from '@federation-agent/broker';
import { connectTestBroker } from '@federation-agent/broker/test';
import {
  eventually,
  makeChangeQueue,
  MOTO_START_MS,
  probeMoto,
  requireOrSkip,
  singleBroker,
  startAgent,
  startAwsPeer,
  untilHolds,
  type Agent,
  type AgentProcess,
  type ApiStage,
  type AwsPeer,
  type ChangeQueuePeer,
} from '../support/index.ts';

const integration = 'changes';
/** What the issue asks for; the agent's own waits are a twentieth of the real ones. */
const soon = 10_000;
const account = '123456789012';
const region = 'eu-west-1';

requireOrSkip('moto', probeMoto())('changes as they happen, on the SQS of moto', () => {
  let aws: AwsPeer;
  let agent: Agent;
  let broker: Broker;
  let catalog: Bucket<CatalogEntry>;
  let scans: Bucket<ScanRecord>;
  let queue: ChangeQueuePeer;
  let owner: APIGatewayClient;
  let discovery: AgentProcess;
  let pets: ApiStage;
  let planId: string;

  beforeAll(async () => {
    const server = await singleBroker();
    aws = await startAwsPeer('moto');
    owner = new APIGatewayClient({
      region,
      endpoint: aws.ownerUrl,
      credentials: { accessKeyId: 'o', secretAccessKey: 'o' },
    });
    queue = await makeChangeQueue(aws.ownerUrl, { account, region });
    agent = startAgent({
      broker: server,
      apim: { endpoint: 'ws://127.0.0.1:9', token: 'none' },
      aws: { url: aws.url, ...aws.credentials },
      integrations: [{ id: integration, region, more: { changeQueueUrl: queue.url, schedule: 'off' } }],
      timeScale: 20,
    });
    pets = await aws.addApi({ name: 'pets', description: 'pets' });
    planId = await aws.addPlan('gold', [pets]);
    discovery = agent.start('aws-discovery');
    await discovery.ready();
    broker = await connectTestBroker(server, 'aws-discovery', limitsAt(1));
    catalog = await openBucket(broker, 'catalog', CatalogEntry);
    scans = await openBucket(broker, 'scans', ScanRecord);
    await untilHolds(async () => {
      expect((await entry(pets))?.document.state).toBe('stored');
      expect(await record()).not.toHaveProperty('claim');
    });
  }, MOTO_START_MS);
  beforeEach(() => untilHolds(async () => expect(await queue.depth()).toBe(0)));
  afterEach(() => aws.faults.release());
  afterAll(async () => {
    owner.destroy();
    await broker.close();
    await agent.stop();
    await aws.stop();
  });

  const record = async () => (await scans.get(catalogKeys.scan(integration, account, region)))?.value;
  const entry = async ({ apiId, stage }: ApiStage): Promise<CatalogEntry | undefined> => {
    const coordinates = { account, region, restApiId: apiId, stage };
    return (await catalog.get(catalogKeys.entry(integration, coordinates)))?.value;
  };
  const deploy = async (restApiId: string, stageName: string): Promise<string> => {
    const { id = '' } = await owner.send(new CreateDeploymentCommand({ restApiId, stageName }));
    return id;
  };
  const told = (eventName: string, requestParameters: object = {}) =>
    queue.happen({ eventName, requestParameters });
  const deployed = (restApiId: string, stageName: string) =>
    told('CreateDeployment', { restApiId, createDeploymentInput: { stageName } });
  const isDeployed = (id: string, of = pets) =>
    untilHolds(async () => expect((await entry(of))?.deploymentId).toBe(id), soon);
  const logged = (text: string) =>
    discovery
      .log()
      .map((line) => JSON.stringify(line))
      .filter((line) => line.includes(text));
  const calls = (path: RegExp) => aws.faults.count('GET', path);

  test('a deployment, with its document', async () => {
    const before = await entry(pets);
    const id = await deploy(pets.apiId, 'prod');
    await deployed(pets.apiId, 'prod');
    await isDeployed(id);
    const cacheKey = (one: CatalogEntry | undefined) =>
      one?.document.state === 'stored' ? one.document.cacheKey : undefined;
    await untilHolds(async () => expect(cacheKey(await entry(pets))).not.toBe(cacheKey(before)), soon);
    await untilHolds(async () => expect(await queue.depth()).toBe(0));
    expect((await record())?.changeHeardAt).toBeGreaterThan(0);
  });

  test('a stage that joins a plan, and another plan', async () => {
    const deploymentId = (await entry(pets))?.deploymentId;
    await owner.send(new CreateStageCommand({ restApiId: pets.apiId, stageName: 'beta', deploymentId }));
    const beta = { apiId: pets.apiId, stage: 'beta' };
    await aws.attach(planId, beta);
    await told('CreateStage', { restApiId: pets.apiId, createStageInput: { stageName: 'beta' } });
    await told('UpdateUsagePlan', { usageplanId: planId });
    await untilHolds(async () => expect(await entry(beta)).toMatchObject({ verified: true }), soon);
    await aws.addPlan('silver', [pets]);
    await told('CreateUsagePlan');
    await untilHolds(async () => expect((await entry(pets))?.plans).toHaveLength(2), soon);
  });

  test('the name of an API, from an event that SNS wraps', async () => {
    const patchOperations = [{ op: 'replace' as const, path: '/name', value: 'cats' }];
    await owner.send(new UpdateRestApiCommand({ restApiId: pets.apiId, patchOperations }));
    const event = queue.event({ eventName: 'UpdateRestApi', requestParameters: { restApiId: pets.apiId } });
    await queue.send(JSON.stringify({ Type: 'Notification', Message: JSON.stringify(event) }));
    await untilHolds(async () => expect((await entry(pets))?.name).toBe('cats'), soon);
  });

  test('the same message many times, and an older one after a newer one, cost few reads', async () => {
    const id = await deploy(pets.apiId, 'prod');
    const [newer, older] = [new Date().toISOString(), new Date(Date.now() - 60_000).toISOString()];
    const before = calls(/^\/restapis\/\w+\/stages/u);
    for (const eventTime of [newer, older, newer, older, older, newer, older, newer, older, newer])
      await queue.happen({
        eventName: 'CreateDeployment',
        eventTime,
        requestParameters: { restApiId: pets.apiId },
      });
    await isDeployed(id);
    await untilHolds(async () => expect(await queue.depth()).toBe(0));
    expect(calls(/^\/restapis\/\w+\/stages/u) - before).toBeLessThanOrEqual(5);
  });

  test('what is forged, unreadable, foreign or of no interest leaves the queue, and reads no API', async () => {
    const before = [calls(/^\/restapis\/\w+\/stages/u), await entry(pets)];
    await deployed('nosuchapi', 'prod');
    for (const body of ['no JSON', '{}', '[]', JSON.stringify({ Message: 'x' })]) await queue.send(body);
    const foreign = { ...queue.event({ eventName: 'CreateStage' }), account: '999999999999' };
    await queue.send(JSON.stringify(foreign));
    await told('CreateApiKey', { createApiKeyInput: { name: 'gravitee' } });
    await told('DeleteApiKey', { apiKey: 'x' });
    await untilHolds(async () => expect(await queue.depth()).toBe(0));
    expect([calls(/^\/restapis\/\w+\/stages/u), await entry(pets)]).toEqual(before);
  });

  test('a change whose reader is killed before the catalog has it is read by the next one', async () => {
    const hangs = aws.faults.fault({ path: /^\/usageplans/u, action: { kind: 'hang', when: 'before' } });
    const id = await deploy(pets.apiId, 'prod');
    await deployed(pets.apiId, 'prod');
    await hangs.reached;
    await discovery.end('SIGKILL');
    hangs.release();
    expect(await queue.depth()).toBe(1);
    discovery = agent.start('aws-discovery');
    await isDeployed(id);
    await untilHolds(async () => expect(await queue.depth()).toBe(0));
  });

  test('while AWS does not answer, the message stays and the catalog too; then it is read', async () => {
    const before = await entry(pets);
    const fails = aws.faults.fault({
      path: /^\/restapis\?/u,
      action: { kind: 'answer', status: 500, body: '{}' },
    });
    const id = await deploy(pets.apiId, 'prod');
    await deployed(pets.apiId, 'prod');
    await fails.reached;
    await eventually('the failure', () => logged('could not be read')[0]);
    expect(await queue.depth()).toBe(1);
    expect(await entry(pets)).toEqual(before);
    fails.release();
    await isDeployed(id);
  });

  test('a queue that is denied: one line names the permission, health is degraded, and then it is read again', async () => {
    const denied = aws.faults.fault({
      method: 'POST',
      path: /^\/$/u,
      action: {
        kind: 'answer',
        status: 400,
        headers: { 'content-type': 'application/x-amz-json-1.0' },
        body: JSON.stringify({ __type: 'com.amazon.coral.service#AccessDeniedException', message: 'no' }),
      },
    });
    const said = () => logged(`needs sqs:ReceiveMessage on arn:aws:sqs:${region}:${account}:`);
    await eventually('the line', () => said()[0]);
    await eventually('several refusals', () => denied.hits() > 3 || undefined);
    expect(said()).toHaveLength(1);
    const id = await deploy(pets.apiId, 'prod');
    await deployed(pets.apiId, 'prod');
    denied.release();
    await isDeployed(id);
  });

  test('a queue that was deleted and made again is read again', async () => {
    await queue.delete();
    await eventually('the line', () => logged('make the queue')[0]);
    await queue.create();
    const id = await deploy(pets.apiId, 'prod');
    await deployed(pets.apiId, 'prod');
    await isDeployed(id);
  });
});
