/**
 * Changes as they happen, with our own SQS and one that we did not write: each is in the catalog within seconds, while
 * no scan runs; whatever happens to its message.
 */
import {
  APIGatewayClient,
  CreateDeploymentCommand,
  CreateStageCommand,
  TagResourceCommand,
  UpdateRestApiCommand,
} from '@aws-sdk/client-api-gateway';
import { CatalogEntry, ScanRecord, catalogKeys, limitsAt } from '@federation-agent/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
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
  type AwsKind,
  type AwsPeer,
  type ChangeQueuePeer,
  type Describe,
} from '../support/index.ts';

/** What people are promised; the agent's own waits are a twentieth of the real ones. */
const soon = 10_000;
const integration = 'changes';
const beyondRest = { httpApis: 'true', customDomains: 'true' };
/** `off`, so that only a message can be why the catalog changes. */
const unscanned = { id: integration, schedule: 'off' };

function changesOn(kind: AwsKind, describeIt: Describe): void {
  describeIt(`changes as they happen, on the SQS of ${kind === 'moto' ? 'moto' : 'the sandbox'}`, () => {
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
      aws = await startAwsPeer(kind);
      const { region, ownerUrl: endpoint, ownerCredentials: credentials } = aws;
      owner = new APIGatewayClient({ region, endpoint, credentials });
      pets = await aws.addApi({ name: 'pets', description: 'pets' });
      planId = await aws.addPlan('gold', [pets]);
      queue = await makeChangeQueue(aws);
      const { id, schedule } = unscanned;
      const more = { changeQueueUrl: queue.url, schedule, ...(kind === 'sandbox' && beyondRest) };
      agent = startAgent({
        broker: server,
        apim: { endpoint: 'ws://127.0.0.1:9', token: 'none' },
        aws: { url: aws.url, ...aws.credentials },
        integrations: [{ id, region, more }],
        timeScale: 20,
      });
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
    beforeEach(() => emptied());
    afterEach(() => aws.faults.release());
    afterAll(async () => {
      owner.destroy();
      queue.stop();
      await broker.close();
      await agent.stop();
      await aws.stop();
    });

    const record = async () =>
      (await scans.get(catalogKeys.scan(integration, aws.account, aws.region)))?.value;
    const entry = async ({ apiId, stage }: ApiStage): Promise<CatalogEntry | undefined> => {
      const { account, region } = aws;
      const key = catalogKeys.entry(integration, { account, region, restApiId: apiId, stage });
      return (await catalog.get(key))?.value;
    };
    const emptied = () => untilHolds(async () => expect(await queue.depth()).toBe(0));
    /** Deploys, and has it told. @returns the id of the deployment */
    const deploy = async ({ apiId, stage }: ApiStage = pets): Promise<string> => {
      const input = { restApiId: apiId, stageName: stage };
      const { id = '' } = await owner.send(new CreateDeploymentCommand(input));
      const requestParameters = { restApiId: apiId, createDeploymentInput: { stageName: stage } };
      await queue.told({ eventName: 'CreateDeployment', requestParameters });
      return id;
    };
    const isDeployed = (id: string) =>
      untilHolds(async () => expect((await entry(pets))?.deploymentId).toBe(id), soon);
    const stageReads = () => aws.faults.count('GET', /^\/restapis\/\w+\/stages(?:\?|$)/u);
    const logged = (text: string) =>
      discovery
        .log()
        .map((line) => JSON.stringify(line))
        .filter((line) => line.includes(text));

    test('a deployment, with its document', async () => {
      const exported = async () => {
        const document = (await entry(pets))?.document;
        return document?.state === 'stored' ? document.cacheKey : undefined;
      };
      const before = await exported();
      await isDeployed(await deploy());
      await untilHolds(async () => expect([undefined, before]).not.toContain(await exported()), soon);
      await emptied();
      expect((await record())?.changeHeardAt).toBeGreaterThan(0);
    });

    test('a stage that joins a plan, and another plan', async () => {
      const deploymentId = (await entry(pets))?.deploymentId;
      const beta = { apiId: pets.apiId, stage: 'beta' };
      await owner.send(
        new CreateStageCommand({ restApiId: pets.apiId, stageName: beta.stage, deploymentId }),
      );
      await aws.attach(planId, beta);
      await queue.told({ eventName: 'UpdateUsagePlan', requestParameters: { usageplanId: planId } });
      await untilHolds(async () => expect(await entry(beta)).toMatchObject({ verified: true }), soon);
      await aws.addPlan('silver', [pets]);
      await queue.told({ eventName: 'CreateUsagePlan' });
      await untilHolds(async () => expect((await entry(pets))?.plans).toHaveLength(2), soon);
    });

    test('the name of an API, from an event that SNS wraps', async () => {
      const patchOperations = [{ op: 'replace' as const, path: '/name', value: 'cats' }];
      await owner.send(new UpdateRestApiCommand({ restApiId: pets.apiId, patchOperations }));
      const event = queue.event({
        eventName: 'UpdateRestApi',
        requestParameters: { restApiId: pets.apiId },
      });
      await queue.send(JSON.stringify({ Type: 'Notification', Message: JSON.stringify(event) }));
      await untilHolds(async () => expect((await entry(pets))?.name).toBe('cats'), soon);
    });

    // moto cannot tag an API, and its HTTP APIs and domains are no part of this.
    if (kind === 'sandbox') {
      test('an HTTP API, and what it has become', async () => {
        const { control } = aws.sandbox ?? {};
        const made = control?.addHttpApi({ name: 'orders', routes: ['GET /orders'] });
        if (!control || !made) throw new Error('no sandbox');
        const { apiId } = made;
        const told = (eventName: string) =>
          queue.send(JSON.stringify(queue.event({ eventName, requestParameters: { apiId } })));
        await told('CreateStage');
        const exported = async () => (await entry(made))?.document;
        await untilHolds(async () => expect(await exported()).toMatchObject({ state: 'stored' }), soon);
        const before = await exported();
        control.addRoute({ apiId, routeKey: 'GET /orders/{id}' });
        await told('CreateRoute');
        await untilHolds(async () => {
          const after = await exported();
          expect(after).toMatchObject({ state: 'stored' });
          expect(after).not.toEqual(before);
        }, soon);
      });

      test('an address under a custom domain', async () => {
        const { control } = aws.sandbox ?? {};
        control?.addDomain({ domain: 'api.example.com' });
        control?.mapDomain({ domain: 'api.example.com', path: 'pets', ...pets });
        const requestParameters = { domainName: 'api.example.com' };
        await queue.send(
          JSON.stringify(queue.event({ eventName: 'CreateBasePathMapping', requestParameters })),
        );
        const addresses = [{ url: 'https://api.example.com/pets' }];
        await untilHolds(async () => expect(await entry(pets)).toMatchObject({ addresses }), soon);
      });

      test('a tag', async () => {
        const resourceArn = `arn:aws:apigateway:${aws.region}::/restapis/${pets.apiId}`;
        await owner.send(new TagResourceCommand({ resourceArn, tags: { team: 'blue' } }));
        await untilHolds(async () => expect((await entry(pets))?.tags).toEqual({ team: 'blue' }), soon);
      });
    }

    test('the same message many times, and an older one after a newer one, cost few reads', async () => {
      const before = stageReads();
      const id = await deploy();
      const [newer, older] = [new Date().toISOString(), new Date(Date.now() - 60_000).toISOString()];
      const requestParameters = { restApiId: pets.apiId };
      for (const eventTime of [newer, older, newer, older, older, newer, older, newer, older, newer]) {
        const event = queue.event({ eventName: 'CreateDeployment', eventTime, requestParameters });
        await queue.send(JSON.stringify(event));
      }
      await isDeployed(id);
      await emptied();
      expect(stageReads() - before).toBeLessThanOrEqual(6);
    });

    test('what is forged, unreadable, foreign or of no interest leaves the queue, and reads no API', async () => {
      const before = [stageReads(), await entry(pets)];
      const told = (eventName: string, requestParameters: object, more: object = {}) =>
        queue.send(JSON.stringify({ ...queue.event({ eventName, requestParameters }), ...more }));
      await told('CreateDeployment', { restApiId: 'nosuchapi' });
      for (const body of ['no JSON', '{}', '[]', JSON.stringify({ Message: 'x' })]) await queue.send(body);
      await told('CreateStage', { restApiId: pets.apiId }, { account: '999999999999' });
      await told('CreateStage', { restApiId: pets.apiId }, { region: 'us-east-2' });
      await told('CreateApiKey', { createApiKeyInput: { name: 'gravitee' } });
      await told('DeleteApiKey', { apiKey: 'x' });
      await emptied();
      expect([stageReads(), await entry(pets)]).toEqual(before);
    });

    test('a change whose reader is killed before the catalog has it is read by the next one', async () => {
      const hangs = aws.faults.fault({ path: /^\/usageplans/u, action: { kind: 'hang', when: 'before' } });
      const id = await deploy();
      await hangs.reached;
      await discovery.end('SIGKILL');
      hangs.release();
      expect(await queue.depth()).toBeGreaterThan(0);
      discovery = agent.start('aws-discovery');
      await isDeployed(id);
      await emptied();
    });

    test('two replicas share the messages, and what both read ends as AWS has it', async () => {
      const other = agent.start('aws-discovery');
      await other.ready();
      const ids: string[] = [];
      for (let n = 0; n < 6; n += 1) ids.push(await deploy());
      await isDeployed(ids.at(-1) ?? '');
      await emptied();
      await other.end('SIGTERM');
      expect((await entry(pets))?.deploymentId).toBe(ids.at(-1));
    });

    test('while AWS does not answer, the message stays and the catalog too; then it is read', async () => {
      const before = await entry(pets);
      const fails = aws.faults.fault({
        path: /^\/restapis\?/u,
        action: { kind: 'answer', status: 500, body: '{}' },
      });
      const id = await deploy();
      await fails.reached;
      await eventually('the failure', () => logged('could not be read')[0]);
      expect(await queue.depth()).toBeGreaterThan(0);
      expect(await entry(pets)).toEqual(before);
      fails.release();
      await isDeployed(id);
    });

    test('a queue that is denied: one line names the permission; then it is read again', async () => {
      const body = JSON.stringify({
        __type: 'com.amazon.coral.service#AccessDeniedException',
        message: 'no identity-based policy allows the sqs:receivemessage action',
      });
      const denied = aws.faults.fault({
        method: 'POST',
        path: /^\/$/u,
        action: { kind: 'answer', status: 400, headers: { 'content-type': 'application/json' }, body },
      });
      const said = () => logged(`needs sqs:ReceiveMessage on arn:aws:sqs:${aws.region}:${aws.account}:`);
      await eventually('the line', () => said()[0]);
      await discovery.untilHealth(/sqs:ReceiveMessage/u);
      await eventually('several refusals', () => denied.hits() > 3 || undefined);
      expect(said()).toHaveLength(1);
      const id = await deploy();
      denied.release();
      await isDeployed(id);
      await discovery.ready();
    });

    test('a queue that was deleted and made again is read again', async () => {
      await queue.delete();
      await eventually('the line', () => logged('make the queue')[0]);
      await queue.create();
      await isDeployed(await deploy());
    });
  });
}

changesOn('sandbox', describe);
changesOn('moto', requireOrSkip('moto', probeMoto()));
