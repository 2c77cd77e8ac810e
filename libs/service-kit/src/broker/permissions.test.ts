/** Each service as its own user of a real nats-server: what it may do works, and nothing else does. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errors } from '@nats-io/transport-node';
import { z } from 'zod';
import {
  bucketSpecs,
  commandConsumer,
  ingestConsumer,
  limitsAt,
  serviceNames,
  streams,
  type ConsumerSpec,
  type ServiceName,
} from '@federation-agent/contracts';
import { systemClock } from '../clock.ts';
import {
  eventually,
  startTestBroker,
  testTelemetry,
  userConfig,
  usersBlock,
  type TestBroker,
} from '../testing/index.ts';
import type { Broker } from './broker.ts';
import { openBucket } from './bucket.ts';
import { openChunkStore } from './chunk-store.ts';
import { connectBroker } from './connect.ts';
import { startConsumer } from './consume.ts';
import { ensureTopology } from './ensure-topology.ts';
import { publish, publishEvent } from './publish.ts';

const namespace = 'ours';
const limits = limitsAt(20);
const telemetry = testTelemetry();
const brokers = {} as Record<ServiceName, Broker>;
let server: TestBroker;

beforeAll(async () => {
  server = await startTestBroker({ config: usersBlock([namespace]) });
  for (const service of serviceNames) {
    const config = userConfig(server.url, namespace, service);
    const broker = await connectBroker({ config, service, name: `${service}-1`, limits, telemetry });
    await ensureTopology(broker, service, { replicas: 1 });
    brokers[service] = broker;
  }
});
afterAll(async () => {
  await Promise.all(Object.values(brokers).map((broker) => broker.close()));
  await server.stop();
});

/** What became of a request on this subject: `denied`, or whatever else it was. */
async function say(service: ServiceName, subject: string, body = ''): Promise<string> {
  const { nc } = brokers[service];
  return nc.request(subject, body, { timeout: 2_000 }).then(
    (answer) => answer.string(),
    (error: unknown) => (isDenied(error) ? 'denied' : String(error)),
  );
}

async function hear(service: ServiceName, subject: string): Promise<string> {
  const { nc } = brokers[service];
  let outcome = 'heard';
  const subscription = nc.subscribe(subject, {
    callback: (error) => {
      if (isDenied(error)) outcome = 'denied';
    },
  });
  await nc.flush();
  subscription.unsubscribe();
  return outcome;
}

function isDenied(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if (at instanceof errors.PermissionViolationError) return true;
  return false;
}

describe('with exactly its permissions', () => {
  it.each(serviceNames)('%s makes, reads and writes what it owns, and knows the time', async (service) => {
    const broker = brokers[service];
    await eventually(() => broker.clockOffset() !== 0);
    for (const { name, owners, writers } of bucketSpecs(limits)) {
      if (!owners.includes(service)) continue;
      const bucket = await openBucket(broker, name, z.object({ n: z.number() }));
      const watch = await bucket.watch('of.>', () => undefined);
      const key = `of.${service}`;
      if (writers.includes(service)) {
        const revision = await bucket.create(key, { n: 1 });
        await bucket.update(key, { n: 2 }, revision ?? 0);
        expect(await bucket.get(key)).toMatchObject({ value: { n: 2 } });
        expect(await bucket.keys('of.>')).toContain(key);
        expect(await bucket.purge(key)).toBe(true);
      } else {
        expect(await bucket.get(key)).toBeUndefined();
      }
      expect(await bucket.keys()).toEqual(expect.any(Array));
      await watch.stop();
      if (name !== 'documents' && name !== 'payloads') continue;
      const store = await openChunkStore(broker, name);
      const ref = await store.put(Buffer.from(service));
      expect(await store.get(ref)).toEqual(Buffer.from(service));
      expect(await store.has(ref)).toBe(true);
      expect(await store.list()).toHaveLength(1);
      await store.purge(ref.sha256);
    }
  });

  const consumed = async (service: ServiceName, spec: ConsumerSpec, from: ServiceName, subject: string) => {
    const seen = Promise.withResolvers<string>();
    const consumer = await startConsumer({
      broker: brokers[service],
      spec,
      schema: z.object({ of: z.string() }),
      telemetry,
      instance: service,
      clock: systemClock,
      handle: ({ of }) => Promise.resolve(seen.resolve(of)),
    });
    await publish(brokers[from], subject, { of: from }, { id: subject, until: Date.now() + 5_000 });
    const of = await seen.promise;
    await eventually(async () => (await depth(service, spec)) === 0);
    await consumer.stop(1_000);
    return of;
  };
  const depth = async (service: ServiceName, spec: ConsumerSpec): Promise<number> => {
    const { jsm, names } = brokers[service];
    const info = await jsm.consumers.info(names.stream(spec.stream), names.durable(spec.durable));
    return info.num_pending + info.num_ack_pending;
  };

  it('commands go from the link to each worker, batches from discovery to the link', async () => {
    const link = brokers['gateway-link'];
    const { subjects } = link;
    const [one, two] = [commandConsumer('discovery', link), commandConsumer('subscription', link)];
    const from = 'gateway-link';
    expect(await consumed('aws-discovery', one, from, subjects.command('DISCOVER', 'i'))).toBe(from);
    expect(await consumed('subscription-manager', two, from, subjects.command('SUBSCRIBE', 'i'))).toBe(from);
    const batch = ingestConsumer('i', link);
    expect(await consumed('gateway-link', batch, 'aws-discovery', subjects.ingest('i'))).toBe(
      'aws-discovery',
    );
  });

  it('questions are answered both ways, events and dead letters taken', async () => {
    const link = brokers['gateway-link'];
    const worker = brokers['subscription-manager'];
    const respond = (of: string) => ({
      callback: (_: unknown, message: { respond: (data: string) => boolean }) => void message.respond(of),
    });
    link.nc.subscribe(link.subjects.linkReply('l1'), respond('the link'));
    worker.nc.subscribe(link.subjects.allAlive('subscription'), respond('the worker'));
    await Promise.all([link.nc.flush(), worker.nc.flush()]);
    expect(await say('subscription-manager', link.subjects.linkReply('l1'))).toBe('the link');
    expect(await say('aws-discovery', link.subjects.linkReply('l1'))).toBe('the link');
    expect(await say('gateway-link', link.subjects.alive('subscription', 'i'))).toBe('the worker');
    const options = { id: 'dead', until: Date.now() + 5_000 };
    await publish(worker, worker.subjects.dead(streams.commands), {}, options);
    const event = { at: 0, integrationId: 'i', graviteeSubscriptionId: 's', state: 'held', life: 1 };
    publishEvent(worker, 'subscription', 'held', event);
    const { jsm, names } = worker;
    await eventually(async () => (await jsm.streams.info(names.stream(streams.events))).state.messages === 1);
  });

  it('nothing of all that was denied', () => {
    expect(JSON.stringify(telemetry.lines())).not.toMatch(/permission/iu);
  });
});

describe('is denied', () => {
  const stream = `KV_${namespace}_subscriptions`;
  const api = '$JS.API';

  it('subscription-manager: publishing an ingest batch', async () => {
    const { subjects } = brokers['subscription-manager'];
    expect(await say('subscription-manager', subjects.ingest('i'), '{}')).toBe('denied');
  });

  it.each([
    ['by its sequence', `${api}.STREAM.MSG.GET.${stream}`, '{"seq":1}'],
    ['directly', `${api}.DIRECT.GET.${stream}`, '{"seq":1}'],
    ['directly by its key', `${api}.DIRECT.GET.${stream}.$KV.${namespace}_subscriptions.a`, ''],
    ['with a consumer', `${api}.CONSUMER.CREATE.${stream}.mine.$KV.${namespace}_subscriptions.>`, '{}'],
    ['with a consumer without a filter', `${api}.CONSUMER.CREATE.${stream}.mine`, '{}'],
    ['with a consumer of the old API', `${api}.CONSUMER.CREATE.${stream}`, '{}'],
    ['with a durable of the old API', `${api}.CONSUMER.DURABLE.CREATE.${stream}.mine`, '{}'],
    ['with the consumer of another', `${api}.CONSUMER.MSG.NEXT.${stream}.theirs`, '1'],
    ['by its info', `${api}.STREAM.INFO.${stream}`, '{"subjects_filter":">"}'],
    ['by a snapshot', `${api}.STREAM.SNAPSHOT.${stream}`, '{}'],
  ])('aws-discovery: reading a subscription %s', async (_way, subject, body) => {
    expect(await say('aws-discovery', subject, body)).toBe('denied');
  });

  it.each([
    `$KV.${namespace}_subscriptions.>`,
    `_INBOX.${namespace}.subscription-manager.>`,
    '_INBOX.>',
    '>',
  ])('aws-discovery: listening to %s', async (subject) => {
    expect(await hear('aws-discovery', subject)).toBe('denied');
  });

  it('aws-discovery: the commands of the other worker, and sending any', async () => {
    const { subjects } = brokers['aws-discovery'];
    const filter = subjects.commandsOf('subscription');
    for (const subject of [
      `${api}.CONSUMER.CREATE.${namespace}_COMMANDS.${namespace}_discovery.${filter}`,
      `${api}.CONSUMER.CREATE.${namespace}_COMMANDS.${namespace}_discovery`,
      `${api}.CONSUMER.MSG.NEXT.${namespace}_COMMANDS.${namespace}_subscription`,
      `$JS.ACK.${namespace}_COMMANDS.${namespace}_subscription.1.1.1.1.0`,
      subjects.command('DISCOVER', 'i'),
    ])
      expect([subject, await say('aws-discovery', subject, '{}')]).toEqual([subject, 'denied']);
  });

  it('gateway-link: writing into the catalog, and making a hole in it', async () => {
    expect(await say('gateway-link', `$KV.${namespace}_catalog.a`, '{}')).toBe('denied');
    expect(await say('gateway-link', `${api}.STREAM.PURGE.KV_${namespace}_catalog`)).toBe('denied');
    expect(await say('subscription-manager', `$KV.${namespace}_catalog.a`, '{}')).toBe('denied');
  });

  it.each(serviceNames)('%s: deleting a stream, a message, or a consumer that all share', async (service) => {
    const { jsm } = brokers[service];
    for (const name of [`${namespace}_COMMANDS`, `KV_${namespace}_gates`, `KV_${namespace}_payloads`]) {
      expect(await say(service, `${api}.STREAM.DELETE.${name}`)).toBe('denied');
      expect(await say(service, `${api}.STREAM.MSG.DELETE.${name}`, '{"seq":1}')).toBe('denied');
    }
    expect(await say(service, `${api}.CONSUMER.DELETE.${namespace}_COMMANDS.${namespace}_discovery`)).toBe(
      'denied',
    );
    expect(await say(service, `${api}.STREAM.LIST`)).toBe('denied');
    expect(await say(service, `${api}.STREAM.CREATE.elsewhere`, '{}')).toBe('denied');
    expect((await jsm.getAccountInfo()).streams).toBe(13);
  });
});
