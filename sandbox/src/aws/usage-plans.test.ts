import { afterEach, beforeEach, expect, test } from '@jest/globals';
import * as gateway from '@aws-sdk/client-api-gateway';
import { operatorOf, refusalOf } from '../../test/sdk-clients.ts';
import { startAws } from './server.ts';
import type { SandboxAws } from './server.ts';

let aws: SandboxAws;
let operator: gateway.APIGatewayClient;
let apiId: string;

beforeEach(async () => {
  aws = await startAws({ throttle: { enabled: false } });
  operator = operatorOf(aws.url);
  apiId = aws.control.seed({ apis: 1, unplanned: 1, plans: 0, stages: 2 }).apis[0]?.id ?? '';
});
afterEach(() => aws.stop());

const plan = async (...stages: string[]) => {
  const apiStages = stages.map((stage) => ({ apiId, stage }));
  return (await operator.send(new gateway.CreateUsagePlanCommand({ name: 'plan', apiStages }))).id ?? '';
};
const key = () => aws.control.addKey({ name: 'key' }).id;
const link = (usagePlanId: string, keyId: string, keyType = 'API_KEY') =>
  operator.send(new gateway.CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType }));
const patch = (usagePlanId: string, ...patchOperations: gateway.PatchOperation[]) =>
  operator.send(new gateway.UpdateUsagePlanCommand({ usagePlanId, patchOperations }));

test('a key is attached, listed with its value, found by its id and detached', async () => {
  const [planId, other, keyId] = [await plan('prod'), await plan('dev'), key()];
  await link(planId, keyId);
  const { items: plans } = await operator.send(new gateway.GetUsagePlansCommand({ keyId }));
  expect(plans?.map(({ id }) => id)).toEqual([planId]);
  const read = new gateway.GetUsagePlanKeyCommand({ usagePlanId: planId, keyId });
  expect(await operator.send(read)).toMatchObject({ id: keyId, type: 'API_KEY', name: 'key' });
  const { items: keys } = await operator.send(new gateway.GetUsagePlanKeysCommand({ usagePlanId: planId }));
  expect(keys?.[0]?.value).toHaveLength(40);
  expect((await operator.send(new gateway.GetUsagePlanKeysCommand({ usagePlanId: other }))).items).toEqual(
    [],
  );
  await operator.send(new gateway.DeleteUsagePlanKeyCommand({ usagePlanId: planId, keyId }));
  expect((await refusalOf(operator.send(read))).status).toBe(404);
});

test('a key that is in the plan already, or in another plan of a stage, is a conflict; another stage is not', async () => {
  const [planId, same, other, keyId] = [
    await plan('prod'),
    await plan('prod', 'dev'),
    await plan('dev'),
    key(),
  ];
  await link(planId, keyId);
  expect(await refusalOf(link(planId, keyId))).toMatchObject({ name: 'ConflictException', status: 409 });
  expect(await refusalOf(link(same, keyId))).toMatchObject({ name: 'ConflictException', status: 409 });
  await link(other, keyId);
  const clash = patch(other, { op: 'add', path: '/apiStages', value: `${apiId}:prod` });
  expect((await refusalOf(clash)).name).toBe('ConflictException');
});

test('an unknown plan or key, another type of key, and an eleventh plan are refused', async () => {
  const [planId, keyId] = [await plan(), key()];
  expect((await refusalOf(link('nope', keyId))).name).toBe('NotFoundException');
  expect((await refusalOf(link(planId, 'nope'))).name).toBe('NotFoundException');
  expect((await refusalOf(link(planId, keyId, 'OTHER'))).name).toBe('BadRequestException');
  for (let count = 0; count < 10; count += 1) await link(await plan(), keyId);
  expect(await refusalOf(link(planId, keyId))).toMatchObject({ name: 'LimitExceededException', status: 429 });
});

test('a plan is changed: limits, stages, limits of a method; a patch that fails changes nothing', async () => {
  const planId = await plan('prod');
  await patch(
    planId,
    { op: 'replace', path: '/name', value: 'gold' },
    { op: 'replace', path: '/throttle/rateLimit', value: '2.5' },
    { op: 'replace', path: '/quota/limit', value: '100' },
    { op: 'replace', path: '/quota/period', value: 'WEEK' },
    { op: 'add', path: '/apiStages', value: `${apiId}:dev` },
    {
      op: 'replace',
      path: `/apiStages/${apiId}:dev/throttle`,
      value: '{"/a/GET":{"rateLimit":1,"burstLimit":2}}',
    },
  );
  const expected = {
    name: 'gold',
    throttle: { rateLimit: 2.5 },
    quota: { limit: 100, offset: 0, period: 'WEEK' },
    apiStages: [
      { apiId, stage: 'prod' },
      { apiId, stage: 'dev', throttle: { '/a/GET': { rateLimit: 1, burstLimit: 2 } } },
    ],
  };
  const read = () => operator.send(new gateway.GetUsagePlanCommand({ usagePlanId: planId }));
  expect(await read()).toMatchObject(expected);
  const half = patch(
    planId,
    { op: 'remove', path: '/quota' },
    { op: 'replace', path: '/nonsense', value: '1' },
  );
  expect((await refusalOf(half)).name).toBe('BadRequestException');
  expect(await read()).toMatchObject(expected);
  await patch(
    planId,
    { op: 'remove', path: '/quota' },
    { op: 'remove', path: '/apiStages', value: `${apiId}:dev` },
  );
  expect((await read()).quota).toBeUndefined();
  expect((await read()).apiStages).toEqual([{ apiId, stage: 'prod' }]);
});

test('a plan with stages cannot be deleted; an empty one can, and its keys stay', async () => {
  const [planId, keyId] = [await plan('prod'), key()];
  await link(planId, keyId);
  const remove = () => operator.send(new gateway.DeleteUsagePlanCommand({ usagePlanId: planId }));
  expect((await refusalOf(remove())).name).toBe('BadRequestException');
  aws.control.detach({ planId, apiId, stage: 'prod' });
  await remove();
  expect((await refusalOf(remove())).name).toBe('NotFoundException');
  expect(aws.control.keys()).toMatchObject([{ id: keyId, planIds: [] }]);
});

test.each([true, false])(
  'a plan that offered a deleted API: names it still is %s, as it was set',
  async (keeps) => {
    aws.control.setLimits({ keepDeletedStages: keeps });
    const planId = await plan('prod');
    await operator.send(new gateway.DeleteRestApiCommand({ restApiId: apiId }));
    const { apiStages } = await operator.send(new gateway.GetUsagePlanCommand({ usagePlanId: planId }));
    expect(apiStages).toHaveLength(keeps ? 1 : 0);
  },
);
