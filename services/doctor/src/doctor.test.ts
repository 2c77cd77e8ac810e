import { expect, test } from '@jest/globals';
import {
  DEFAULT_ACCOUNT,
  FULL_POLICY,
  MINIMUM_POLICY,
  REACH_POLICY,
  SANDBOX_AGENT,
} from '@federation-agent/sandbox';
import { json, table } from './report.ts';
import { exitCode, type CheckResult } from './result.ts';
import { closedPort, failedOf, resultsOf, useInstallation } from '../test/installation.ts';

const { it, ending } = useInstallation();

test('all good', async () => {
  const results = await it().examine();
  expect(failedOf(results)).toEqual([]);
  expect(exitCode(results)).toBe(0);
  const said = table(results, { colours: false, width: 200 });
  for (const words of [
    /configuration +ok/u,
    /secrets +ok +\d+ read, none shown/u,
    /dns +ok .*127\.0\.0\.1 is an address/u,
    /tcp +ok/u,
    /upgrade +ok/u,
    /hello +ok .*int-1 at .*APIM knows the integration/u,
    /broker +ok .*nats-server 2\.\d+/u,
    /jetstream +ok/u,
    /broker permissions +ok/u,
    /aws identity +ok .*arn:aws:iam::123456789012:user\/federation-agent/u,
    /aws permission +ok +GetRestApis/u,
    /ok +GetUsagePlans.*allowed/u,
    /ok +GetStages.*allowed/u,
    /ok +GetExport.*allowed/u,
    /skipped +CreateApiKey.*cannot be checked without a change in AWS/u,
    /skipped +DeleteApiKey.*apigateway:DELETE on arn:aws:apigateway:\*::\/apikeys\/\*/u,
    /clock +ok .*nats/u,
    /clock.*\n.*of AWS|ahead of AWS|behind AWS/u,
    /api keys +skipped .*cannot be counted/u,
    /^All good/mu,
  ])
    expect(said).toMatch(words);
  expect(said).not.toContain('\u001b');
  expect(table(results, { colours: true, width: 80 })).toContain('\u001b[32mok');
  expect(JSON.parse(json(results))).toMatchObject({ exitCode: 0, checks: results });
  const calls = it()
    .aws.control.log({})
    .map(({ method }) => method);
  expect(new Set(calls.filter((method) => method !== 'POST'))).toEqual(new Set(['GET'])); // The POST is STS's.
});

test('opt-ins of the configuration: what each statement would give, and nothing fails without it', async () => {
  const account = DEFAULT_ACCOUNT;
  it().aws.control.subscribeQueue({ account, region: 'eu-west-1', queue: 'changes' });
  const keys = {
    httpApis: 'true',
    customDomains: 'true',
    accountLimits: 'true',
    changeQueueUrl: `${it().aws.url}/${account}/changes`,
  };
  const asked = Object.fromEntries(
    Object.entries(keys).map(([key, value]) => [
      `gravitee_integration_providers_0_configuration_${key}`,
      value,
    ]),
  );
  const denied = await it().examine(asked);
  expect(failedOf(denied)).toEqual([]);
  const notes = resultsOf(denied, 'aws permission').filter(({ status }) => status === 'note');
  expect(notes.map(({ detail, fix }) => [/; (\w+).* would give/u.exec(detail)?.[1], fix])).toEqual([
    ['httpApis', expect.stringContaining('"Resource":"arn:aws:apigateway:*::/apis*"')],
    ['customDomains', expect.stringContaining('"Resource":"arn:aws:apigateway:*::/domainnames*"')],
    ['accountLimits', expect.stringContaining('"Resource":"arn:aws:apigateway:*::/account"')],
    ['changeQueueUrl', expect.stringContaining(`arn:aws:sqs:eu-west-1:${account}:changes`)],
  ]);
  it().aws.control.grantReach();
  const allowed = resultsOf(await it().examine(asked), 'aws permission');
  it().aws.control.setPolicy({ arn: agentArn, policy: MINIMUM_POLICY });
  expect(allowed.filter(({ detail }) => detail.startsWith('allowed, for '))).toHaveLength(4);
});

test('routing rules need a right of their own, where a domain has some', async () => {
  const { control } = it().aws;
  const Statement = REACH_POLICY.Statement.filter(
    ({ Action }) => !Action.includes('apigateway:ListRoutingRules'),
  );
  control.setPolicy({ arn: agentArn, policy: { Statement } });
  ending.push(() => {
    control.setPolicy({ arn: agentArn, policy: MINIMUM_POLICY });
  });
  const asked = { gravitee_integration_providers_0_configuration_customDomains: 'true' };
  const ofDomains = async () => {
    const results = await it().examine(asked);
    expect(failedOf(results)).toEqual([]);
    return resultsOf(results, 'aws permission').find(({ subject }) => subject.startsWith('GetDomainNames'));
  };
  control.addDomain({ domain: 'plain.example.com' });
  expect(await ofDomains()).toMatchObject({ status: 'ok' });
  control.addDomain({ domain: 'rules.example.com', routingMode: 'ROUTING_RULE_ONLY' });
  ending.push(() => control.deleteDomain({ domain: 'rules.example.com' }));
  expect(await ofDomains()).toMatchObject({
    status: 'note',
    fix: expect.stringContaining(
      '{"Effect":"Allow","Action":"apigateway:ListRoutingRules","Resource":"arn:aws:apigateway:*:*:/domainnames/*"}',
    ) as unknown,
  });
  control.setPolicy({ arn: agentArn, policy: REACH_POLICY });
  expect(await ofDomains()).toMatchObject({ status: 'ok' });
});

test('a wrong token is a 401 at the upgrade', async () => {
  const results = await it().examine({
    gravitee_integration_connector_ws_headers_0_value: 'bearer wrong-token',
  });
  expect(failedOf(results)).toEqual(['upgrade']);
  expect(resultsOf(results, 'upgrade')[0]).toMatchObject({
    detail: expect.stringContaining('401'),
    fix: expect.stringContaining('headers[n].value'),
  });
  expect(resultsOf(results, 'hello')[0]?.status).toBe('skipped');
  expect(exitCode(results)).toBe(1);
  expect(json(results)).not.toContain('wrong-token');
});

test('a Cloud Token that is refused is named as such', async () => {
  const part = (claims: object): string => Buffer.from(JSON.stringify(claims)).toString('base64url');
  const cloudToken = `${part({ alg: 'none' })}.${part({ org: 'o', envs: ['e'], cpg: 'eu' })}.c2lnbmF0dXJl`;
  const results = await it().examine({
    gravitee_cloud_token: cloudToken,
    gravitee_integration_connector_ws_headers_0_name: undefined,
    gravitee_integration_connector_ws_headers_0_value: undefined,
  });
  expect(failedOf(results)).toEqual(['upgrade']);
  expect(resultsOf(results, 'upgrade')[0]?.fix).toMatch(/^set cloud\.token /u);
  expect(json(results)).not.toContain(cloudToken);
});

test.each([
  ['unknown', /not found/u, /copy the id/u],
  ['other', /of the provider solace/u, /create an integration/u],
])('the wrong integration %s', async (integrationId, detail, fix) => {
  const results = await it().examine({ gravitee_integration_providers_0_integrationId: integrationId });
  expect(failedOf(results)).toEqual(['hello']);
  expect(resultsOf(results, 'hello')[0]?.detail).toMatch(detail);
  expect(resultsOf(results, 'hello')[0]?.fix).toMatch(fix);
});

const agentArn = `arn:aws:iam::${DEFAULT_ACCOUNT}:user/${SANDBOX_AGENT.name}`;

test('a permission that is missing: the statement to add', async () => {
  ending.push(() => {
    it().aws.control.setPolicy({ arn: agentArn, policy: MINIMUM_POLICY });
  });
  const without = JSON.stringify(MINIMUM_POLICY).replace(',"arn:aws:apigateway:*::/usageplans"]', ']');
  it().aws.control.setPolicy({ arn: agentArn, policy: JSON.parse(without) as typeof MINIMUM_POLICY });
  const results = await it().examine();
  expect(failedOf(results)).toEqual(['aws permission']);
  const [denied] = results.filter(({ status }) => status === 'failed');
  expect(denied?.subject).toMatch(/^GetUsagePlans/u);
  expect(denied?.detail).toMatch(
    /^needs apigateway:GET on arn:aws:apigateway:\*::\/usageplans: AccessDenied/u,
  );
  expect(denied?.fix).toBe(
    'add to the policy of this identity: {"Effect":"Allow","Action":"apigateway:GET","Resource":"arn:aws:apigateway:*::/usageplans"}',
  );
});

test('a permission that is denied: an Allow would not help', async () => {
  ending.push(() => {
    it().aws.control.setPolicy({ arn: agentArn, policy: MINIMUM_POLICY });
  });
  it().aws.control.deny({ arn: agentArn, verb: 'GET', path: '/usageplans' });
  const results = await it().examine();
  expect(failedOf(results)).toEqual(['aws permission']);
  expect(results.find(({ status }) => status === 'failed')?.fix).toMatch(
    /^remove the Deny for apigateway:GET/u,
  );
});

test('a clock so far off that AWS refuses: the clock is said, not the permissions', async () => {
  it().aws.control.setClockOffset({ ms: 600_000 });
  ending.push(() => {
    it().aws.control.setClockOffset({ ms: 0 });
  });
  const results = await it().examine();
  expect(failedOf(results)).toEqual(['clock']);
  expect(results.find(({ status }) => status === 'failed')?.detail).toMatch(
    /this host is (599|60\d)\.\d s behind AWS/u,
  );
});

test('API keys are counted where that is permitted, and told from 9,000 on', async () => {
  ending.push(() => {
    it().aws.control.setPolicy({ arn: agentArn, policy: MINIMUM_POLICY });
  });
  it().aws.control.setPolicy({ arn: agentArn, policy: FULL_POLICY });
  const counted = async (): Promise<CheckResult | undefined> =>
    resultsOf(await it().examine(), 'api keys')[0];
  expect(await counted()).toMatchObject({ status: 'ok', detail: expect.stringMatching(/^0 of the 10000 /u) });
  const at = { account: DEFAULT_ACCOUNT, region: 'eu-west-1' };
  for (let keys = 0; keys < 9_000; keys += 1) it().aws.control.addKey({ ...at, enabled: true });
  expect(await counted()).toMatchObject({
    status: 'note',
    detail: expect.stringMatching(/^9000 of the 10000 /u),
    fix: expect.stringContaining('quota'),
  });
});

test('AWS is not there: said once, and the rest is not waited for', async () => {
  const nowhere = `http://127.0.0.1:${await closedPort()}`;
  const configuration = 'gravitee_integration_providers_0_configuration';
  const noSts = await it().examine({ [`${configuration}_endpointUrl`]: nowhere });
  expect(failedOf(noSts)).toEqual(['aws identity']);
  expect(resultsOf(noSts, 'aws identity')[0]?.fix).toContain('let this host reach STS in eu-west-1');
  const noGateway = await it().examine({
    [`${configuration}_endpointUrl`]: nowhere,
    [`${configuration}_stsEndpointUrl`]: it().aws.url,
  });
  expect(failedOf(noGateway)).toEqual(['aws permission']);
  expect(resultsOf(noGateway, 'aws permission').map(({ status }) => status)).toEqual(['failed', 'skipped']);
});

test('a wrong secret: no identity, the rest of this target is skipped', async () => {
  const results = await it().examine({
    gravitee_integration_providers_0_configuration_secretAccessKey: 'wrong-secret-of-nobody',
  });
  expect(failedOf(results)).toEqual(['aws identity']);
  expect(resultsOf(results, 'aws permission').every(({ status }) => status === 'skipped')).toBe(true);
  expect(json(results)).not.toContain('wrong-secret-of-nobody');
});

test('a clock that is off', async () => {
  it().aws.control.setClockOffset({ ms: 90_000 });
  ending.push(() => {
    it().aws.control.setClockOffset({ ms: 0 });
  });
  const results = await it().examine();
  const said = resultsOf(results, 'clock').find(({ detail }) => detail.includes('AWS'));
  expect(said).toMatchObject({ status: 'note', fix: expect.stringContaining('NTP') });
  expect(said?.detail).toMatch(/this host is (89|90|91)\.\d s behind AWS/u);
});

test('the broker is down; APIM has a name that nobody knows', async () => {
  const port = await closedPort();
  const results = await it().examine({
    NATS_URL: `nats://user:s3cret-word@127.0.0.1:${port}`,
    gravitee_integration_connector_ws_endpoints_0: 'http://no-such-host.invalid:8072',
  });
  expect(failedOf(results)).toEqual(['dns', 'broker']);
  expect(resultsOf(results, 'broker')[0]).toMatchObject({
    fix: expect.stringContaining('federation.broker.url'),
  });
  expect(resultsOf(results, 'dns')[0]?.fix).toContain('integration.connector.ws.endpoints[0]');
  for (const check of ['tcp', 'tls', 'upgrade', 'hello', 'jetstream', 'broker permissions'] as const)
    expect(resultsOf(results, check)[0]?.status).toBe('skipped');
  expect(json(results)).not.toContain('s3cret-word');
});

test('two endpoints, one port closed: each is told by itself', async () => {
  const port = await closedPort();
  const results = await it().examine({
    gravitee_integration_connector_ws_endpoints_1: `http://127.0.0.1:${port}`,
  });
  expect(
    resultsOf(results, 'tcp')
      .map(({ status }) => status)
      .toSorted(),
  ).toEqual(['failed', 'ok']);
  expect(resultsOf(results, 'tcp').find(({ status }) => status === 'failed')?.fix).toContain('8072');
  expect(
    resultsOf(results, 'hello')
      .map(({ status }) => status)
      .toSorted(),
  ).toEqual(['ok', 'skipped']);
});
