import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { routingKeys } from '@federation-agent/contracts';
import { DEFAULT_ACCOUNT, DEFAULT_REGION } from '@federation-agent/sandbox';
import { eventually } from '@federation-agent/base/test';
import {
  givenKey,
  startWorkbench,
  type Workbench,
  type Replica,
  workbenchLimits,
} from '../test/workbench.ts';

jest.setTimeout(60_000);

let bench: Workbench;
let replica: Replica;

beforeAll(async () => {
  bench = await startWorkbench();
  replica = await bench.startReplica();
});
afterEach(() => {
  bench.aws.control.clearFaults();
  bench.aws.control.setLimits({ maxApiKeys: 10_000 });
});
afterAll(() => bench.stop());

describe('SUBSCRIBE', () => {
  test('makes one enabled key in the plan, and gives its value and where it is', async () => {
    const id = randomUUID();
    const command = await bench.subscribe(id);
    const { apiKey, metadata } = givenKey(await command.reply());
    const { restApiId, stage, plan } = bench.place;

    const keys = bench.keysOf(id);
    expect(keys).toMatchObject([
      { value: apiKey, enabled: true, planIds: [plan], tags: {}, name: `gravitee-${id}-1 My "app", really` },
    ]);
    expect(apiKey).toMatch(/^[A-Za-z0-9]{40}$/u);
    expect(metadata).toEqual({
      [routingKeys.apiKeyId]: keys[0]?.id,
      [routingKeys.account]: DEFAULT_ACCOUNT,
      [routingKeys.region]: DEFAULT_REGION,
      [routingKeys.restApiId]: restApiId,
      [routingKeys.stage]: stage,
      [routingKeys.usagePlanId]: plan,
    });
    const record = await bench.reaches(id, 'held');
    expect(record).toMatchObject({ openCalls: 0, attempts: [{ outcome: { state: 'delivered' } }] });
    expect(JSON.stringify(record)).not.toContain(apiKey);
  });

  test('again with the same subscription: the same key', async () => {
    const id = randomUUID();
    const first = givenKey(await (await bench.subscribe(id)).reply());
    await bench.reaches(id, 'held');
    const second = givenKey(await (await bench.subscribe(id)).reply());
    expect(second).toEqual(first);
    expect(bench.keysOf(id)).toHaveLength(1);
  });

  test('redelivered after it was answered: nothing more', async () => {
    const id = randomUUID();
    const command = await bench.subscribe(id);
    await command.reply();
    await bench.reaches(id, 'held');
    await bench.subscribe(id, { commandId: command.commandId });
    // Commands are taken in order: when the next one is answered, this one was looked at.
    await (await bench.subscribe(randomUUID())).reply();
    expect(command.replies()).toBe(1);
    expect(bench.keysOf(id)).toHaveLength(1);
  });

  test('whose connection details are gone: routed by the id of the API', async () => {
    const id = randomUUID();
    const command = await bench.subscribe(id, { metadata: {} });
    expect(givenKey(await command.reply()).metadata).toMatchObject({ [routingKeys.region]: DEFAULT_REGION });
  });

  test('past its deadline: nothing is made and nothing is said', async () => {
    const id = randomUUID();
    const command = await bench.subscribe(id, { deadlineIn: -1 });
    await (await bench.subscribe(randomUUID())).reply();
    expect(command.replies()).toBe(0);
    expect(await bench.record(id)).toBeUndefined();
  });

  test.each([
    ['of another type', { type: 'JWT' }, /API keys only/u],
    ['of an API that this agent did not ingest', { apiId: 'api1', metadata: {} }, /lack aws\.account/u],
    ['without a plan', { planId: '' }, /names no plan/u],
    [
      'in an account that is not configured',
      { apiId: `111111111111:${DEFAULT_REGION}:a:b`, metadata: {} },
      /not a configured target/u,
    ],
  ])('%s: ERROR that says what to do', async (_name, options, words) => {
    const reply = await (await bench.subscribe(randomUUID(), options)).reply();
    expect(reply).toMatchObject({ status: 'ERROR', errorDetails: expect.stringMatching(words) });
  });

  test('to a plan that AWS does not have: ERROR, and the key goes', async () => {
    const id = randomUUID();
    const reply = await (await bench.subscribe(id, { planId: 'nosuch' })).reply();
    expect(reply).toMatchObject({ status: 'ERROR', errorDetails: expect.stringContaining('nosuch') });
    await bench.reaches(id, 'revoked');
    expect(bench.keysOf(id)).toEqual([]);
  });

  test('for another plan than the one it has: ERROR, and the key stays', async () => {
    const id = randomUUID();
    await (await bench.subscribe(id)).reply();
    await bench.reaches(id, 'held');
    const reply = await (await bench.subscribe(id, { planId: 'another' })).reply();
    expect(reply.errorDetails).toContain('unsubscribe first');
    expect(bench.keysOf(id)).toHaveLength(1);
  });

  test('when the account has no room for another key: ERROR with the reason', async () => {
    const id = randomUUID();
    bench.aws.control.setLimits({ maxApiKeys: bench.aws.control.keys().length });
    const reply = await (await bench.subscribe(id)).reply();
    expect(reply).toMatchObject({ status: 'ERROR', errorDetails: expect.stringContaining('CreateApiKey') });
    await bench.reaches(id, 'revoked');
  });

  test('when AWS throttles: again, and no purge for it', async () => {
    const id = randomUUID();
    bench.aws.control.addFault({
      match: { operation: 'CreateApiKey' },
      times: 2,
      fault: {
        kind: 'status',
        status: 429,
        errorType: 'TooManyRequestsException',
        message: 'Too Many Requests',
      },
    });
    givenKey(await (await bench.subscribe(id)).reply());
    expect(await bench.reaches(id, 'held')).toMatchObject({ openCalls: 0 });
    expect(bench.aws.control.faults()).toMatchObject([{ fired: 2 }]);
  });

  test('after somebody deleted the key by hand: ERROR that says so, and the next one works', async () => {
    const id = randomUUID();
    const first = givenKey(await (await bench.subscribe(id)).reply());
    await bench.reaches(id, 'held');
    bench.aws.control.deleteKey({ keyId: first.metadata[routingKeys.apiKeyId] ?? '' });
    const refused = await (await bench.subscribe(id)).reply();
    expect(refused.errorDetails).toContain('no longer exists');
    await bench.reaches(id, 'revoked');
    const next = givenKey(await (await bench.subscribe(id)).reply());
    expect(next.apiKey).not.toBe(first.apiKey);
    expect(bench.keysOf(id)).toMatchObject([
      { value: next.apiKey, name: expect.stringContaining(`gravitee-${id}-2 `) },
    ]);
  });
});

describe('UNSUBSCRIBE', () => {
  test('deletes the key and erases its value; twice is a success', async () => {
    const id = randomUUID();
    const { metadata } = givenKey(await (await bench.subscribe(id)).reply());
    const first = await bench.unsubscribe(id, metadata);
    expect(await first.reply()).toMatchObject({ status: 'SUCCEEDED' });
    expect(bench.keysOf(id)).toEqual([]);
    const second = await bench.unsubscribe(id, metadata);
    expect(await second.reply()).toMatchObject({ status: 'SUCCEEDED' });
    const record = await bench.reaches(id, 'revoked');
    expect(record).not.toHaveProperty('value');
  });

  test('whose delete takes longer than a sweep: the sweeper does not delete the key once more', async () => {
    const id = randomUUID();
    const { metadata } = givenKey(await (await bench.subscribe(id)).reply());
    await bench.reaches(id, 'held');
    bench.aws.control.clearLog({});
    bench.aws.control.addFault({
      match: { operation: 'DeleteApiKey' },
      fault: { kind: 'delay', ms: 4 * workbenchLimits.sweepInterval },
    });
    await (await bench.unsubscribe(id, metadata)).reply();
    await bench.reaches(id, 'revoked');
    const calls = bench.aws.control.log({}).map(({ operation }) => operation);
    expect(calls.filter((operation) => operation === 'DeleteApiKey')).toHaveLength(1);
  });

  test('of the former key, redelivered, does not touch the present one', async () => {
    const id = randomUUID();
    const former = givenKey(await (await bench.subscribe(id)).reply());
    await (await bench.unsubscribe(id, former.metadata)).reply();
    await bench.reaches(id, 'revoked');
    const present = givenKey(await (await bench.subscribe(id)).reply());
    await bench.reaches(id, 'held');
    const again = await bench.unsubscribe(id, former.metadata);
    expect(await again.reply()).toMatchObject({ status: 'SUCCEEDED' });
    expect(bench.keysOf(id)).toMatchObject([{ value: present.apiKey }]);
    expect(await bench.record(id)).toMatchObject({ state: 'held' });
  });

  test("naming another subscription's key: ERROR, and that key stays", async () => {
    const [mine, yours] = [randomUUID(), randomUUID()];
    const { metadata } = givenKey(await (await bench.subscribe(yours)).reply());
    const reply = await (await bench.unsubscribe(mine, metadata)).reply();
    expect(reply).toMatchObject({ status: 'ERROR', errorDetails: expect.stringContaining(yours) });
    expect(bench.keysOf(yours)).toHaveLength(1);
  });

  test('of a subscription that another agent made: ERROR that names it', async () => {
    const id = randomUUID();
    const reply = await (await bench.unsubscribe(id, {})).reply();
    expect(reply).toMatchObject({ status: 'ERROR', errorDetails: expect.stringContaining(id) });
  });

  test('when the delete is denied: ERROR; when it is allowed, the sweeper finishes', async () => {
    const id = randomUUID();
    const { metadata } = givenKey(await (await bench.subscribe(id)).reply());
    bench.aws.control.addFault({
      match: { operation: 'DeleteApiKey' },
      fault: { kind: 'status', status: 403, errorType: 'AccessDeniedException', message: 'no' },
    });
    const reply = await (await bench.unsubscribe(id, metadata)).reply();
    expect(reply).toMatchObject({ status: 'ERROR', errorDetails: expect.stringContaining('DeleteApiKey') });
    bench.aws.control.clearFaults();
    await bench.reaches(id, 'revoked');
    expect(bench.keysOf(id)).toEqual([]);
  });
});

test('no key value is ever written to a log, a trace or an event', async () => {
  const id = randomUUID();
  const { apiKey, metadata } = givenKey(await (await bench.subscribe(id)).reply());
  await (await bench.unsubscribe(id, metadata)).reply();
  await bench.reaches(id, 'revoked');
  const spans = replica.telemetry
    .spans()
    .map(({ name, attributes, events }) => ({ name, attributes, events }));
  const told = JSON.stringify([replica.telemetry.lines(), spans]);
  expect(told).toContain(id);
  expect(told).not.toContain(apiKey);
});

test('the sweeper tells health and metrics how many records are in which state', async () => {
  const id = randomUUID();
  await (await bench.subscribe(id)).reply();
  await bench.reaches(id, 'held');
  await eventually(async () =>
    /federation_subscription_records\{state="held"\} [1-9]/u.test(await replica.telemetry.registry.metrics()),
  );
  expect(replica.health.report().components).toMatchObject({ subscriptions: { status: 'up' } });
});
