/** Lost answers, crashes, replies with an unknown outcome: which keys stay and which are deleted. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { subscriptionKeys } from '@federation-agent/contracts';
import { eventually } from '@federation-agent/base/test';
import { givenKey, startWorkbench, type Workbench } from '../test/workbench.ts';

jest.setTimeout(60_000);

let bench: Workbench;

beforeAll(async () => {
  bench = await startWorkbench();
  await bench.startReplica();
});
afterEach(() => bench.aws.control.clearFaults());
afterAll(() => bench.stop());

const fault = (operation: string, kind: 'reset-after' | 'reset-before') =>
  bench.aws.control.addFault({ match: { operation }, times: 1, fault: { kind } });

describe('an answer that is lost', () => {
  test('CreateApiKey executed: the key is found by its value, one key, one value', async () => {
    const id = randomUUID();
    fault('CreateApiKey', 'reset-after');
    const { apiKey } = givenKey(await (await bench.subscribe(id)).reply());
    expect(bench.keysOf(id)).toMatchObject([{ value: apiKey, enabled: true, planIds: [bench.place.plan] }]);
    // The outcome of the first call stays unknown, so it stays counted.
    expect(await bench.reaches(id, 'held')).toMatchObject({ openCalls: 1 });
  });

  test('CreateApiKey not executed: the import makes the key', async () => {
    const id = randomUUID();
    fault('CreateApiKey', 'reset-before');
    const { apiKey } = givenKey(await (await bench.subscribe(id)).reply());
    expect(bench.keysOf(id)).toMatchObject([{ value: apiKey, enabled: true }]);
  });

  test('the life that had it ends with a purge, W later', async () => {
    const id = randomUUID();
    fault('CreateApiKey', 'reset-after');
    const { metadata } = givenKey(await (await bench.subscribe(id)).reply());
    await (await bench.unsubscribe(id, metadata)).reply();
    expect(bench.keysOf(id)).toEqual([]);
    await bench.reaches(id, 'sweeping');
    const record = await bench.reaches(id, 'revoked');
    expect(record).not.toHaveProperty('value');
    expect(bench.keysOf(id)).toEqual([]);
  });

  test('CreateUsagePlanKey executed: the plans of the key decide', async () => {
    const id = randomUUID();
    fault('CreateUsagePlanKey', 'reset-after');
    givenKey(await (await bench.subscribe(id)).reply());
    expect(bench.keysOf(id)).toMatchObject([{ planIds: [bench.place.plan] }]);
  });

  test('DeleteApiKey executed: gone is a success', async () => {
    const id = randomUUID();
    const { metadata } = givenKey(await (await bench.subscribe(id)).reply());
    fault('DeleteApiKey', 'reset-after');
    expect(await (await bench.unsubscribe(id, metadata)).reply()).toMatchObject({ status: 'SUCCEEDED' });
    await bench.reaches(id, 'revoked');
  });

  test('and the import that would find the key is denied: unresolved, with the name to look for', async () => {
    const id = randomUUID();
    fault('CreateApiKey', 'reset-after');
    bench.aws.control.addFault({
      match: { operation: 'ImportApiKeys' },
      fault: { kind: 'status', status: 403, errorType: 'AccessDeniedException', message: 'no' },
    });
    const reply = await (await bench.subscribe(id)).reply();
    expect(reply).toMatchObject({
      status: 'ERROR',
      errorDetails: expect.stringContaining(`gravitee-${id}-1`),
    });
    await bench.reaches(id, 'unresolved');
    expect(bench.keysOf(id)).toMatchObject([{ planIds: [] }]);

    bench.aws.control.clearFaults();
    const { apiKey } = givenKey(await (await bench.subscribe(id)).reply());
    expect(bench.keysOf(id).map(({ value }) => value)).toContain(apiKey);
  });
});

describe('a success that cannot be read', () => {
  const creating = { operation: ['CreateApiKey', 'ImportApiKeys'] };
  const unreadable = (times: number) => {
    bench.aws.control.clearLog({});
    const fault = { kind: 'garbage', shape: 'json', executed: true } as const;
    bench.aws.control.addFault({ match: creating, times, fault });
  };
  const calls = () =>
    creating.operation
      .map((operation) => bench.aws.control.counters({ operation }).calls)
      .reduce((sum, one) => sum + one, 0);

  test('is asked again: the key is found by its value', async () => {
    const id = randomUUID();
    unreadable(2);
    const { apiKey } = givenKey(await (await bench.subscribe(id)).reply());
    expect(bench.keysOf(id)).toMatchObject([{ value: apiKey, planIds: [bench.place.plan] }]);
    expect(calls()).toBe(3);
  });

  test('is asked three times more and not a fourth: unresolved, with the name to look for', async () => {
    const id = randomUUID();
    unreadable(1_000);
    expect(await (await bench.subscribe(id)).reply()).toMatchObject({
      status: 'ERROR',
      errorDetails: expect.stringContaining(`gravitee-${id}-1`),
    });
    await bench.reaches(id, 'unresolved');
    expect(calls()).toBe(4);
  });

  test('and a call that is never answered is repeated after 1, 2, 4, 8 s of its 50', async () => {
    const id = randomUUID();
    bench.aws.control.clearLog({});
    bench.aws.control.addFault({ match: creating, fault: { kind: 'reset-before' } });
    await bench.subscribe(id, { deadlineIn: 2_500 });
    await eventually(async () => !['intent', undefined].includes((await bench.record(id))?.state));
    expect(calls()).toBeGreaterThan(3);
    expect(calls()).toBeLessThan(10);
  });
});

describe('a reply', () => {
  test('that was never written: the gate is void, and the sweeper deletes the key', async () => {
    const id = randomUUID();
    await bench.subscribe(id, { fate: 'socket gone', deadlineIn: 3_000 });
    await bench.reaches(id, 'attached');
    expect(bench.keysOf(id)).toHaveLength(1);
    await bench.reaches(id, 'revoked');
    expect(bench.keysOf(id)).toEqual([]);
  });

  test('of which nobody knows: the key is kept, and the same SUBSCRIBE sends the same key', async () => {
    const id = randomUUID();
    const { apiKey } = givenKey(await (await bench.subscribe(id, { fate: 'unconfirmed' })).reply());
    await bench.reaches(id, 'unconfirmed');
    expect(bench.keysOf(id)).toMatchObject([{ value: apiKey }]);
    expect(givenKey(await (await bench.subscribe(id)).reply())).toMatchObject({ apiKey });
    await bench.reaches(id, 'held');
    expect(bench.keysOf(id)).toMatchObject([{ value: apiKey }]);
  });

  test('of which nobody knows, to a plan that is gone: the key goes', async () => {
    const id = randomUUID();
    await bench.subscribe(id, { fate: 'unconfirmed' });
    const { usagePlanId } = await bench.reaches(id, 'unconfirmed');
    await bench.planGone({ [usagePlanId]: { since: 1, reads: 2, lastReadAt: 2 } });
    await bench.reaches(id, 'revoked');
    expect(bench.keysOf(id)).toEqual([]);
    await bench.planGone({});
  });

  test('that was refused for one command leaves the key that another one carried', async () => {
    const id = randomUUID();
    const { apiKey } = givenKey(await (await bench.subscribe(id)).reply());
    await bench.reaches(id, 'held');
    const second = await bench.subscribe(id, { fate: 'socket gone', deadlineIn: 3_000 });
    await second.reply();
    await eventually(async () => (await bench.record(id))?.attempts[1]?.outcome?.state === 'refused');
    await bench.reaches(id, 'held');
    expect(bench.keysOf(id)).toMatchObject([{ value: apiKey }]);
  });
});

describe('two replicas', () => {
  test('that have a SUBSCRIBE each of one subscription: one key, which both give', async () => {
    await bench.startReplica();
    for (let round = 0; round < 5; round += 1) {
      const id = randomUUID();
      const commands = await Promise.all([bench.subscribe(id), bench.subscribe(id), bench.subscribe(id)]);
      const given = await Promise.all(commands.map(async (command) => givenKey(await command.reply())));
      expect(new Set(given.map(({ apiKey }) => apiKey)).size).toBe(1);
      expect(bench.keysOf(id)).toMatchObject([{ value: given[0]?.apiKey, planIds: [bench.place.plan] }]);
      expect(await bench.reaches(id, 'held')).toMatchObject({ life: 1, openCalls: 0 });
    }
  });
});

test('a name of any length and any characters, made by a create and by an import: the same key name', async () => {
  const applicationName = `=cmd|' /C calc'!A0, "quoted"\r\n\u0000\u2028\u202e\ud83d tab\t${'🔑é'.repeat(900)}`;
  for (const lost of [false, true]) {
    const id = randomUUID();
    if (lost) fault('CreateApiKey', 'reset-before');
    const { apiKey } = givenKey(await (await bench.subscribe(id, { applicationName })).reply());
    const [key, ...others] = bench.keysOf(id);
    expect(others).toEqual([]);
    expect(key).toMatchObject({ value: apiKey, enabled: true, planIds: [bench.place.plan] });
    const { keyName = '' } = (await bench.record(id)) ?? {};
    expect(key?.name).toBe(keyName);
    expect(keyName.startsWith(`gravitee-${id}-1 =cmd|' /C calc'!A0, "quoted" `)).toBe(true);
    expect(keyName.length).toBeLessThanOrEqual(1_024);
  }
});

describe('a replica that dies', () => {
  test('while its creating call is under way: the other one finishes with the same key', async () => {
    await using other = await startBenchWithTwo();
    const id = randomUUID();
    other.aws.control.addFault({
      match: { operation: 'CreateApiKey' },
      times: 1,
      fault: { kind: 'hang-after' },
    });
    const command = await other.subscribe(id);
    await eventually(() => other.aws.control.faults()[0]?.fired === 1);
    await other.kill();
    const { apiKey } = givenKey(await command.reply());
    expect(other.keysOf(id)).toMatchObject([{ value: apiKey, planIds: [other.place.plan] }]);
    await other.reaches(id, 'held');
  });

  test('and nobody takes the command before its deadline: the gate is void, the key is found and purged', async () => {
    await using other = await startBenchWithTwo({ second: false });
    const id = randomUUID();
    other.aws.control.addFault({
      match: { operation: 'CreateApiKey' },
      times: 1,
      fault: { kind: 'hang-after' },
    });
    const { commandId } = await other.subscribe(id, { deadlineIn: 2_000 });
    await eventually(() => other.aws.control.faults()[0]?.fired === 1);
    await other.kill();
    await eventually(async () => Date.now() > ((await other.record(id))?.attempts[0]?.deadline ?? Infinity));
    expect(other.keysOf(id)).toHaveLength(1);
    await other.startReplica();
    const record = await other.reaches(id, 'revoked');
    expect(record.attempts).toMatchObject([{ outcome: { state: 'refused' } }]);
    expect(await other.link.gates.get(subscriptionKeys.gate(commandId))).toMatchObject({
      value: { state: 'refused' },
    });
    expect(other.keysOf(id)).toEqual([]);
  });
});

/** A separate bench, whose first replica can be killed. */
async function startBenchWithTwo({ second = true } = {}) {
  const own = await startWorkbench();
  const first = await own.startReplica();
  return {
    ...own,
    kill: async () => {
      // Like a killed process: nothing that it learns from now on reaches the broker.
      await first.broker.nc.close();
      if (second) await own.startReplica();
    },
    [Symbol.asyncDispose]: () => own.stop(),
  };
}

test('a SUBSCRIBE to a plan that is detached from the stage: ERROR that says so, and no call', async () => {
  const id = randomUUID();
  await bench.planDetached();
  bench.aws.control.clearLog();
  const reply = await (await bench.subscribe(id)).reply();
  expect(reply).toMatchObject({
    status: 'ERROR',
    errorDetails: expect.stringContaining('no longer opens the stage'),
  });
  expect(bench.aws.control.counters().byOperation).not.toHaveProperty('CreateApiKey');
  expect(await bench.record(id)).toBeUndefined();
});
