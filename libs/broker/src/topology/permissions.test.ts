/** Each service as a separate user of a real nats-server: what it may do works, and nothing else does. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import {
  bucketSpecs,
  commandConsumer,
  forwardConsumer,
  forwardWays,
  ingestConsumer,
  limitsAt,
  serviceNames,
  streams,
  type ConsumerSpec,
  type ServiceName,
} from '@federation-agent/contracts';
import { systemClock } from '@federation-agent/base';
import { eventually, testTelemetry } from '@federation-agent/base/test';
import type { Broker } from '../broker.ts';
import { openBucket } from '../buckets/bucket.ts';
import { openChunkStore } from '../buckets/chunk-store.ts';
import { startConsumer } from '../messages/consume.ts';
import { forwardLog } from '../messages/forward-log.ts';
import { publish, publishEvent } from '../messages/publish.ts';
import { startAs, userConfig, usersBlock } from '../../test/broker-users.ts';
import { startTestBroker } from '../../test/broker.ts';
import { requestOutcome } from '../../test/denied.ts';
import { hubDomain, startTestLeafNode } from '../../test/leaf-node.ts';

const namespace = 'ours';
const limits = limitsAt(20);

/** The server that the services connect to: alone, or in front of the server that has the streams. */
const servers = {
  'at the server with the streams': {
    start: () => startTestBroker({ config: usersBlock([namespace]) }),
    domain: undefined,
  },
  'at a leaf node of it': {
    start: () => startTestLeafNode(usersBlock([namespace], hubDomain)),
    domain: hubDomain,
  },
};

describe.each(Object.entries(servers))('with exactly its permissions, %s', (_where, { start, domain }) => {
  const telemetry = testTelemetry();
  const brokers = {} as Record<ServiceName, Broker>;
  let server: { readonly url: string; stop(): Promise<void> };

  beforeAll(async () => {
    server = await start();
    for (const service of serviceNames) {
      const config = {
        ...userConfig(server.url, namespace, service),
        ...(domain !== undefined && { domain }),
      };
      brokers[service] = await startAs(service, config, { telemetry });
    }
  });
  afterAll(async () => {
    await Promise.all(Object.values(brokers).map((broker) => broker.close()));
    await server.stop();
  });

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
      handle: ({ of }) => {
        seen.resolve(of);
        return Promise.resolve();
      },
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
    expect(await requestOutcome(worker, link.subjects.linkReply('l1'))).toBe('the link');
    expect(await requestOutcome(brokers['aws-discovery'], link.subjects.linkReply('l1'))).toBe('the link');
    expect(await requestOutcome(link, link.subjects.alive('subscription', 'i'))).toBe('the worker');
    const options = { id: 'dead', until: Date.now() + 5_000 };
    await publish(worker, worker.subjects.dead(streams.commands), {}, options);
    publishEvent(worker, 'subscription', {
      at: 0,
      integrationId: 'i',
      actor: { kind: 'sweeper' },
      outcome: 'ok',
      graviteeSubscriptionId: 's',
      state: 'held',
      life: 1,
      account: 'a',
      region: 'r',
      uniqueId: 'a:r:x:y',
      usagePlanId: 'p',
    });
    const { jsm, names } = worker;
    await eventually(async () => (await jsm.streams.info(names.stream(streams.events))).state.messages === 1);
  });

  it.each(forwardWays)('the console forwards events to %s, and has them acknowledged', async (way) => {
    const { console: broker } = brokers;
    const spec = forwardConsumer(way, broker);
    const seen = Promise.withResolvers<string>();
    const forwarding = forwardLog({
      broker,
      spec,
      // So long that the broker is told twice that it works: any one answer is allowed (`allow_responses`).
      hand: async ({ subject }) => {
        await systemClock.sleep(3 * limits.workingInterval);
        seen.resolve(subject);
        return true;
      },
    });
    expect(await seen.promise).toBe(broker.subjects.event('subscription', 'held', 's'));
    await eventually(async () => (await depth('console', spec)) === 0);
    await forwarding.stop();
  });

  it('nothing of all that was denied', () => {
    expect(JSON.stringify(telemetry.lines())).not.toMatch(/permission/iu);
  });
});
