/** Scans of a target whose changes are heard, with the sandbox's queue. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { catalogKeys, type ScanRecord } from '@federation-agent/contracts';
import { MINIMUM_POLICY, REACH_POLICY, SANDBOX_AGENT } from '@federation-agent/sandbox';
import { eventually } from '@federation-agent/base/test';
import { changeRecord } from '@federation-agent/broker';
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { startWorkbench, type Workbench } from '../../test/workbench.ts';

const { account } = SANDBOX_AGENT;
const region = 'eu-west-1';
const arn = `arn:aws:iam::${account}:user/${SANDBOX_AGENT.name}`;
/** A schedule of 15 minutes takes this many ms. */
const scanInterval = 400;

let server: TestBroker;
let bench: Workbench;
beforeAll(async () => {
  server = await startTestBroker();
});
afterAll(() => server.stop());
beforeEach(async () => {
  bench = await startWorkbench(server, { scanInterval, claimRenewal: 50, queueWait: 1_000 });
  bench.aws.control.subscribeQueue({ account, region, queue: 'changes' });
  bench.aws.control.setPolicy({ arn, policy: REACH_POLICY });
  bench.addApi();
});
afterEach(() => bench.stop());

const start = (configuration: object = {}) => {
  const changeQueueUrl = `${bench.aws.url}/${account}/changes`;
  return bench.start({ configuration: { schedule: undefined, changeQueueUrl, ...configuration } });
};
const key = () => catalogKeys.scan(bench.integrationId, account, region);
/** As when a message came. */
const heard = () =>
  changeRecord(bench.scans, key(), (record) => record && { ...record, changeHeardAt: Date.now() });
const recordOnce = async (holds: (record: ScanRecord) => boolean): Promise<ScanRecord> => {
  let found: ScanRecord | undefined;
  await eventually(async () => {
    found = await bench.record();
    return found !== undefined && !found.claim && holds(found);
  });
  if (!found) throw new Error('no record');
  return found;
};
/** The schedule has come several times, and no scan has begun. */
const waited = (): Promise<ScanRecord> => {
  let last: Partial<ScanRecord> = {};
  return recordOnce((one) => {
    if (one.lastAttemptAt !== last.lastAttemptAt) last = one;
    return one.dueAt > (last.dueAt ?? 0) + 3 * scanInterval;
  });
};

test('wait, once a message has shown that changes are sent; and go on at once when the queue cannot be read', async () => {
  const { telemetry, health } = await start();
  const name = `changes:${bench.integrationId}:changes in ${region}`;
  await eventually(() => JSON.stringify(health.report().components[name]).includes('"read"'));
  // Nothing shows yet that anything is sent to the queue.
  const first = await bench.scanned();
  await recordOnce((record) => (record.lastAttemptAt ?? 0) > (first.lastAttemptAt ?? 0) + 2 * scanInterval);
  await heard();
  const quiet = await waited();
  bench.aws.control.setPolicy({ arn, policy: MINIMUM_POLICY });
  await recordOnce((record) => (record.lastAttemptAt ?? 0) > (quiet.lastAttemptAt ?? 0));
  const lines = telemetry.lines().filter(({ msg }) => String(msg).startsWith('changes are not heard'));
  expect(lines).toMatchObject([
    { code: 'aws-denied', reason: expect.stringContaining('sqs:ReceiveMessage') },
  ]);
  expect(health.report().components[name]).toMatchObject({ status: 'degraded' });
  expect(health.ready()).toBe(true);
});

test('a change whose message was lost is found by the scan that somebody asks for', async () => {
  await start();
  await bench.scanned();
  await heard();
  await waited();
  const { uniqueId } = bench.addApi('later');
  await changeRecord(bench.scans, key(), (record) => record && { ...record, requestedAt: Date.now() });
  await eventually(async () => (await bench.entries()).has(uniqueId));
});

test('a schedule that is configured is obeyed as it is', async () => {
  await start({ schedule: '15m' });
  const first = await bench.scanned();
  await heard();
  await recordOnce((record) => (record.lastAttemptAt ?? 0) > (first.lastAttemptAt ?? 0) + 2 * scanInterval);
});
