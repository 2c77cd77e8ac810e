/** The operator's routes over real HTTP: what is listed, which words are accepted, and their effect in AWS. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { z } from 'zod';
import { buckets, SubscriptionRecord, subscriptionKeys } from '@federation-agent/contracts';
import { DEFAULT_ACCOUNT, DEFAULT_REGION } from '@federation-agent/sandbox';
import { eventually } from '@federation-agent/base/test';
import { openBucket } from '@federation-agent/broker';
import {
  givenKey,
  integrationId,
  operator,
  startWorkbench,
  type Workbench,
  type Replica,
} from '../../test/workbench.ts';

jest.setTimeout(60_000);

let bench: Workbench;
let replica: Replica;

beforeAll(async () => {
  bench = await startWorkbench();
  replica = await bench.startReplica();
});
afterEach(() => bench.aws.control.clearFaults());
afterAll(() => bench.stop());

type Listed = Readonly<Record<string, unknown>> & {
  graviteeSubscriptionId?: string;
  at?: string;
  since?: string;
};
interface Page {
  readonly total: number;
  readonly subscriptions: readonly Listed[];
  readonly next?: string;
}

const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(new URL(path, replica.nodeUrl), {
    ...init,
    headers: { authorization: `Basic ${btoa(operator)}` },
  });
const list = async (query = ''): Promise<Page> =>
  (await (await ask(`/_node/subscriptions${query}`)).json()) as Page;
const find = async (id: string, query = ''): Promise<Listed | undefined> =>
  (await list(query)).subscriptions.find((one) => one.graviteeSubscriptionId === id);
const say = async (id: string, body: unknown, of = integrationId) => {
  const path = `/_node/subscriptions/${encodeURIComponent(of)}/${encodeURIComponent(id)}`;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await ask(path, { method: 'POST', body: text });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

async function unconfirmed(id = randomUUID() as string): Promise<string> {
  await (await bench.subscribe(id, { fate: 'unconfirmed' })).reply();
  await bench.reaches(id, 'unconfirmed');
  return id;
}

async function held(id = randomUUID() as string): Promise<string> {
  await (await bench.subscribe(id)).reply();
  await bench.reaches(id, 'held');
  return id;
}

async function unresolved(): Promise<string> {
  const id = randomUUID();
  const denied = { kind: 'status', status: 403, errorType: 'AccessDeniedException', message: 'no' } as const;
  bench.aws.control.addFault({
    match: { operation: 'CreateApiKey' },
    times: 1,
    fault: { kind: 'reset-after' },
  });
  bench.aws.control.addFault({ match: { operation: 'ImportApiKeys' }, fault: denied });
  await (await bench.subscribe(id)).reply();
  await bench.reaches(id, 'unresolved');
  bench.aws.control.clearFaults();
  return id;
}

describe('the list', () => {
  test('has what needs a person, with what to find out and what can be said; never a key value', async () => {
    const [quiet, id] = [await held(), randomUUID()];
    const { apiKey } = givenKey(await (await bench.subscribe(id, { fate: 'unconfirmed' })).reply());
    const { changedAt, keyId, keyName } = await bench.reaches(id, 'unconfirmed');
    expect(await find(quiet)).toBeUndefined();
    expect(await find(id)).toEqual({
      integrationId,
      graviteeSubscriptionId: id,
      state: 'unconfirmed',
      since: new Date(changedAt).toISOString(),
      account: DEFAULT_ACCOUNT,
      region: DEFAULT_REGION,
      restApiId: bench.place.restApiId,
      stage: bench.place.stage,
      plan: bench.place.plan,
      apiKeyId: keyId,
      keyName,
      toDo: expect.stringContaining('nobody knows whether the answer with this key reached APIM'),
      canSay: {
        keep: expect.stringContaining('the key stays'),
        revoke: expect.stringContaining('the agent deletes the key'),
      },
      at: `/_node/subscriptions/${integrationId}/${id}`,
    });
    const [text, values] = [JSON.stringify(await list('?state=all')), bench.aws.control.keys()];
    expect(values.map(({ value }) => value)).toContain(apiKey);
    for (const { value } of values) expect(text).not.toContain(value);
    expect(text).not.toContain((await bench.record(id))?.value?.text);
  });

  test('by state, all of it page by page, and nothing twice', async () => {
    const ids = [await held(), await held(), await unconfirmed()];
    expect(await find(ids[0] ?? '', '?state=held,unreadable')).toMatchObject({ state: 'held' });
    expect(await find(ids[2] ?? '', '?state=held&state=revoked')).toBeUndefined();
    const seen: unknown[] = [];
    for (let query: string | undefined = '?state=all&limit=2'; query !== undefined;) {
      const { total, subscriptions, next }: Page = await list(query);
      expect(subscriptions.length).toBeLessThanOrEqual(2);
      expect(total).toBeGreaterThanOrEqual(ids.length);
      seen.push(...subscriptions.map(({ graviteeSubscriptionId }) => graviteeSubscriptionId));
      query = next?.replace('/_node/subscriptions', '');
    }
    expect(seen).toEqual(expect.arrayContaining(ids));
    expect(new Set(seen).size).toBe(seen.length);
  });

  test.each(['?state=open', '?limit=0', '?limit=1001', '?limit=x', '?limit='])('%s: 400', async (query) => {
    const response = await ask(`/_node/subscriptions${query}`);
    expect([response.status, await response.text()]).toEqual([
      400,
      expect.stringMatching(/state is|limit is/u),
    ]);
  });

  test('is behind the password of the node API', async () => {
    expect((await fetch(`${replica.nodeUrl}/subscriptions`)).status).toBe(401);
    const path = `${replica.nodeUrl}/subscriptions/${integrationId}/${randomUUID()}`;
    expect((await fetch(path, { method: 'POST', body: '{"word": "revoke"}' })).status).toBe(401);
  });

  test('goes with the service', async () => {
    const other = await bench.startReplica();
    const get = async () => {
      const headers = { authorization: `Basic ${btoa(operator)}` };
      return (await fetch(`${other.nodeUrl}/subscriptions`, { headers })).status;
    };
    expect(await get()).toBe(200);
    await other.service.stop();
    expect(await get()).toBe(404);
  });
});

describe('a key of which nobody knows', () => {
  test('keep: it is held, the key stays; who said it, and from where, is in the log', async () => {
    const id = await unconfirmed();
    expect(await say(id, { word: 'keep' })).toMatchObject({
      status: 200,
      body: { message: 'the key stays, and is held', state: 'held' },
    });
    expect(await bench.record(id)).toMatchObject({ state: 'held', note: 'the operator ada said keep' });
    expect(bench.keysOf(id)).toHaveLength(1);
    expect(await find(id)).toBeUndefined();
    const lines = replica.telemetry.lines().filter((line) => line['graviteeSubscriptionId'] === id);
    expect(lines).toContainEqual(
      expect.objectContaining({
        msg: 'an operator said "keep" of a subscription: it is held',
        level: 'info',
        user: 'ada',
        address: '127.0.0.1',
        integrationId,
        word: 'keep',
      }),
    );
  });

  test('revoke: the key is deleted in AWS, once', async () => {
    const id = await unconfirmed();
    const { since } = (await find(id)) ?? {};
    expect(await say(id, { word: 'revoke', since })).toMatchObject({
      status: 200,
      body: { state: 'revoking' },
    });
    await bench.reaches(id, 'revoked');
    expect(bench.keysOf(id)).toEqual([]);
    const again = await say(id, { word: 'revoke' });
    expect(again).toMatchObject({ status: 409, body: { error: 'Conflict', state: 'revoked', canSay: {} } });
  });

  test('that APIM holds since the operator looked: revoke leaves it alone', async () => {
    const id = await unconfirmed();
    const { since } = (await find(id)) ?? {};
    await held(id);
    const stale = await say(id, { word: 'revoke', since });
    expect(stale).toMatchObject({ status: 409, body: { message: expect.stringContaining('changed since') } });
    const blind = await say(id, { word: 'revoke' });
    expect(blind).toMatchObject({
      status: 409,
      body: {
        message: expect.stringContaining('APIM holds this key'),
        canSay: { revoke: expect.anything() },
      },
    });
    expect(await bench.record(id)).toMatchObject({ state: 'held' });
    expect(bench.keysOf(id)).toHaveLength(1);
    const refused = replica.telemetry.lines().filter(({ msg }) => String(msg).includes('"revoke" of a'));
    expect(refused.filter((line) => line['graviteeSubscriptionId'] === id)).toHaveLength(2);

    const { since: now } = (await find(id, '?state=held')) ?? {};
    expect(await say(id, { word: 'revoke', since: now })).toMatchObject({ status: 200 });
    await bench.reaches(id, 'revoked');
    expect(bench.keysOf(id)).toEqual([]);
  });
});

describe('a key of unknown id', () => {
  test('is listed by its name, deleted by hand, and resolved when no call can make it any more', async () => {
    const id = await unresolved();
    const { keyName } = (await bench.record(id)) ?? {};
    const entry = await find(id);
    expect(entry).toMatchObject({
      state: 'unresolved',
      keyName,
      toDo: expect.stringContaining(`delete the key with the name "${keyName ?? ''}"`),
    });
    expect(entry).not.toHaveProperty('apiKeyId');
    expect(bench.keysOf(id)).toMatchObject([{ name: keyName }]);
    const wrong = await say(id, { word: 'revoke' });
    expect(wrong).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('cannot be said'), canSay: { resolved: expect.anything() } },
    });
    await eventually(async () => (await say(id, { word: 'resolved' })).status === 200);
    const after = await bench.record(id);
    expect(after).toMatchObject({ state: 'revoked', note: 'the operator ada said resolved' });
    expect(after).not.toHaveProperty('value');
    expect(await find(id)).toBeUndefined();
  });

  test('of an earlier life: the health says the way; resolved closes it and leaves the present key alone', async () => {
    const id = await unresolved();
    await held(id);
    const detail = () => replica.health.report().components['subscriptions']?.detail ?? '';
    await eventually(() => /unknown id.*To do: GET \/_node\/subscriptions/u.test(detail()));
    expect(await find(id)).toMatchObject({
      state: 'held',
      toDo: expect.stringContaining('a number below 2'),
    });
    await eventually(async () => (await say(id, { word: 'resolved' })).status === 200);
    expect(await bench.record(id)).toMatchObject({ state: 'held', strandedValues: [] });
    expect(bench.keysOf(id).filter(({ name }) => name?.startsWith(`gravitee-${id}-2 `))).toHaveLength(1);
    expect(await find(id)).toBeUndefined();
  });
});

test('a record that cannot be read is listed, and nothing can be said of it', async () => {
  const id = await held();
  const raw = await openBucket(bench.broker, buckets.subscriptions, z.record(z.string(), z.unknown()));
  const key = subscriptionKeys.record(integrationId, id);
  const before = await raw.get(key);
  await raw.put(key, { ...before?.value, state: 'of another version' });
  const { subscriptions } = await list();
  expect(subscriptions.filter(({ state }) => state === 'unreadable')).toEqual([
    { record: key, state: 'unreadable', toDo: expect.stringContaining('another version'), canSay: {} },
  ]);
  expect(await say(id, { word: 'revoke' })).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining('cannot be read'), canSay: {} },
  });
  await raw.put(key, before?.value ?? {});
  expect(bench.keysOf(id)).toHaveLength(1);
});

test('ids of any characters: the list says where to post', async () => {
  const id = await unconfirmed('a/b c?%2F#ü*.>"');
  const { at = '' } = (await find(id)) ?? {};
  const response = await ask(at, { method: 'POST', body: '{"word": "keep"}' });
  expect([response.status, await response.json()]).toEqual([200, expect.objectContaining({ state: 'held' })]);
  expect(await bench.record(id)).toMatchObject({ state: 'held' });
});

describe('what is no word on a subscription', () => {
  test('404 for one that is not there, or of an integration of another agent on this broker', async () => {
    expect(await say(randomUUID(), { word: 'keep' })).toMatchObject({ status: 404 });
    const [id, another] = [await unconfirmed(), randomUUID()];
    const raw = await openBucket(bench.broker, buckets.subscriptions, SubscriptionRecord);
    const key = subscriptionKeys.record(another, id);
    await raw.put(key, { ...(await bench.reaches(id, 'unconfirmed')), integrationId: another });
    expect(await say(id, { word: 'keep' }, another)).toMatchObject({ status: 404 });
    expect(await raw.get(key)).toMatchObject({ value: { state: 'unconfirmed' } });
    const { subscriptions } = await list('?state=all&limit=1000');
    expect(subscriptions.filter((one) => one['integrationId'] !== integrationId)).toEqual([]);
  });

  test.each([
    '',
    'keep',
    '"keep"',
    '[]',
    '{}',
    '{"word": "delete"}',
    '{"word": "keep", "sinc": "2026-01-31T12:00:00Z"}',
    '{"word": "keep", "since": "yesterday"}',
    '{"word": "keep", "since": 5}',
  ])('400 for %s, and nothing happens', async (body) => {
    const id = await unconfirmed();
    const answer = await say(id, body);
    expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining('send {"word"') } });
    expect(await bench.record(id)).toMatchObject({ state: 'unconfirmed' });
  });
});
