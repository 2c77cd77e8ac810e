import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { limitsAt } from '@federation-agent/contracts';
import { eventually, testTelemetry } from '@federation-agent/base/test';
import { startTestProxy } from '@federation-agent/net/test';
import type { Broker } from '../broker.ts';
import { openBucket, type Bucket, type Change } from './bucket.ts';
import { changeRecord } from './change-record.ts';
import { checkFilter, checkKey } from './keys.ts';
import { connectTestBroker, startTestBroker, type TestBroker } from '../../test/broker.ts';

const schema = z.object({ n: z.number() });
type Value = z.output<typeof schema>;
const telemetry = testTelemetry();
let server: TestBroker;
let broker: Broker;
let bucket: Bucket<Value>;

beforeAll(async () => {
  server = await startTestBroker();
  broker = await connectTestBroker(server, 'aws-discovery', limitsAt(20), telemetry);
  bucket = await openBucket(broker, 'catalog', schema);
});
afterAll(async () => {
  await broker.close();
  await server.stop();
});

describe('a bucket', () => {
  test('creates once, updates by revision, reads what was written', async () => {
    const revision = await bucket.create('cas.a', { n: 1 });
    expect(revision).toBeGreaterThan(0);
    expect(await bucket.create('cas.a', { n: 2 })).toBeUndefined();
    const newer = await bucket.update('cas.a', { n: 3 }, revision ?? 0);
    expect(await bucket.update('cas.a', { n: 4 }, revision ?? 0)).toBeUndefined();
    expect(await bucket.get('cas.a')).toEqual({ key: 'cas.a', value: { n: 3 }, revision: newer });
    expect(await bucket.get('cas.none')).toBeUndefined();
    expect(await bucket.update('cas.none', { n: 1 }, 5)).toBeUndefined();
  });

  test('a purged key is gone at once, can be created again, and leaves no marker', async () => {
    const revision = (await bucket.create('purge.a', { n: 1 })) ?? 0;
    expect(await bucket.purge('purge.a', revision + 1)).toBe(false);
    expect(await bucket.purge('purge.a', revision)).toBe(true);
    expect(await bucket.get('purge.a')).toBeUndefined();
    expect(await bucket.keys('purge.>')).toEqual([]);
    expect(await bucket.purge('purge.a')).toBe(false);
    expect(await bucket.create('purge.a', { n: 2 })).toBeGreaterThan(revision);
    expect(await bucket.purge('purge.a')).toBe(true);
    const subjects = { subjects_filter: '$KV.federation-agent_catalog.purge.>' };
    await eventually(
      async () => !(await broker.jsm.streams.info('KV_federation-agent_catalog', subjects)).state.subjects,
    );
  });

  test('a create and a purge that meet, over and over, never say that the key exists when it does not', async () => {
    for (let round = 0; round < 30; round += 1) {
      expect(await bucket.create('meet.a', { n: round })).toBeGreaterThan(0);
      expect(await bucket.purge('meet.a')).toBe(true);
    }
  });

  test("somebody's delete marker reads as absent and does not stop a create", async () => {
    const { headers } = await import('@nats-io/transport-node');
    const marker = headers();
    marker.set('KV-Operation', 'DEL');
    await bucket.put('marker.a', { n: 1 });
    await broker.js.publish('$KV.federation-agent_catalog.marker.a', '', { headers: marker });
    expect(await bucket.get('marker.a')).toBeUndefined();
    expect(await bucket.entries('marker.>')).toEqual([]);
    expect(await bucket.create('marker.a', { n: 2 })).toBeGreaterThan(0);
  });

  test('lists keys and values under a filter, more than one page of them', async () => {
    const put = (n: number) =>
      broker.js.publish(`$KV.federation-agent_catalog.many.${n % 2}.${n}`, JSON.stringify({ n }), {
        timeout: 10_000,
      });
    expect(await bucket.entries('many.>')).toEqual([]);
    for (let from = 0; from < 1_200; from += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, i) => put(from + i)));
    }
    expect(await bucket.keys('many.>')).toHaveLength(1_200);
    expect(await bucket.keys('many.*.7')).toEqual(['many.1.7']);
    const entries = await bucket.entries('many.1.>');
    expect(entries).toHaveLength(600);
    expect(entries.every(({ key, value, revision }) => key === `many.1.${value.n}` && revision > 0)).toBe(
      true,
    );
    await eventually(
      async () => (await broker.jsm.consumers.list('KV_federation-agent_catalog').next()).length === 0,
    );
  });

  test('what cannot be read is an error for one, left out of many, and counted', async () => {
    await broker.js.publish('$KV.federation-agent_catalog.bad.a', '{"n":"text"}');
    await bucket.put('bad.b', { n: 1 });
    await expect(bucket.get('bad.a')).rejects.toMatchObject({ code: 'unreadable-record', key: 'bad.a' });
    expect((await bucket.entries('bad.>')).map(({ key }) => key)).toEqual(['bad.b']);
    expect(await telemetry.registry.metrics()).toContain('unreadable_records_total{bucket="catalog"} 2');
  });

  test('20 writers change one record: no change is lost', async () => {
    await Promise.all(
      Array.from({ length: 20 }, () =>
        changeRecord(bucket, 'many-writers', (now) => ({ n: (now?.n ?? 0) + 1 })),
      ),
    );
    expect((await bucket.get('many-writers'))?.value).toEqual({ n: 20 });
    expect(await changeRecord(bucket, 'many-writers', () => undefined)).toMatchObject({ value: { n: 20 } });
  });
});

describe('a watch', () => {
  test('tells what is there, then every change and removal, on over a restart of the broker', async () => {
    const changes: Change<Value>[] = [];
    const latest = (key: string) => changes.findLast((item) => item.key === key);
    await bucket.put('w.a', { n: 1 });
    const watch = await bucket.watch('w.>', (item) => void changes.push(item));
    expect(changes.map(({ key }) => key)).toEqual(['w.a']);

    await bucket.put('w.b', { n: 2 });
    await eventually(() => latest('w.b')?.value?.n === 2);
    await bucket.purge('w.b');
    await eventually(() => latest('w.b')?.value === undefined);

    await server.kill();
    await eventually(() => !broker.connected());
    await expect(bucket.get('w.a')).rejects.toMatchObject({ code: 'broker-unavailable' });
    await server.restart();
    await eventually(() => broker.connected());
    await changeRecord(bucket, 'w.a', () => ({ n: 3 }));
    await eventually(() => latest('w.a')?.value?.n === 3);

    await watch.stop();
    const count = changes.length;
    await bucket.put('w.a', { n: 4 });
    await bucket.get('w.a');
    expect(changes).toHaveLength(count);
  });

  test('tells after a cut what changed and what went away meanwhile', async () => {
    const proxy = await startTestProxy(server.port);
    const far = await connectTestBroker(
      { ...server, url: `nats://127.0.0.1:${proxy.port}` },
      'aws-discovery',
      broker.limits,
    );
    const latest = new Map<string, number | undefined>();
    await bucket.put('cut.a', { n: 1 });
    await bucket.put('cut.b', { n: 1 });
    const watch = await (
      await openBucket(far, 'catalog', schema)
    ).watch('cut.*', ({ key, value }) => void latest.set(key, value?.n));
    proxy.cut();
    await eventually(() => !far.connected());
    await bucket.put('cut.a', { n: 2 });
    await broker.jsm.streams.purge('KV_federation-agent_catalog', {
      filter: '$KV.federation-agent_catalog.cut.b',
    });
    proxy.mend();
    await eventually(
      () => latest.get('cut.a') === 2 && latest.has('cut.b') && latest.get('cut.b') === undefined,
    );
    await watch.stop();
    await far.close();
    await proxy.stop();
  });
});

test('keys and filters that the broker would not take are refused', () => {
  for (const key of ['', '.a', 'a.', 'a..b', 'a:b', 'a b', 'a.*', '>']) {
    expect(() => checkKey(key)).toThrow('not a valid bucket key');
  }
  for (const filter of ['>', 'a.>', '*.a', 'a.*.b.>', 'a']) expect(checkFilter(filter)).toBe(filter);
  for (const filter of ['a.>.b', '', 'a b.*'])
    expect(() => checkFilter(filter)).toThrow('not a valid bucket key');
  fc.assert(fc.property(fc.stringMatching(/^[-/_=A-Za-z0-9]+$/u), (key) => checkKey(key) === key));
});
