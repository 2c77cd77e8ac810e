import { afterEach, beforeEach, expect, test } from '@jest/globals';
import * as gateway from '@aws-sdk/client-api-gateway';
import { agentOf, operatorOf, refusalOf } from '../../test/sdk-clients.ts';
import { startAws } from './server.ts';
import type { SandboxAws } from './server.ts';

let aws: SandboxAws;
let operator: gateway.APIGatewayClient;

beforeEach(async () => {
  aws = await startAws({ throttle: { enabled: false } });
  operator = operatorOf(aws.url);
});
afterEach(() => aws.stop());

const VALUE = 'a-value-of-enough-characters';
const importing = (body: string, failOnWarnings = true) =>
  agentOf(aws.url).send(
    new gateway.ImportApiKeysCommand({ format: 'csv', failOnWarnings, body: Buffer.from(body) }),
  );

test('a value is taken until its key is deleted; the second delete is 404', async () => {
  const create = () => operator.send(new gateway.CreateApiKeyCommand({ name: 'a', value: VALUE }));
  const { id: apiKey } = await create();
  const taken = { name: 'ConflictException', status: 409, message: 'API Key already exists' };
  expect(await refusalOf(create())).toMatchObject(taken);
  await operatorOf(aws.url, { region: 'us-east-1' }).send(new gateway.CreateApiKeyCommand({ value: VALUE }));
  const remove = () => operator.send(new gateway.DeleteApiKeyCommand({ apiKey }));
  expect((await remove()).$metadata.httpStatusCode).toBe(202);
  expect(await refusalOf(remove())).toMatchObject({
    name: 'NotFoundException',
    status: 404,
    message: 'Invalid API Key identifier specified',
  });
  await create();
});

test('deleting a key takes it out of its plans, whichever way one looks', async () => {
  const { plans } = aws.control.seed({ apis: 1, plans: 1, unplanned: 0 });
  const { id: keyId } = aws.control.addKey({ planId: plans[0]?.id });
  expect((await operator.send(new gateway.GetUsagePlansCommand({ keyId }))).items).toHaveLength(1);
  await operator.send(new gateway.DeleteApiKeyCommand({ apiKey: keyId }));
  expect((await operator.send(new gateway.GetUsagePlansCommand({ keyId }))).items).toEqual([]);
  expect(aws.control.plans()).toMatchObject([{ keyIds: [] }]);
});

test('keys come newest first, in the account as in a plan', async () => {
  const { plans } = aws.control.seed({ apis: 1, plans: 1, unplanned: 0 });
  const planId = plans[0]?.id;
  for (const name of ['first', 'second', 'third']) aws.control.addKey({ name, planId });
  const newestFirst = ['third', 'second', 'first'];
  const { items: all } = await operator.send(new gateway.GetApiKeysCommand({}));
  expect(all?.map(({ name }) => name)).toEqual(newestFirst);
  const { items: ofPlan } = await operator.send(new gateway.GetUsagePlanKeysCommand({ usagePlanId: planId }));
  expect(ofPlan?.map(({ name }) => name)).toEqual(newestFirst);
});

test('the value is shown on creation, and later only on request', async () => {
  const { id: apiKey, value } = await operator.send(new gateway.CreateApiKeyCommand({ name: 'a' }));
  expect(value).toHaveLength(40);
  const read = (includeValue: boolean) =>
    operator.send(new gateway.GetApiKeyCommand({ apiKey, includeValue }));
  expect((await read(false)).value).toBeUndefined();
  expect((await read(true)).value).toBe(value);
  const listed = await operator.send(new gateway.GetApiKeysCommand({ includeValues: true }));
  expect(listed.items?.[0]?.value).toBe(value);
});

test('a full account refuses with LimitExceededException, which the SDK takes for a throttle', async () => {
  aws.control.setLimits({ maxApiKeys: 1 });
  await operator.send(new gateway.CreateApiKeyCommand({}));
  const refused = await refusalOf(operator.send(new gateway.CreateApiKeyCommand({})));
  expect(refused).toMatchObject({ name: 'LimitExceededException', status: 429 });
  expect((await refusalOf(importing(`key\n${VALUE}`))).name).toBe('LimitExceededException');
});

test('an import makes keys, enabled unless it says false, and puts them into plans', async () => {
  const { plans } = aws.control.seed({ apis: 2, plans: 2, unplanned: 0 });
  const ids = plans.map(({ id }) => id);
  const { ids: made, warnings } = await importing(
    `NAME,kEy,Description,ENABLED,UsagePlanIds\n"a ""b"", c",${VALUE},"two\nlines",,${ids[1] ?? ''}\nd,${VALUE}2,,FALSE,\n`,
  );
  expect(warnings).toEqual([]);
  expect(aws.control.keys()).toMatchObject([
    {
      id: made?.[0],
      name: 'a "b", c',
      value: VALUE,
      description: 'two\nlines',
      enabled: true,
      planIds: [ids[1]],
    },
    { id: made?.[1], name: 'd', value: `${VALUE}2`, enabled: false, planIds: [] },
  ]);
});

test('an import of a value that is there overwrites its key, answers its id and leaves it in its plans', async () => {
  const { plans } = aws.control.seed({ apis: 1, plans: 1, unplanned: 0 });
  const planId = plans[0]?.id ?? '';
  const { id } = aws.control.addKey({
    name: 'before',
    description: 'kept',
    value: VALUE,
    enabled: false,
    planId,
  });
  const { ids } = await importing(`name,key,usageplanids\nafter,${VALUE},${planId}`);
  expect(ids).toEqual([id]);
  expect(aws.control.keys()).toMatchObject([
    { id, name: 'after', description: 'kept', enabled: true, planIds: [planId] },
  ]);
});

test('warnings undo the whole import, or are answered beside what was imported', async () => {
  const file = `name,key,usageplanids\ngood,${VALUE},\nshort,tiny,\nplan,${VALUE}2,nope\n`;
  expect(await refusalOf(importing(file))).toMatchObject({ name: 'BadRequestException', status: 400 });
  expect(aws.control.keys()).toEqual([]);
  const { ids, warnings } = await importing(file, false);
  expect(ids).toHaveLength(2);
  expect(warnings).toEqual([
    'API Key value should be at least 20 characters',
    'Invalid Usage Plan ID specified',
  ]);
});

test('a file without the column key, and another format, are refused', async () => {
  expect((await refusalOf(importing('name\na'))).name).toBe('BadRequestException');
  const json = new gateway.ImportApiKeysCommand({ format: 'json' as 'csv', body: Buffer.from('{}') });
  expect((await refusalOf(operator.send(json))).name).toBe('BadRequestException');
});
