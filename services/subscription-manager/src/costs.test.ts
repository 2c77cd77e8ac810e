/**
 * What a command costs, counted: no machine is quick or slow here. A number may only grow with a reason beside it; how
 * it is measured in time is in docs/performance.md.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buckets, streams } from '@federation-agent/contracts';
import { eventually } from '@federation-agent/base/test';
import {
  givenKey,
  type Replica,
  startWorkbench,
  type Workbench,
  workbenchLimits,
} from '../test/workbench.ts';

const hour = 3_600_000;
/** Requests that wait at the broker may run out meanwhile, and are made again. */
const renewals = 3;
let bench: Workbench;
let replica: Replica;
beforeAll(async () => {
  // The sweeper and the clock have their own messages: not meanwhile.
  bench = await startWorkbench({ ...workbenchLimits, sweepInterval: hour, clockCheck: hour });
  replica = await bench.startReplica();
});
afterAll(() => bench.stop());

/** Every write is synced to the disk of the broker before the next step. */
interface Costs {
  readonly records: number;
  readonly budget: number;
  readonly gates: number;
  readonly events: number;
  readonly commands: number;
  /** Messages that the worker sends: writes, reads, the reply, the acknowledgement. */
  readonly sent: number;
  readonly awsCalls: readonly string[];
}

async function costsOf(run: () => Promise<unknown>): Promise<Costs> {
  const { jsm, names } = bench.broker;
  const written = async (stream: string): Promise<number> => (await jsm.streams.info(stream)).state.last_seq;
  const all = () =>
    Promise.all([
      written(names.bucketStream(buckets.subscriptions)),
      written(names.bucketStream(buckets.budget)),
      written(names.bucketStream(buckets.gates)),
      written(names.stream(streams.events)),
      written(names.stream(streams.commands)),
    ]);
  /** What is published without waiting for it is on its way for a moment. */
  const settled = async (): Promise<number[]> => {
    let last: number[] = [];
    await eventually(async () => {
      const now = await all();
      const same = now.every((count, index) => count === last[index]);
      last = now;
      return same;
    });
    return last;
  };
  const before = await settled();
  const sentBefore = replica.broker.nc.stats().outMsgs;
  bench.aws.control.clearLog({});
  await run();
  const after = await settled();
  const sent = replica.broker.nc.stats().outMsgs - sentBefore;
  const [records = 0, budget = 0, gates = 0, events = 0, commands = 0] = after.map(
    (count, index) => count - (before[index] ?? 0),
  );
  const awsCalls = bench.aws.control.log({}).map(({ operation }) => operation);
  return { records, budget, gates, events, commands, sent, awsCalls };
}

test('what a SUBSCRIBE and its UNSUBSCRIBE write, read and call', async () => {
  // The first command also finds out who we are in AWS.
  const first = randomUUID();
  await (await bench.subscribe(first)).reply();
  await bench.reaches(first, 'held');
  const id = randomUUID();
  let metadata: Readonly<Record<string, string>> = {};
  const subscribe = await costsOf(async () => {
    ({ metadata } = givenKey(await (await bench.subscribe(id)).reply()));
    await bench.reaches(id, 'held');
  });
  expect(subscribe).toMatchObject({
    records: 4, // intent, created, attached, held: each is what a crash must find.
    budget: 2, // A token for each call of AWS.
    gates: 2, // Opened before the reply is written, and what became of it.
    events: 5, // The four states and the receipt, for the audit trail.
    commands: 1,
    awsCalls: ['CreateApiKey', 'CreateUsagePlanKey'],
  });
  // Writes without those of the link; the gate three times, the plan and the record once each; the reply, the ack.
  expect(subscribe.sent).toBeLessThanOrEqual(21 + renewals);

  const unsubscribe = await costsOf(async () => {
    await (await bench.unsubscribe(id, metadata)).reply();
    await bench.reaches(id, 'revoked');
  });
  expect(unsubscribe).toMatchObject({
    records: 2, // revoking and revoked.
    budget: 1,
    gates: 0,
    events: 3,
    commands: 1,
    awsCalls: ['DeleteApiKey'],
  });
  expect(unsubscribe.sent).toBeLessThanOrEqual(9 + renewals);
});
