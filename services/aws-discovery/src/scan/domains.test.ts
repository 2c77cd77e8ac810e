import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { CatalogEntry } from '@federation-agent/contracts';
import { DEFAULT_ACCOUNT, REACH_POLICY, SANDBOX_AGENT } from '@federation-agent/sandbox';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { startWorkbench, type Replica, type Workbench } from '../../test/workbench.ts';

let server: TestBroker;
let bench: Workbench;
beforeAll(async () => {
  server = await startTestBroker();
});
afterAll(() => server.stop());
beforeEach(async () => {
  bench = await startWorkbench(server);
});
afterEach(() => bench.stop());

const domains = { customDomains: 'true' };
const stage = 'prod';

async function urlsOf(uniqueId: string): Promise<string[]> {
  const entry = (await bench.entries()).get(uniqueId);
  return (entry?.addresses ?? []).map(({ url }) => url);
}

const linesOf = ({ telemetry }: Replica): string => JSON.stringify(telemetry.lines());

/** The page and the metadata that APIM gets of the one API. */
async function sent() {
  const started = await bench.link.startIngest();
  if (started.status !== 'SUCCEEDED') throw new Error(started.errorDetails);
  const [batch] = await bench.link.untilDone(started.payload.ingestJobId);
  const [api] = batch?.apis ?? [];
  const content = JSON.parse(api?.pages[0]?.content ?? '{}') as { servers?: { url: string }[] };
  const metadata = new Map(api?.metadata.map(({ name, value }) => [name, value]));
  return { servers: content.servers?.map(({ url }) => url), metadata };
}

test('the address under a domain comes first, in the metadata and in the page', async () => {
  const { control } = bench.aws;
  control.grantReach();
  const { apiId, uniqueId } = bench.addApi();
  control.addDomain({ domain: 'api.example.com' });
  control.mapDomain({ domain: 'api.example.com', path: 'pets/v1', apiId, stage });
  await bench.start({ configuration: domains });
  expect((await bench.scanned()).lastFailure).toBeUndefined();
  expect(await urlsOf(uniqueId)).toEqual(['https://api.example.com/pets/v1']);
  const own = `https://${apiId}.execute-api.eu-west-1.amazonaws.com/prod`;
  const { servers, metadata } = await sent();
  expect(servers).toEqual(['https://api.example.com/pets/v1', own]);
  expect([metadata.get('Invoke URL'), metadata.get('Other URLs')]).toEqual([
    'https://api.example.com/pets/v1',
    own,
  ]);
});

test('domains of all types are read with one call each, and once per scan', async () => {
  const { control } = bench.aws;
  control.grantReach();
  const { apiId, uniqueId } = bench.addApi();
  control.addDomain({ domain: 'edge.example.com', type: 'EDGE' });
  control.mapDomain({ domain: 'edge.example.com', apiId });
  const { id } = control.addDomain({ domain: 'inside.example.com', type: 'PRIVATE' });
  control.mapDomain({
    domain: 'inside.example.com',
    ...(id !== undefined && { id }),
    path: 'p',
    apiId,
    stage,
  });
  control.addDomain({ domain: 'rules.example.com', routingMode: 'ROUTING_RULE_ONLY' });
  control.addRule({
    domain: 'rules.example.com',
    priority: 1,
    basePaths: ['pets'],
    stripBasePath: true,
    apiId,
    stage,
  });
  await bench.start({ configuration: domains });
  await bench.scanned();
  expect(await urlsOf(uniqueId)).toEqual([
    'https://edge.example.com/prod',
    'https://rules.example.com/pets',
    'https://inside.example.com/p',
  ]);
  control.clearLog();
  await bench.scanAgain();
  expect(bench.counted()).toEqual({
    GetRestApis: 1,
    GetUsagePlans: 1,
    GetStages: 1,
    GetDomainNames: 1,
    GetBasePathMappings: 2,
    GetApiMappings: 1,
    ListRoutingRules: 1,
  });
});

test('an endpoint that is switched off is no address', async () => {
  const { control } = bench.aws;
  control.grantReach();
  const api = control.addHttpApi({ name: 'orders', routes: ['GET /orders'] });
  control.addDomain({ domain: 'api.example.com' });
  control.mapDomain({ domain: 'api.example.com', apiId: api.apiId, stage: api.stage });
  await bench.start({ configuration: { ...domains, httpApis: 'true' } });
  await bench.scanned();
  control.disableEndpoint({ apiId: api.apiId });
  await bench.scanAgain();
  const { servers, metadata } = await sent();
  expect(servers).toEqual(['https://api.example.com']);
  expect(metadata.has('Other URLs')).toBe(false);
});

test('an endpoint that is off, and no domain: no address; where domains cannot be read, as without the key', async () => {
  const { control } = bench.aws;
  const { apiId } = bench.addApi();
  control.disableEndpoint({ apiId });
  await bench.start({ configuration: domains });
  await bench.scanned();
  expect((await bench.only()).addresses).toBeUndefined();
  expect((await sent()).metadata.has('Invoke URL')).toBe(true);
  control.grantReach();
  await bench.scanAgain();
  expect((await bench.only()).addresses).toEqual([]);
  expect((await sent()).metadata.has('Invoke URL')).toBe(false);
});

test('where the policy lacks the right nothing else changes, and one line says so', async () => {
  const { control } = bench.aws;
  bench.addApi();
  control.addDomain({ domain: 'api.example.com' });
  const replica = await bench.start({ configuration: domains });
  const record = await bench.scanned();
  expect(record.lastFailure).toBeUndefined();
  expect(record.lastCompleteAt).toBe(record.lastAttemptAt);
  await bench.scanAgain();
  expect(linesOf(replica).match(/custom domains cannot be read/gu)).toHaveLength(1);
  expect(linesOf(replica)).toContain('apigateway:GET on arn:aws:apigateway:*::/domainnames');
  expect((await bench.only()).addresses).toBeUndefined();
});

test('what could not be read keeps the addresses it had; a domain that is gone loses them', async () => {
  const { control } = bench.aws;
  control.grantReach();
  const { apiId, uniqueId } = bench.addApi();
  for (const name of ['one', 'two']) {
    control.addDomain({ domain: `${name}.example.com` });
    control.mapDomain({ domain: `${name}.example.com`, apiId, stage });
  }
  await bench.start({ configuration: domains });
  await bench.scanned();
  const both = ['https://one.example.com', 'https://two.example.com'];
  expect(await urlsOf(uniqueId)).toEqual(both);
  for (const operation of ['GetDomainNames', 'GetApiMappings']) {
    for (const status of [403, 429, 500]) {
      control.addFault({ match: { operation }, fault: { kind: 'status', status } });
      await bench.scanAgain();
      expect(await urlsOf(uniqueId)).toEqual(both);
      control.clearFaults();
    }
  }
  control.deleteDomain({ domain: 'one.example.com' });
  await bench.scanAgain();
  expect(await urlsOf(uniqueId)).toEqual(['https://two.example.com']);
});

test('one domain that fails holds no other one up, and the scan says it', async () => {
  const { control } = bench.aws;
  control.grantReach();
  const { apiId, uniqueId } = bench.addApi();
  const map = (name: string, path: string) =>
    control.mapDomain({ domain: `${name}.example.com`, path, apiId, stage });
  for (const name of ['one', 'two']) {
    control.addDomain({ domain: `${name}.example.com` });
    map(name, 'old');
  }
  await bench.start({ configuration: domains });
  await bench.scanned();
  map('one', 'a/new');
  map('two', 'a/new');
  control.addFault({ match: { path: '*one.example.com*' }, fault: { kind: 'status', status: 500 } });
  expect((await bench.scanAgain()).lastFailure).toBeDefined();
  expect(await urlsOf(uniqueId)).toEqual([
    'https://one.example.com/old',
    'https://two.example.com/old',
    'https://two.example.com/a/new',
  ]);
  control.clearFaults();
  expect((await bench.scanAgain()).lastFailure).toBeUndefined();
  expect(await urlsOf(uniqueId)).toHaveLength(4);
});

test('rules that may not be read hold only the domains up that have some; what is denied is asked once', async () => {
  const { control } = bench.aws;
  const withoutRules = {
    Statement: REACH_POLICY.Statement.filter(({ Action }) => !Action.includes('apigateway:ListRoutingRules')),
  };
  control.setPolicy({
    arn: `arn:aws:iam::${DEFAULT_ACCOUNT}:user/${SANDBOX_AGENT.name}`,
    policy: withoutRules,
  });
  const { apiId, uniqueId } = bench.addApi();
  const routingMode = 'ROUTING_RULE_THEN_BASE_PATH_MAPPING';
  for (let index = 0; index < 12; index += 1)
    control.addDomain({ domain: `r${index}.example.com`, routingMode });
  for (const name of ['one', 'two']) {
    control.addDomain({ domain: `${name}.example.com` });
    control.mapDomain({ domain: `${name}.example.com`, apiId, stage });
  }
  const replica = await bench.start({ configuration: domains });
  expect((await bench.scanned()).lastFailure).toBeUndefined();
  expect(await urlsOf(uniqueId)).toEqual(['https://one.example.com', 'https://two.example.com']);
  expect(linesOf(replica).match(/custom domains cannot be read/gu)).toHaveLength(1);
  expect(linesOf(replica)).toContain('apigateway:ListRoutingRules on arn:aws:apigateway:*:*:/domainnames/*');
  // At most as many as are under way at once.
  expect(bench.counted()['ListRoutingRules']).toBeLessThanOrEqual(8);
});

test('nobody asks any more: the addresses go, and nothing is asked', async () => {
  const { control } = bench.aws;
  control.grantReach();
  const { apiId, uniqueId } = bench.addApi();
  control.addDomain({ domain: 'api.example.com' });
  control.mapDomain({ domain: 'api.example.com', apiId, stage });
  const first = await bench.start({ configuration: domains });
  await bench.scanned();
  expect(await urlsOf(uniqueId)).toHaveLength(1);
  await first.stop();
  control.clearLog();
  await bench.start();
  await bench.scanAgain();
  expect(await urlsOf(uniqueId)).toEqual([]);
  expect(bench.counted()).not.toHaveProperty('GetDomainNames');
});

test("the account's throttle is named in plans that allow more, and its denial changes nothing else", async () => {
  const { control } = bench.aws;
  bench.addApi();
  control.setAccountThrottle({ rateLimit: 50, burstLimit: 20 });
  const replica = await bench.start({ configuration: { accountLimits: 'true' } });
  await bench.scanned();
  const before: CatalogEntry = await bench.only();
  expect(before.accountThrottle).toBeUndefined();
  expect(linesOf(replica).match(/the account's throttle cannot be read/gu)).toHaveLength(1);
  control.grantReach();
  await bench.scanAgain();
  expect(await bench.only()).toMatchObject({ accountThrottle: { rateLimit: 50, burstLimit: 20 } });
});
