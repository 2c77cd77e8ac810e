import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createInbox, headers } from '@nats-io/transport-node';
import { z } from 'zod';
import { limitsAt, serviceNames } from '@federation-agent/contracts';
import { eventually, testTelemetry } from '@federation-agent/base/test';
import type { Broker } from '../broker.ts';
import { openBucket } from '../buckets/bucket.ts';
import { connectBroker } from '../connection/connect.ts';
import { ensureTopology } from './ensure-topology.ts';
import { moveOldNames } from './move-names.ts';
import { OldNamesError, oldStreams, refuseOldNames } from './old-names.ts';
import { startTestBroker, type TestBroker, testConfig } from '../../test/broker.ts';
import { makeOldNames } from '../../test/old-names.ts';

const limits = limitsAt(20);
const records = {
  subscriptions: Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`i.s${n}`, `{"n":${n}}`])),
  gates: { 'command-1': '{"n":1}' },
  documents: { 'abc.0': 'first chunk', 'abc.1': '\u0000second' },
};
let server: TestBroker;
let broker: Broker;

beforeEach(async () => {
  server = await startTestBroker();
  broker = await connectBroker({
    config: testConfig(server.url),
    service: 'subscription-manager',
    name: 'mover',
    limits,
    telemetry: testTelemetry(),
  });
});
afterEach(async () => {
  await broker.close();
  await server.stop();
});

const namesThere = async (): Promise<string[]> => {
  const found: string[] = [];
  for await (const name of broker.jsm.streams.names()) found.push(name);
  return found.sort();
};
const moved = async (): Promise<Record<string, number>> => {
  const bucket = await openBucket(broker, 'subscriptions', z.object({ n: z.number() }));
  return Object.fromEntries((await bucket.entries()).map(({ key, value }) => [key, value.n]));
};
const all = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`i.s${n}`, n]));
const refused = async (): Promise<number> => {
  const outcomes = await Promise.allSettled(serviceNames.map((service) => refuseOldNames(broker, service)));
  const errors = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  for (const error of errors) expect(error).toBeInstanceOf(OldNamesError);
  return errors.length;
};

describe('records under names without a namespace', () => {
  it('keep every service from starting, until they are moved; then nothing is left of the old names', async () => {
    await makeOldNames(broker, records);
    const removed = headers();
    removed.set('KV-Operation', 'DEL');
    await broker.js.publish('$KV.subscriptions.i.gone', '', { headers: removed });
    expect(await refused()).toBe(3);
    await expect(refuseOldNames(broker, 'gateway-link')).rejects.toThrow(/KV_gates.*npm run broker:move/u);

    const { records: counts, deleted } = await moveOldNames(broker, 1);
    expect(counts).toMatchObject({ subscriptions: 40, gates: 1, documents: 2, catalog: 0 });
    expect(deleted).toHaveLength(13);
    expect(await moved()).toEqual(all);
    const chunk = await broker.jsm.streams.getMessage('KV_federation-agent_documents', {
      last_by_subj: '$KV.federation-agent_documents.abc.1',
    });
    expect(chunk?.string()).toBe('\u0000second');

    expect(await refused()).toBe(0);
    for (const service of serviceNames) await ensureTopology(broker, service, { replicas: 1 });
    expect((await namesThere()).every((name) => name.includes('federation-agent_'))).toBe(true);
    expect(await namesThere()).toHaveLength(13);
    expect(await moveOldNames(broker, 1)).toEqual({ records: {}, deleted: [], left: [] });
  });

  it('whatever the move was cut off at, the next one ends it, and no service starts without all records', async () => {
    await makeOldNames(broker, records);
    let cuts = 0;
    for (let calls = 1; ; calls += 7) {
      const done = await moveOldNames(cutOffAfter(broker, calls), 1).then(
        () => true,
        (error: unknown) => {
          expect(String(error)).toContain('cut off');
          return false;
        },
      );
      if ((await refused()) === 0) expect(await moved()).toEqual(all);
      if (done) break;
      cuts += 1;
    }
    expect(cuts).toBeGreaterThan(10);
    expect(await moved()).toEqual(all);
    expect((await namesThere()).filter((name) => oldStreams.includes(name))).toEqual([]);
  });

  it('a company has its own COMMANDS and KV_catalog: they are not touched, and keep nobody from starting', async () => {
    await broker.jsm.streams.add({ name: 'COMMANDS', subjects: ['shop.>'], description: 'of the shop' });
    await broker.jsm.streams.add({ name: 'KV_catalog', subjects: ['$KV.catalog.>'] });
    expect(await refused()).toBe(0);
    expect(await moveOldNames(broker, 1)).toEqual({ records: {}, deleted: [], left: [] });
    expect(await namesThere()).toEqual(['COMMANDS', 'KV_catalog']);
  });

  it('are left alone when the new names are in use: they are of another installation', async () => {
    await ensureTopology(broker, 'subscription-manager', { replicas: 1 });
    await makeOldNames(broker, records);
    await expect(refuseOldNames(broker, 'subscription-manager')).resolves.toBeUndefined();
    expect(await moveOldNames(broker, 1)).toMatchObject({
      deleted: [],
      left: expect.arrayContaining(['COMMANDS']),
    });
    expect(await moved()).toEqual({});
  });

  it('are not moved under a replica that still works on them', async () => {
    await makeOldNames(broker, records);
    const config = { durable_name: 'subscription', ack_policy: 'explicit' } as const;
    await broker.jsm.consumers.add('COMMANDS', config);
    const reply = createInbox();
    broker.nc.subscribe(reply);
    const pull = JSON.stringify({ batch: 1, expires: 60_000_000_000 });
    broker.nc.publish('$JS.API.CONSUMER.MSG.NEXT.COMMANDS.subscription', pull, { reply });
    await eventually(
      async () => (await broker.jsm.consumers.info('COMMANDS', 'subscription')).num_waiting === 1,
    );
    await expect(moveOldNames(broker, 1)).rejects.toThrow(/old version still works/u);
  });
});

/** Like a crash: after this many calls, nothing reaches the broker any more. */
function cutOffAfter(whole: Broker, calls: number): Broker {
  let left = calls;
  const cut = <T extends object>(of: T): T =>
    new Proxy(of, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...args: readonly unknown[]): unknown => {
          left -= 1;
          if (left < 0) return Promise.reject(new Error('cut off'));
          return Reflect.apply(member, target, args) as unknown;
        };
      },
    });
  const { js, jsm } = whole;
  return { ...whole, js: cut(js), jsm: { ...jsm, streams: cut(jsm.streams), consumers: cut(jsm.consumers) } };
}
