import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as gateway from '@aws-sdk/client-api-gateway';
import { denying, evaluate, FULL_POLICY, matchesPattern, MINIMUM_POLICY, resourceArn } from './iam.ts';
import { agentOf, operatorOf, refusalOf } from '../../test/sdk-clients.ts';
import { startAws } from './server.ts';
import type { SandboxAws } from './server.ts';
import type { Landscape } from './seed.ts';

const judge = (verb: string, path: string) =>
  evaluate(MINIMUM_POLICY, `apigateway:${verb}`, resourceArn('eu-west-1', path));

test('a star crosses slashes, nothing else is a pattern', () => {
  expect(matchesPattern('/usageplans/*/keys', '/usageplans/a/b/keys')).toBe(true);
  expect(matchesPattern('/apikeys', '/apikeys/1')).toBe(false);
  expect(matchesPattern('a.c', 'abc')).toBe(false);
});

test('a deny outranks every allow, and what nobody allows is not allowed', () => {
  const policy = denying(FULL_POLICY, 'GET', '/usageplans');
  expect(evaluate(policy, 'apigateway:GET', resourceArn('eu-west-1', '/usageplans'))).toBe(
    'explicitly denied',
  );
  expect(evaluate(policy, 'apigateway:GET', resourceArn('eu-west-1', '/restapis'))).toBe('allowed');
  expect(judge('GET', '/apikeys')).toBe('not allowed');
});

test('the documented policy is for the partition aws only', () => {
  expect(evaluate(MINIMUM_POLICY, 'apigateway:GET', resourceArn('us-east-1', '/restapis'))).toBe('allowed');
  expect(evaluate(MINIMUM_POLICY, 'apigateway:GET', resourceArn('cn-north-1', '/restapis'))).toBe(
    'not allowed',
  );
});

let aws: SandboxAws;
let land: Landscape;
let keyId: string;

beforeAll(async () => {
  aws = await startAws({ throttle: { enabled: false } });
  land = aws.control.seed({ apis: 2, plans: 1, unplanned: 0 });
  keyId = aws.control.addKey({ name: 'foreign' }).id;
});
afterAll(() => aws.stop());

/** What the minimum policy allows of each call, and a call to try it with. */
const TABLE: [name: string, allowed: boolean, call: (client: gateway.APIGateway) => Promise<unknown>][] = [
  ['GetRestApis', true, (client) => client.getRestApis({})],
  ['GetRestApi', true, (client) => client.getRestApi({ restApiId: api() })],
  ['GetStages', true, (client) => client.getStages({ restApiId: api() })],
  ['GetStage', true, (client) => client.getStage({ restApiId: api(), stageName: 'prod' })],
  [
    'GetExport',
    true,
    (client) => client.getExport({ restApiId: api(), stageName: 'prod', exportType: 'oas30' }),
  ],
  ['GetResources', true, (client) => client.getResources({ restApiId: api() })],
  ['GetDeployments', true, (client) => client.getDeployments({ restApiId: api() })],
  ['GetAuthorizers', true, (client) => client.getAuthorizers({ restApiId: api() })],
  ['GetModels', true, (client) => client.getModels({ restApiId: api() })],
  ['GetDocumentationVersions', true, (client) => client.getDocumentationVersions({ restApiId: api() })],
  ['GetUsagePlans', true, (client) => client.getUsagePlans({})],
  ['GetUsagePlans of a key', true, (client) => client.getUsagePlans({ keyId })],
  ['GetUsagePlan', false, (client) => client.getUsagePlan({ usagePlanId: plan() })],
  ['GetUsagePlanKeys', false, (client) => client.getUsagePlanKeys({ usagePlanId: plan() })],
  ['GetUsagePlanKey', false, (client) => client.getUsagePlanKey({ usagePlanId: plan(), keyId })],
  [
    'GetUsage',
    false,
    (client) => client.getUsage({ usagePlanId: plan(), startDate: '2026-01-01', endDate: '2026-01-02' }),
  ],
  ['CreateApiKey', true, (client) => client.createApiKey({ name: 'ours' })],
  ['CreateApiKey with tags', false, (client) => client.createApiKey({ name: 'ours', tags: { owner: 'us' } })],
  [
    'ImportApiKeys',
    true,
    (client) => client.importApiKeys({ format: 'csv', body: Buffer.from(`key\n${'i'.repeat(20)}`) }),
  ],
  [
    'ImportApiKeys with plans',
    true,
    (client) =>
      client.importApiKeys({
        format: 'csv',
        body: Buffer.from(`key,usageplanids\n${'j'.repeat(20)},${plan()}`),
      }),
  ],
  [
    'CreateUsagePlanKey',
    true,
    (client) => client.createUsagePlanKey({ usagePlanId: plan(), keyId, keyType: 'API_KEY' }),
  ],
  [
    'DeleteApiKey',
    true,
    (client) => client.deleteApiKey({ apiKey: aws.control.addKey({ name: 'gone' }).id }),
  ],
  ['GetApiKey', false, (client) => client.getApiKey({ apiKey: keyId })],
  ['GetApiKeys', false, (client) => client.getApiKeys({})],
  ['UpdateApiKey', false, (client) => client.updateApiKey({ apiKey: keyId })],
  ['DeleteUsagePlanKey', false, (client) => client.deleteUsagePlanKey({ usagePlanId: plan(), keyId })],
  ['GetTags', false, (client) => client.getTags({ resourceArn: arnOfApi() })],
  ['TagResource', false, (client) => client.tagResource({ resourceArn: arnOfApi(), tags: { a: 'b' } })],
  ['GetDomainNames', false, (client) => client.getDomainNames({})],
  ['GetBasePathMappings', false, (client) => client.getBasePathMappings({ domainName: 'a.example.com' })],
  ['GetAccount', false, (client) => client.getAccount({})],
  ['CreateUsagePlan', false, (client) => client.createUsagePlan({ name: 'plan' })],
  ['UpdateUsagePlan', false, (client) => client.updateUsagePlan({ usagePlanId: plan() })],
  ['CreateRestApi', false, (client) => client.createRestApi({ name: 'api' })],
  ['DeleteRestApi', false, (client) => client.deleteRestApi({ restApiId: api() })],
];
const api = () => land.apis[0]?.id ?? '';
const plan = () => land.plans[0]?.id ?? '';
const arnOfApi = () => `arn:aws:apigateway:eu-west-1::/restapis/${api()}`;

test.each(TABLE)('under the minimum policy, %s: allowed is %s', async (_name, allowed, attempt) => {
  const call = attempt(agentOf(aws.url));
  if (allowed) await call;
  else expect(await refusalOf(call)).toMatchObject({ name: 'AccessDeniedException', status: 403 });
});

test('the refusal says who, what and where, as AWS does', async () => {
  const { message } = await refusalOf(
    agentOf(aws.url).send(new gateway.CreateApiKeyCommand({ tags: { owner: 'us' } })),
  );
  expect(message).toBe(
    'User: arn:aws:iam::123456789012:user/federation-agent is not authorized to perform: apigateway:PUT on resource: ' +
      'arn:aws:apigateway:eu-west-1::/tags/arn%3Aaws%3Aapigateway%3Aeu-west-1%3A%3A%2Fapikeys ' +
      'because no identity-based policy allows the apigateway:PUT action',
  );
});

test('a right can be taken away and given back while the agent runs, and others keep theirs', async () => {
  const arn = 'arn:aws:iam::123456789012:user/federation-agent';
  aws.control.deny({ arn, verb: 'GET', path: '/usageplans' });
  const refused = await refusalOf(agentOf(aws.url).send(new gateway.GetUsagePlansCommand({})));
  expect(refused.message).toMatch(/with an explicit deny in an identity-based policy$/);
  await agentOf(aws.url).send(new gateway.GetRestApisCommand({}));
  await operatorOf(aws.url).send(new gateway.GetUsagePlansCommand({}));
  aws.control.setPolicy({ arn, policy: MINIMUM_POLICY });
  await agentOf(aws.url).send(new gateway.GetUsagePlansCommand({}));
});
