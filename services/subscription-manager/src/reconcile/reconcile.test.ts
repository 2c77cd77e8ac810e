/** What an operator is told of the keys in AWS, and which of them the agent deletes: real broker, sandbox AWS. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  buckets,
  KeyDeleted,
  KeyPage,
  KeyPlans,
  KeyTargets,
  streams,
  SubscriptionRecord,
  subscriptionKeys,
} from '@federation-agent/contracts';
import { DEFAULT_ACCOUNT, DEFAULT_REGION } from '@federation-agent/sandbox';
import { eventually } from '@federation-agent/base/test';
import { askOperator, openBucket, openStreamLog } from '@federation-agent/broker';
import type { z } from 'zod';
import {
  givenKey,
  integrationId,
  startWorkbench,
  type Replica,
  type Workbench,
} from '../../test/workbench.ts';

jest.setTimeout(60_000);

const place = { integrationId, account: DEFAULT_ACCOUNT, region: DEFAULT_REGION };
const agent = `arn:aws:iam::${DEFAULT_ACCOUNT}:user/federation-agent`;
const reset = { kind: 'reset-after' } as const;
const denied = { kind: 'status', status: 403, errorType: 'AccessDeniedException', message: 'no' } as const;
let bench: Workbench;
let replica: Replica;

beforeAll(async () => {
  bench = await startWorkbench();
  replica = await bench.startReplica();
});
afterEach(() => bench.aws.control.clearFaults());
afterAll(() => bench.stop());

const ask = <T>(request: object, schema: z.ZodType<T>): Promise<T> => {
  const { broker } = replica;
  const subject = broker.subjects.operator('keys', integrationId);
  return askOperator(
    broker,
    { who: 'subscription-manager', subject, request: { ...request, by: 'ada' } },
    schema,
  );
};
const readPage = async (position?: string) => {
  const page = await ask({ do: 'page', ...place, ...(position !== undefined && { position }) }, KeyPage);
  if ('denied' in page) throw new Error('denied');
  return page;
};
const find = async (keyId: string) => (await readPage()).keys.find((key) => key.keyId === keyId);
const remove = (keyId: string, keyName: string) =>
  ask({ do: 'delete', ...place, keyId, keyName }, KeyDeleted);
const nameOf = (keyId: string) => bench.aws.control.keys().find(({ id }) => id === keyId)?.name ?? '';
const isThere = (keyId: string) => bench.aws.control.keys().some(({ id }) => id === keyId);

/** A subscription whose key has an id that AWS never told, and that key. */
async function unresolved() {
  const id = randomUUID();
  const { control } = bench.aws;
  control.addFault({ match: { operation: 'CreateApiKey' }, times: 1, fault: reset });
  control.addFault({ match: { operation: 'ImportApiKeys' }, fault: denied });
  await (await bench.subscribe(id)).reply();
  const record = await bench.reaches(id, 'unresolved');
  control.clearFaults();
  const [key] = bench.keysOf(id);
  return { id, record, keyId: key?.id ?? '', keyName: key?.name ?? '' };
}

async function held() {
  const id = randomUUID();
  const { metadata } = givenKey(await (await bench.subscribe(id)).reply());
  await bench.reaches(id, 'held');
  return { id, keyId: metadata['aws.apiKeyId'] ?? '' };
}

/** The key once it is old enough. */
const deletable = (keyId: string) =>
  eventually(async () => (await find(keyId))?.verdict === 'deletable', 25_000);

async function deletions(keyId: string): Promise<unknown[]> {
  const log = openStreamLog(replica.broker, streams.events);
  const found: { apiKeyId?: string }[] = [];
  const all = { from: 1, to: (await log.state()).last, filter: replica.broker.subjects.eventsOf('operator') };
  await log.read(all, ({ body }) => found.push(body as { apiKeyId?: string }) > 0);
  return found.filter(({ apiKeyId }) => apiKeyId === keyId);
}

test('where the policy does not allow it: what it would have to allow, and nothing fails', async () => {
  expect(await ask({ do: 'targets', integrationId }, KeyTargets)).toEqual({
    targets: [{ account: DEFAULT_ACCOUNT, region: DEFAULT_REGION }],
    waiting: [],
  });
  const resource = 'arn:aws:apigateway:*::/apikeys';
  expect(await ask({ do: 'page', ...place }, KeyPage)).toEqual({
    denied: { action: 'apigateway:GET', resource },
  });
  await expect(remove('k', 'gravitee-x-1 y')).rejects.toMatchObject({ status: 409 });
});

describe('with GET on /apikeys', () => {
  beforeAll(() => {
    const everything = { Effect: 'Allow', Action: 'apigateway:*', Resource: '*' } as const;
    bench.aws.control.setPolicy({ arn: agent, policy: { Statement: [everything] } });
  });

  test('keys page by page, each judged, and never a value', async () => {
    const { keyId } = await held();
    const { control } = bench.aws;
    control.setLimits({ maxPageSize: 2 });
    const byHand = control.addKey({ name: 'by hand' });
    const foreign = control.addKey({ name: 'gravitee-elsewhere-1 app' });
    const keys: unknown[] = [];
    const others: string[] = [];
    let position: string | undefined;
    do {
      const page = await readPage(position);
      keys.push(...page.keys);
      others.push(...page.others);
      position = page.position;
    } while (position !== undefined);
    control.setLimits({ maxPageSize: 500 });
    expect(others).toContain(byHand.id);
    expect(keys).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ keyId, verdict: 'live', describedFor: integrationId, enabled: true }),
        expect.objectContaining({ keyId: foreign.id, verdict: 'kept', graviteeSubscriptionId: 'elsewhere' }),
      ]),
    );
    const text = JSON.stringify(keys);
    for (const { value } of control.keys()) expect(text).not.toContain(value);
    const asked = control.log({ operation: 'GetApiKeys' }).map(({ query }) => query);
    expect(asked.join(' ')).not.toContain('includeValues=true');
    const plans = { [keyId]: [bench.place.plan], [byHand.id]: [] };
    expect(await ask({ do: 'plans', ...place, keyIds: [keyId, byHand.id] }, KeyPlans)).toEqual({ plans });
  });

  test('a page that is throttled, or whose answer is lost, is read again', async () => {
    const match = { operation: 'GetApiKeys' };
    const tooMany = {
      kind: 'status',
      status: 429,
      errorType: 'TooManyRequestsException',
      message: 'slow',
    } as const;
    bench.aws.control.addFault({ match, times: 1, fault: tooMany });
    bench.aws.control.addFault({ match, times: 1, fault: reset });
    expect((await readPage()).others.length).toBeGreaterThan(0);
  });

  test('a key of unknown id: kept while it is young, then deleted, and its subscription is resolved', async () => {
    const { id, keyId, keyName } = await unresolved();
    await expect(remove(keyId, keyName)).rejects.toThrow(/in the making/u);
    expect(isThere(keyId)).toBe(true);
    await deletable(keyId);
    expect((await remove(keyId, keyName)).message).toContain('its subscription is resolved');
    expect(isThere(keyId)).toBe(false);
    expect(await bench.record(id)).toMatchObject({ state: 'revoked' });
    expect((await remove(keyId, keyName)).message).toContain('gone already');
    await eventually(async () => (await deletions(keyId)).length === 3);
    const actor = { kind: 'operator', name: 'ada' };
    const about = { what: 'delete-key', graviteeSubscriptionId: id, account: DEFAULT_ACCOUNT, actor };
    expect(await deletions(keyId)).toMatchObject([
      { ...about, outcome: 'failed' },
      { ...about, outcome: 'ok', detail: expect.stringContaining('was deleted') },
      { ...about, outcome: 'ok' },
    ]);
  });

  test('an answer to a delete that is lost: not known, and asking again settles it', async () => {
    const { keyId, keyName } = await unresolved();
    await deletable(keyId);
    bench.aws.control.addFault({ match: { operation: 'DeleteApiKey' }, times: 1, fault: reset });
    await expect(remove(keyId, keyName)).rejects.toMatchObject({ status: 503 });
    await eventually(async () => (await deletions(keyId)).length === 1);
    expect(await deletions(keyId)).toMatchObject([{ outcome: 'unknown' }]);
    expect((await remove(keyId, keyName)).message).toContain('gone already');
  });

  test('what changed since the operator looked is refused: in a plan by hand, a second one, another record', async () => {
    const { id, keyId, keyName, record } = await unresolved();
    await deletable(keyId);
    const { control } = bench.aws;

    const twin = control.addKey({ name: keyName, description: record.keyDescription });
    await expect(remove(keyId, keyName)).rejects.toThrow(/several keys/u);
    control.deleteKey({ keyId: twin.id });

    const records = await openBucket(replica.broker, buckets.subscriptions, SubscriptionRecord);
    const other = subscriptionKeys.record(integrationId, 'other');
    await records.put(other, { ...record, graviteeSubscriptionId: 'other', state: 'held', keyId });
    await expect(remove(keyId, keyName)).rejects.toThrow(/belongs to the subscription other/u);
    await records.put(other, { nonsense: true } as never);
    await expect(remove(keyId, keyName)).rejects.toThrow(/cannot be read/u);
    await records.purge(other);

    await expect(remove(keyId, `${keyName}!`)).resolves.toMatchObject({
      message: expect.stringContaining('another name'),
    });
    await expect(remove(keyId, 'by hand')).rejects.toMatchObject({ status: 400 });
    expect(isThere(keyId)).toBe(true);
    expect(await bench.record(id)).toMatchObject({ state: 'unresolved' });
  });

  test('a key that is in a usage plan, a live key, and the key of another agent stay', async () => {
    const { control } = bench.aws;
    const { id, keyId, keyName } = await unresolved();
    await deletable(keyId);
    const saga = await replica.openSaga();
    const target = await saga.targets.find(integrationId, DEFAULT_ACCOUNT, DEFAULT_REGION);
    await target.keys.attach(bench.place.plan, keyId);
    await expect(remove(keyId, keyName)).rejects.toThrow(/somebody put it into the usage plan/u);
    saga.targets.close();
    expect(await bench.record(id)).toMatchObject({ state: 'unresolved' });

    const live = await held();
    await expect(remove(live.keyId, nameOf(live.keyId))).rejects.toThrow(/subscription that is held/u);
    const foreign = control.addKey({ name: 'gravitee-foreign-1 app' });
    await expect(remove(foreign.id, 'gravitee-foreign-1 app')).rejects.toThrow(/no record/u);
    for (const stays of [keyId, live.keyId, foreign.id]) expect(isThere(stays)).toBe(true);
  });
});
