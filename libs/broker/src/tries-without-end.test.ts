/** What the process asks of the broker as long as it lives, and the pauses between tries. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { commandConsumer, realLimits } from '@federation-agent/contracts';
import { quickClock, type QuickClock, testTelemetry } from '@federation-agent/base/test';
import { BrokerUnavailableError } from './errors.ts';
import type { Broker } from './broker.ts';
import { watchBucket } from './buckets/bucket-watch.ts';
import { watchClock } from './connection/clock-offset.ts';
import { connectBroker } from './connection/connect.ts';
import { untilServed } from './topology/ensure-topology.ts';
import { startPullLoop } from './messages/pull-loop.ts';
import { connectTestBroker, startTestBroker, type TestBroker, testConfig } from '../test/broker.ts';

let server: TestBroker;
let broker: Broker;
const connected = (): Promise<Broker> =>
  // A busy machine may be slow in a call; the pauses are the real ones.
  connectTestBroker(server, 'subscription-manager', { ...realLimits, brokerCall: 5_000 });
beforeAll(async () => {
  server = await startTestBroker();
  broker = await connected();
});
afterAll(async () => {
  await broker.close();
  await server.stop();
});

const times = (count: number, ms: number): number[] => Array<number>(count).fill(ms);
const notNow = (): Promise<never> => Promise.reject(new BrokerUnavailableError('not now'));

test('a stream that is not served yet is asked for every 200 ms, until the connection ends', async () => {
  const own = await connected();
  const clock = quickClock((sleeps) => {
    if (sleeps === 20) void own.close();
  });
  let asked = 0;
  const asking = untilServed({ ...own, clock, limits: realLimits }, 'COMMANDS', () => {
    asked += 1;
    return notNow();
  });
  await expect(asking).rejects.toMatchObject({ code: 'broker-unavailable' });
  expect(asked).toBe(clock.pauses.length + 1);
  expect(new Set(clock.pauses)).toEqual(new Set([200]));
});

/** Answers "not found", so that it is asked again until there were enough pauses. */
const nowhere = (pauses: number, stop: () => void): { clock: QuickClock; broker: Broker } => {
  const clock = quickClock((sleeps) => {
    if (sleeps === pauses) stop();
  });
  const names = { ...broker.names, stream: () => 'NOWHERE', bucketStream: () => 'NOWHERE' };
  return { clock, broker: { ...broker, clock, limits: realLimits, names } };
};

test('messages are pulled again every 200 ms where that fails, until the service ends', async () => {
  const over = Promise.withResolvers<undefined>();
  const { clock, broker: absent } = nowhere(20, () => over.resolve(undefined));
  const own = testTelemetry('pulling');
  const spec = commandConsumer('subscription', absent);
  const onMessage = (): Promise<void> => Promise.resolve();
  const loop = startPullLoop({ broker: { ...absent, telemetry: own }, spec, mode: 'many', onMessage });
  await over.promise;
  await loop.stop();
  expect(clock.pauses.length).toBeLessThanOrEqual(21);
  expect(new Set(clock.pauses)).toEqual(new Set([200]));
  const restarts = await own.registry.getSingleMetricAsString('federation_consumer_loop_restarts_total');
  expect(restarts).toContain(`} ${clock.pauses.length}`);
});

test('a bucket is watched again every 200 ms where that fails, until the service ends', async () => {
  const over = Promise.withResolvers<undefined>();
  const { clock, broker: absent } = nowhere(20, () => over.resolve(undefined));
  const before = broker.nc.stats().outMsgs;
  const watching = watchBucket(absent, 'catalog', '>', () => undefined);
  await over.promise;
  expect(new Set(clock.pauses)).toEqual(new Set([200]));
  // Not exactly: what an earlier test left on this connection may still go out.
  const asked = broker.nc.stats().outMsgs - before;
  expect(asked).toBeGreaterThanOrEqual(20);
  expect(asked).toBeLessThan(40);
  await absent.nc.flush();
  void watching;
});

test("the broker's clock is asked for every 200 ms until it is known, then every minute and when this host's is set", async () => {
  const over = Promise.withResolvers<undefined>();
  let asked = 0;
  let set = 0;
  const looks = 12; // Every 5 s for a minute.
  const clock = quickClock((sleeps) => {
    if (sleeps === 5 + looks + 1) set = 1_000;
    if (sleeps === 5 + looks + 1 + looks) over.resolve(undefined);
  });
  const js = {
    publish: (...given: Parameters<Broker['js']['publish']>) => {
      asked += 1;
      return asked <= 5 ? notNow() : broker.js.publish(...given);
    },
  } as Broker['js'];
  const { jsm, names } = broker;
  const options = { js, jsm, names, name: 'n', limits: realLimits, clock, onMeasured: () => undefined };
  const watch = watchClock(options, () => clock.now() + set);
  await over.promise;
  watch.stop();
  expect(clock.pauses.slice(0, 5 + 2 * looks + 1)).toEqual([
    ...times(5, 200),
    ...times(2 * looks + 1, 5_000),
  ]);
  // Five times in vain, once known, after a minute, and when the clock was set.
  expect(asked).toBe(8);
});

test('a broker that ends every connection is dialled every 250 ms until the process ends', async () => {
  let dialled = 0;
  const closed = createServer((socket) => {
    dialled += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const ending = new AbortController();
  const clock = quickClock((sleeps) => {
    if (sleeps === 10) ending.abort();
  });
  const connecting = connectBroker({
    config: testConfig(`nats://127.0.0.1:${(closed.address() as AddressInfo).port}`),
    service: 'aws-discovery',
    name: 'x',
    limits: realLimits,
    telemetry: testTelemetry(),
    clock,
    signal: ending.signal,
  });
  await expect(connecting).rejects.toMatchObject({ code: 'broker-unavailable' });
  closed.close();
  expect(dialled).toBe(10);
  expect(clock.pauses).toEqual(times(10, 250));
});
