/**
 * What an operator sees and relies on: health and loggers; and that an unreadable record never counts as an absent one.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { z } from 'zod';
import { buckets, Gate, routingKeys, subscriptionKeys } from '@federation-agent/contracts';
import { DEFAULT_ACCOUNT, DEFAULT_REGION, SANDBOX_AGENT } from '@federation-agent/sandbox';
import { eventually } from '@federation-agent/base/test';
import { openBucket } from '@federation-agent/broker';
import { cleanUp } from './saga/clean-up.ts';
import { givenKey, integrationId, startWorkbench, type Workbench, type Replica } from '../test/workbench.ts';

jest.setTimeout(60_000);

let bench: Workbench;
let replica: Replica;

beforeAll(async () => {
  bench = await startWorkbench();
  replica = await bench.startReplica();
});
afterEach(() => bench.aws.control.clearFaults());
afterAll(() => bench.stop());

describe('health', () => {
  const components = (of = replica) => of.health.report().components;
  const target = `aws:${integrationId}:${DEFAULT_ACCOUNT}/${DEFAULT_REGION}`;

  test('shows each target with who we are there; one that waits says why and what to do', async () => {
    const role = 'arn:aws:iam::222222222222:role/agent';
    const targets = [{ regions: DEFAULT_REGION }, { roleArn: role, regions: 'eu-west-2' }];
    const other = await bench.startReplica({ aws: { targets } });
    const waiting = `aws:${integrationId}:eu-west-2 as ${role}`;
    await eventually(() => waiting in components(other));
    expect(components(other)).toMatchObject({
      [target]: {
        status: 'up',
        data: {
          account: DEFAULT_ACCOUNT,
          region: DEFAULT_REGION,
          identity: `arn:aws:iam::${DEFAULT_ACCOUNT}:user/${SANDBOX_AGENT.name}`,
        },
      },
      [waiting]: {
        status: 'degraded',
        detail: expect.stringMatching(/cannot be assumed.*Check that the role exists/u),
        data: { region: 'eu-west-2' },
      },
    });
    bench.aws.control.addRole({ account: '222222222222', name: 'agent' });
    await eventually(() => `aws:${integrationId}:222222222222/eu-west-2` in components(other));
    expect(components(other)).not.toHaveProperty([waiting]);
    expect(
      other.telemetry.lines().filter(({ msg }) => String(msg).includes('the target waits')),
    ).toMatchObject([{ logger: 'aws', target: `eu-west-2 as ${role}`, integrationId }]);
    await other.service.stop();
    expect(Object.keys(components(other))).toEqual([]);
  });

  test('shows why a record cannot be swept, until it can', async () => {
    const id = randomUUID();
    const { metadata } = givenKey(await (await bench.subscribe(id)).reply());
    bench.aws.control.addFault({
      match: { operation: 'DeleteApiKey' },
      fault: { kind: 'status', status: 403, errorType: 'AccessDeniedException', message: 'no' },
    });
    await (await bench.unsubscribe(id, metadata)).reply();
    const detail = () => components()['subscriptions']?.detail ?? '';
    await eventually(() => detail().includes('DeleteApiKey'));
    expect(detail()).toMatch(/^1 record cannot be swept: .*apigateway:DELETE on/u);
    bench.aws.control.clearFaults();
    await eventually(() => components()['subscriptions']?.status === 'up');
    const told = replica.telemetry
      .lines()
      .filter(({ msg }) => String(msg).startsWith('a record cannot be swept'));
    expect(told).toMatchObject([{ logger: 'sweep', level: 'warn' }]);
  });

  test('shows records that are sealed with a key that is not configured', async () => {
    const id = randomUUID();
    await (await bench.subscribe(id)).reply();
    await bench.reaches(id, 'held');
    const other = await bench.startReplica({
      federation: { sealingKey: randomBytes(32).toString('base64') },
    });
    const detail = () => components(other)['subscriptions']?.detail ?? '';
    await eventually(() => detail().includes('federation.previousSealingKeys'));
    await other.service.stop();
    expect(await bench.record(id)).toMatchObject({ state: 'held' });
    expect(bench.keysOf(id)).toHaveLength(1);
  });

  test('shows subscriptions of integrations that are not configured, and the log says so once', async () => {
    const id = randomUUID();
    await (await bench.subscribe(id)).reply();
    await bench.reaches(id, 'held');
    const other = await bench.startReplica({ integrationId: 'another' });
    const component = () => components(other)['subscriptions'];
    const says = new RegExp(`^\\d+ records? of ${integrationId}, which is not configured here`, 'u');
    await eventually(() => says.test(component()?.detail ?? ''));
    expect(component()?.status).toBe('up');
    await other.service.stop();
    const told = other.telemetry.lines().filter(({ msg }) => String(msg).includes('not configured here'));
    expect(told).toMatchObject([{ logger: 'sweep', level: 'warn', integrationId }]);
  });

  test('shows keys of unknown id, also when the subscription has another key by now', async () => {
    const id = randomUUID();
    bench.aws.control.addFault({
      match: { operation: 'CreateApiKey' },
      times: 1,
      fault: { kind: 'reset-after' },
    });
    bench.aws.control.addFault({
      match: { operation: 'ImportApiKeys' },
      times: 1,
      fault: { kind: 'status', status: 403, errorType: 'AccessDeniedException', message: 'no' },
    });
    await (await bench.subscribe(id)).reply();
    const detail = () => components()['subscriptions']?.detail ?? '';
    await eventually(() => detail().startsWith('1 record with API keys of unknown id'));
    await (await bench.subscribe(id)).reply();
    await bench.reaches(id, 'held');
    const sweeps = async (): Promise<number> =>
      Number(/sweep_seconds_count (\d+)/u.exec(await replica.telemetry.registry.metrics())?.[1] ?? 0);
    const now = await sweeps();
    await eventually(async () => (await sweeps()) > now + 1);
    expect(detail()).toContain('unknown id');
  });
});

test('state changes, sweeps and AWS log as areas of their own', async () => {
  const id = randomUUID();
  await (await bench.subscribe(id)).reply();
  await bench.reaches(id, 'held');
  expect(Object.keys(replica.telemetry.levels.view())).toEqual(
    expect.arrayContaining(['aws', 'saga', 'sweep', 'subscription-manager.saga']),
  );
  const lines = replica.telemetry.lines().filter((line) => line['graviteeSubscriptionId'] === id);
  expect(lines.map(({ logger }) => logger)).toContain('saga');
  replica.telemetry.levels.set('saga', 'error');
  const quiet = randomUUID();
  await (await bench.subscribe(quiet)).reply();
  await bench.reaches(quiet, 'held');
  replica.telemetry.levels.set('saga', undefined);
  expect(JSON.stringify(replica.telemetry.lines())).not.toContain(quiet);
});

describe('a record that cannot be read', () => {
  const records = () => openBucket(bench.broker, buckets.subscriptions, z.record(z.string(), z.unknown()));

  /** Replaces the record with one from another version while `run` runs. */
  async function unreadable(id: string, run: () => Promise<void>): Promise<void> {
    const bucket = await records();
    const key = subscriptionKeys.record(integrationId, id);
    const before = await bucket.get(key);
    if (!before) throw new Error('no record');
    await bucket.put(key, { ...before.value, state: 'of another version' });
    try {
      await run();
    } finally {
      await bucket.put(key, before.value);
    }
  }

  test('may be the holder of a key that an UNSUBSCRIBE of another subscription names: it stays', async () => {
    const [mine, yours] = [randomUUID(), randomUUID()];
    const { metadata } = givenKey(await (await bench.subscribe(yours)).reply());
    await bench.reaches(yours, 'held');
    await unreadable(yours, async () => {
      const reply = await (await bench.unsubscribe(mine, metadata)).reply();
      expect(reply).toMatchObject({
        status: 'ERROR',
        errorDetails: expect.stringContaining('cannot be read'),
      });
      expect(bench.keysOf(yours)).toHaveLength(1);
    });
  });

  test('is not taken for none: SUBSCRIBE has an ERROR, and no second key is made', async () => {
    const id = randomUUID();
    await (await bench.subscribe(id)).reply();
    await bench.reaches(id, 'held');
    await unreadable(id, async () => {
      const reply = await (await bench.subscribe(id)).reply();
      expect(reply).toMatchObject({
        status: 'ERROR',
        errorDetails: expect.stringContaining('cannot be read'),
      });
      expect(bench.keysOf(id)).toHaveLength(1);
    });
  });

  test('keeps its gates, also when a tombstone goes in the same pass: its key would read as never sent', async () => {
    const [id, gone] = [randomUUID(), randomUUID()];
    const { commandId } = await bench.subscribe(id, { fate: 'unconfirmed' });
    await bench.reaches(id, 'unconfirmed');
    const { metadata } = givenKey(await (await bench.subscribe(gone)).reply());
    await (await bench.unsubscribe(gone, metadata)).reply();
    await bench.reaches(gone, 'revoked');
    const saga = await replica.openSaga();
    await unreadable(id, async () => {
      await cleanUp({ ...saga, limits: { ...saga.limits, tombstone: 0 } });
    });
    saga.targets.close();
    expect(await bench.record(gone)).toBeUndefined();
    const gates = await openBucket(bench.broker, buckets.gates, Gate);
    expect(await gates.get(subscriptionKeys.gate(commandId))).toMatchObject({
      value: { state: 'unconfirmed' },
    });
    expect(bench.keysOf(id)).toHaveLength(1);
  });
});

test('what a scan wrote and this version cannot read is no reason to refuse a SUBSCRIBE', async () => {
  const scans = await openBucket(bench.broker, buckets.scans, z.object({ of: z.string() }));
  const catalog = await openBucket(bench.broker, buckets.catalog, z.object({ of: z.string() }));
  await bench.planGone({});
  await bench.planDetached();
  const keys = [
    ...(await scans.keys()).map((key) => [scans, key] as const),
    ...(await catalog.keys()).map((key) => [catalog, key] as const),
  ];
  expect(keys).toHaveLength(2);
  for (const [bucket, key] of keys) await bucket.put(key, { of: 'another version' });
  try {
    const { metadata } = givenKey(await (await bench.subscribe(randomUUID())).reply());
    expect(metadata).toHaveProperty([routingKeys.apiKeyId]);
  } finally {
    for (const [bucket, key] of keys) await bucket.purge(key);
  }
});
