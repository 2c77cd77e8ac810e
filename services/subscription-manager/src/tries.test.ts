/** What the saga does again: how often AWS is called, with which pauses, and where that ends. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { quickClock } from '@federation-agent/base/test';
import { drive, type Actor } from './saga/drive.ts';
import { apply, recordKey } from './saga/record.ts';
import {
  workbenchLimits,
  givenKey,
  integrationId,
  startWorkbench,
  type Workbench,
  type Replica,
} from '../test/workbench.ts';

jest.setTimeout(60_000);

const limits = { ...workbenchLimits, sagaPause: 30, sweepInterval: 300 };
/** A command's time, ms: many times the longest pause, few enough calls to count. */
const deadlineIn = 2_500;
let bench: Workbench;
let replica: Replica;
beforeAll(async () => {
  bench = await startWorkbench(limits);
  replica = await bench.startReplica();
});
afterEach(() => bench.aws.control.clearFaults());
afterAll(() => bench.stop());

/** From now on these calls never reach AWS, so many of them; all when absent. */
const lose = (operation: string | string[], times?: number, { aws } = bench): void => {
  aws.control.clearLog({});
  aws.control.addFault({
    match: { operation },
    ...(times !== undefined && { times }),
    fault: { kind: 'reset-before' },
  });
};
/** The next one is executed, and its answer never comes. */
const loseAnswer = (operation: string, { aws } = bench): unknown =>
  aws.control.addFault({ match: { operation }, times: 1, fault: { kind: 'reset-after' } });
/** When these were called since, ms. */
const momentsOf = (operations: readonly string[], { aws } = bench): number[] =>
  aws.control
    .log({})
    .filter(({ operation }) => operations.includes(operation))
    .map(({ at }) => at);
/** All pauses together are at least so long, the last one going on; each single one a busy machine may show shorter. */
const expectPauses = (moments: readonly number[], least: readonly number[]): void => {
  const wanted = moments.slice(1).map((_at, index) => least[index] ?? least.at(-1) ?? 0);
  const found = (moments.at(-1) ?? 0) - (moments[0] ?? 0);
  expect(found).toBeGreaterThanOrEqual(0.9 * wanted.reduce((sum, one) => sum + one, 0));
};
/** The most calls that fit into the time with these pauses, of which the last one goes on. */
const mostCalls = (pauses: readonly number[]): number => {
  let [calls, at] = [1, 0];
  while ((at += pauses[calls - 1] ?? pauses.at(-1) ?? Infinity) < deadlineIn) calls += 1;
  return calls;
};
const times = (often: readonly number[]): number[] => often.map((one) => one * limits.sagaPause);

test('a creating call of which nobody knows is repeated after 1, 2, 4, 8 s, and so on, until the deadline', async () => {
  const id = randomUUID();
  const pauses = times([4, 8, 16, 32]);
  lose(['CreateApiKey', 'ImportApiKeys']);
  const reply = await (await bench.subscribe(id, { deadlineIn })).reply();
  expect(reply).toMatchObject({ status: 'ERROR' });
  const calls = momentsOf(['CreateApiKey', 'ImportApiKeys']);
  expect(calls.length).toBeGreaterThanOrEqual(3);
  expect(calls.length).toBeLessThanOrEqual(mostCalls(pauses));
  expectPauses(calls, pauses);
});

test('a key that is not on its plan yet is put there after 250, 500, 1,000 ms, and so on, until the deadline', async () => {
  const id = randomUUID();
  const pauses = times([1, 2, 4]);
  lose('CreateUsagePlanKey');
  const reply = await (await bench.subscribe(id, { deadlineIn })).reply();
  const errorDetails = expect.stringContaining('not known to be in its usage plan') as unknown;
  expect(reply).toMatchObject({ status: 'ERROR', errorDetails });
  const calls = momentsOf(['CreateUsagePlanKey']);
  expect(calls.length).toBeGreaterThanOrEqual(3);
  expect(calls.length).toBeLessThanOrEqual(mostCalls(pauses));
  expectPauses(calls, pauses);
  await bench.reaches(id, 'revoked');
});

test('a SUBSCRIBE looks after 250, 500, 1,000 ms and then each second whether the life before has ended', async () => {
  const id = randomUUID();
  loseAnswer('CreateApiKey');
  const { metadata } = givenKey(await (await bench.subscribe(id)).reply());
  await (await bench.unsubscribe(id, metadata)).reply();
  const record = await bench.reaches(id, 'sweeping');
  const saga = await replica.openSaga();
  const over = new AbortController();
  const clock = quickClock((sleeps) => {
    if (sleeps === 5) over.abort();
  });
  const attempt = { commandId: randomUUID(), deadline: clock.now() + limits.commandDeadline };
  const order = { ...record, ...attempt, applicationId: '', applicationName: '', route: record };
  let looks = 0;
  const waiting: Actor = {
    by: { kind: 'apim', commandId: attempt.commandId },
    attempt,
    signal: over.signal,
    answered: () => false,
    called: () => undefined,
    answer: () => Promise.resolve(undefined),
    look: () => {
      looks += 1;
      const seen = { kind: 'subscribe', order, began: undefined, gate: undefined, planGone: false } as const;
      return Promise.resolve({ ...seen, now: clock.now(), value: { key: '', iv: '', tag: '', text: '' } });
    },
  };
  const random = { ...saga.random, fraction: () => 0 };
  const ending = drive({ ...saga, clock, random }, recordKey(record), waiting);
  await expect(ending).rejects.toMatchObject({ code: 'hand-back' });
  expect(looks).toBe(5);
  expect(clock.pauses).toEqual(times([1, 2, 4, 4, 4]));
});

test('a record that others change all the time is given up after a hundred writes, at most 20 ms apart', async () => {
  const saga = await replica.openSaga();
  const clock = quickClock();
  let writes = 0;
  const records = {
    ...saga.records,
    create: () => {
      writes += 1;
      if (writes > 1_000) throw new Error('for ever');
      return Promise.resolve(undefined);
    },
  };
  const begin = {
    kind: 'subscribe',
    order: {
      commandId: 'c',
      deadline: clock.now() + 50_000,
      integrationId,
      graviteeSubscriptionId: randomUUID(),
      applicationId: 'a',
      applicationName: 'a',
      route: { account: '1', region: 'r', restApiId: 'x', stage: 's', usagePlanId: 'p' },
    },
    began: undefined,
    gate: undefined,
    planGone: false,
    now: clock.now(),
    value: { key: '', iv: '', tag: '', text: '' },
  } as const;
  const random = { ...saga.random, fraction: () => 0.5 };
  const applying = apply({ ...saga, records, clock, random }, recordKey(begin.order), begin);
  await expect(applying).rejects.toMatchObject({ code: 'contended-record', disposition: 'retryable' });
  expect(writes).toBe(100);
  expect(clock.pauses).toEqual(Array<number>(100).fill(10));
});

/** Of its own: AWS's log does not say for which subscription a call was, and other lives end with the same calls. */
describe('the sweeper', () => {
  let own: Workbench;
  beforeEach(async () => {
    own = await startWorkbench(limits);
    await own.startReplica();
  });
  afterEach(() => own.stop());

  test('deletes a key every 10 s until it is deleted, and not once more', async () => {
    const id = randomUUID();
    lose('DeleteApiKey', 4, own);
    // Its reply never left: the life is over, and the sweeper alone ends it.
    await (await own.subscribe(id, { fate: 'socket gone' })).reply();
    await own.reaches(id, 'revoked');
    const calls = momentsOf(['DeleteApiKey'], own);
    expect(calls).toHaveLength(5);
    // The first may come from whoever ended the life, between two sweeps.
    expectPauses(calls.slice(1), [limits.sweepInterval]);
    expect(own.keysOf(id)).toEqual([]);
  });

  test('looks for a key that a lost call may have left every W until AWS answers, and not once more', async () => {
    const id = randomUUID();
    loseAnswer('CreateApiKey', own);
    const { metadata } = givenKey(await (await own.subscribe(id)).reply());
    lose('ImportApiKeys', 2, own);
    await (await own.unsubscribe(id, metadata)).reply();
    await own.reaches(id, 'revoked');
    const calls = momentsOf(['ImportApiKeys'], own);
    expect(calls).toHaveLength(3);
    expectPauses(calls, [limits.lateCall]);
  });
});
