import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import {
  commandConsumer,
  defaultNamespace,
  limitsAt,
  subjectsOf,
  Suspect,
  type DeadLetter,
} from '@federation-agent/contracts';
import { systemClock } from '@federation-agent/base';
import { eventually, testTelemetry } from '@federation-agent/base/test';
import { BrokerUnavailableError, HandBackError, PoisonError } from '../errors.ts';
import type { Broker } from '../broker.ts';
import { openBucket } from '../buckets/bucket.ts';
import { startConsumer, type RunningConsumer } from './consume.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { ensureConsumer } from '../topology/ensure-topology.ts';
import { publish } from './publish.ts';
import { connectTestBroker, startTestBroker, type TestBroker } from '../../test/broker.ts';

const limits = limitsAt(20);
const spec = commandConsumer('discovery', { limits, subjects: subjectsOf(defaultNamespace) });
const schema = z.object({ n: z.number() });
type Message = z.output<typeof schema>;

let server: TestBroker;
let broker: Broker;
const running: RunningConsumer[] = [];
const extra: Broker[] = [];

beforeEach(async () => {
  server = await startTestBroker();
  broker = await connectTestBroker(server, 'aws-discovery', limits);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((consumer) => consumer.stop(0)));
  await Promise.all([broker, ...extra.splice(0)].map((each) => each.close()));
  await server.stop();
});

const start = async (
  handle: ConsumerOptions<Message>['handle'],
  rest: Partial<ConsumerOptions<Message>> = {},
): Promise<RunningConsumer> => {
  const on = rest.broker ?? broker;
  const consumer = await startConsumer({
    broker: on,
    spec,
    schema,
    telemetry: on.telemetry,
    instance: 'one',
    clock: systemClock,
    handle,
    ...rest,
  });
  running.push(consumer);
  return consumer;
};
const send = (n: number | string) =>
  publish(
    broker,
    broker.subjects.command('DISCOVER', 'i'),
    { n },
    { id: `m${n}`, until: Date.now() + 10_000 },
  );
const noting = <V>(list: V[], value: V): Promise<void> => {
  list.push(value);
  return Promise.resolve();
};
const consumerName = () => [broker.names.stream(spec.stream), broker.names.durable(spec.durable)] as const;
const state = async () => await broker.jsm.consumers.info(...consumerName());
const allAcked = async () => {
  const { num_pending, num_ack_pending } = await state();
  return num_pending === 0 && num_ack_pending === 0;
};
const deadLetters = async (): Promise<DeadLetter[]> => {
  const {
    state: { first_seq, last_seq },
  } = await broker.jsm.streams.info('federation-agent_DEAD');
  const letters: DeadLetter[] = [];
  for (let seq = Math.max(1, first_seq); seq <= last_seq; seq += 1) {
    const stored = await broker.jsm.streams.getMessage('federation-agent_DEAD', { seq });
    if (stored) letters.push(stored.json<DeadLetter>());
  }
  return letters;
};
/** What a crashed worker leaves: a message that was delivered `times` times and never acked. */
const crashOn = async (times: number): Promise<void> => {
  await ensureConsumer(broker, spec);
  const consumer = await broker.js.consumers.get(...consumerName());
  for (let time = 0; time < times; time += 1) {
    const message = await consumer.next();
    if (time < times - 1) message?.nak();
  }
};

describe('the consumer loop', () => {
  test('handles many at once and acks them', async () => {
    let inside = 0;
    const everybody = Promise.withResolvers<undefined>();
    await start(async () => {
      inside += 1;
      if (inside === 10) everybody.resolve(undefined);
      await everybody.promise;
    });
    for (let n = 0; n < 10; n += 1) await send(n);
    await everybody.promise;
    await eventually(allAcked);
  });

  test('one at a time, in order, when asked', async () => {
    const seen: number[] = [];
    let inside = 0;
    await start(
      async ({ n }) => {
        inside += 1;
        expect(inside).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 5));
        seen.push(n);
        inside -= 1;
      },
      { batch: 'one', spec: { ...spec, maxAckPending: 1 } },
    );
    for (let n = 0; n < 5; n += 1) await send(n);
    await eventually(() => seen.length === 5);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  test('what a killed worker had comes again after the ack wait', async () => {
    await send(1);
    await crashOn(1);
    const deliveries: number[] = [];
    await start((_message, context) => noting(deliveries, context.deliveries));
    await eventually(() => deliveries.length > 0);
    expect(deliveries).toEqual([2]);
  });

  test('a handler that takes longer than the ack wait keeps its message', async () => {
    await send(1);
    let calls = 0;
    await start(async () => {
      calls += 1;
      await new Promise((resolve) => setTimeout(resolve, limits.ackWait * 1.5));
    });
    await eventually(async () => calls > 0 && (await allAcked()));
    expect(calls).toBe(1);
  });

  test('a message of somebody else goes back, however often, and is never a dead letter', async () => {
    await send(1);
    await crashOn(6);
    let foreign = 0;
    const first = await start(() => Promise.reject(new Error('not mine')), {
      accepts: () => {
        foreign += 1;
        return false;
      },
    });
    await eventually(() => foreign > 2);
    await first.stop(0);
    let deliveries = 0;
    await start((_message, context) => {
      deliveries = context.deliveries;
      return Promise.resolve();
    });
    await eventually(() => deliveries > 3);
    expect(await deadLetters()).toEqual([]);
  });

  test.each(['many', 'one'] as const)(
    'goes on after a restart of the broker and after its consumer was deleted (%s)',
    async (mode) => {
      const seen = new Set<number>();
      const consumer = await start(
        ({ n }) => Promise.resolve(void seen.add(n)),
        mode === 'one' ? { batch: 'one' } : {},
      );
      await send(1);
      await eventually(() => seen.has(1));
      await server.kill();
      await server.restart();
      await send(2);
      await eventually(() => seen.has(2));
      await broker.jsm.consumers.delete(...consumerName());
      await send(3);
      await eventually(() => seen.has(3));
      expect(Date.now() - consumer.lastTurn()).toBeLessThan(limits.loopTurn);
    },
  );

  test('an idle loop turns by heartbeats', async () => {
    const consumer = await start(() => Promise.resolve());
    const before = consumer.lastTurn();
    await eventually(() => consumer.lastTurn() > before + 300);
  });
});

describe('errors', () => {
  test('poison, a bug and a message that cannot be read become dead letters; a retryable error comes again', async () => {
    let retried = 0;
    const reasons: (string | undefined)[] = [];
    const readable: unknown[] = [];
    await start(
      ({ n }) => {
        if (n === 1) return Promise.reject(new PoisonError('never'));
        if (n === 2) return Promise.reject(new TypeError('a bug'));
        retried += 1;
        return retried === 1 ? Promise.reject(new BrokerUnavailableError('later')) : Promise.resolve();
      },
      {
        onDead: async (message, reason) => {
          readable.push(message);
          reasons.push(reason);
          await Promise.reject(new Error('the link is gone'));
        },
      },
    );
    for (const n of [1, 2, 3, 'text']) await send(n);
    await eventually(async () => retried === 2 && (await allAcked()));
    const letters = await deadLetters();
    expect(letters.map(({ reason }) => reason).sort()).toEqual([
      'a bug',
      expect.stringMatching(/^cannot be read: n /u),
      'never',
    ]);
    expect(letters.find(({ reason }) => reason === 'never')).toMatchObject({
      stream: 'COMMANDS',
      data: '{"n":1}',
      deliveries: 1,
    });
    expect(reasons).toHaveLength(3);
    expect(readable).toContain(undefined);
  });
});

describe('suspects', () => {
  test('20 messages, one kills the process: only that one becomes a dead letter', async () => {
    const done = new Set<number>();
    const crash = Promise.withResolvers<undefined>();
    for (let n = 0; n < 20; n += 1) await send(n);
    let generation = crash;
    const poisoned = 7;
    for (let life = 0; life < 12 && (await deadLetters()).length === 0; life += 1) {
      const mine = await connectTestBroker(server, 'aws-discovery', limits);
      extra.push(mine);
      generation = Promise.withResolvers<undefined>();
      const died = generation;
      await start(
        async ({ n }) => {
          if (n === poisoned) {
            // Like a killed process: nothing is acked, nothing is cleaned up, and the handler never returns.
            await mine.close();
            died.resolve(undefined);
            await new Promise<never>(() => undefined);
          }
          await new Promise((resolve) => setTimeout(resolve, 30));
          if (!mine.nc.isClosed()) done.add(n);
        },
        { broker: mine, instance: `life-${life}` },
      );
      const over = eventually(async () => (await deadLetters()).length > 0);
      await Promise.race([died.promise, over]);
    }
    const letters = await deadLetters();
    expect(letters.map(({ data }) => data)).toEqual([`{"n":${poisoned}}`]);
    expect(letters[0]?.reason).toMatch(/^handling it ended the process/u);
    await eventually(allAcked);
    expect(done.size).toBe(19);
    const marks = await openBucket(broker, 'suspects', Suspect);
    expect(await marks.keys('COMMANDS.>')).toEqual([]);
  });

  test('one that returns, however, loses its mark', async () => {
    await send(1);
    await crashOn(4);
    let deliveries = 0;
    await start(async (_message, context) => {
      deliveries = context.deliveries;
      const mark = await broker.jsm.streams.getMessage('KV_federation-agent_suspects', {
        last_by_subj: '$KV.federation-agent_suspects.COMMANDS.1',
      });
      expect(mark).not.toBeNull();
      if (context.deliveries < 6) throw new BrokerUnavailableError('later');
    });
    await eventually(async () => deliveries >= 6 && (await allAcked()));
    expect(await deadLetters()).toEqual([]);
  });
});

describe('stop', () => {
  test('waits for those who finish, then others hand back; the rest goes back', async () => {
    const started = Promise.withResolvers<undefined>();
    let count = 0;
    // Far more time than a busy machine needs to redeliver a message.
    const patience = { ...limits, ackWait: 15_000 };
    const patient = commandConsumer('discovery', {
      limits: patience,
      subjects: subjectsOf(defaultNamespace),
    });
    const consumer = await start(
      async ({ n }, { signal }) => {
        count += 1;
        if (count === 3) started.resolve(undefined);
        await started.promise;
        if (n === 1) return;
        if (n === 2) {
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          throw new HandBackError();
        }
        await new Promise<never>(() => undefined);
      },
      { spec: patient },
    );
    for (const n of [1, 2, 3]) await send(n);
    await started.promise;
    await consumer.stop(200);
    expect((await broker.jsm.streams.info('federation-agent_COMMANDS')).state.messages).toBe(2);
    const again: number[] = [];
    const at = Date.now();
    await start(({ n }) => noting(again, n), { spec: patient });
    await eventually(() => again.length === 2);
    expect(again.sort()).toEqual([2, 3]);
    expect(Date.now() - at).toBeLessThan(patience.ackWait); // A nak, not the end of the ack wait.
  });
});

test('a handler runs in a consumer span of the trace that published', async () => {
  const telemetry = testTelemetry();
  let inside: Record<string, string> = {};
  await start(
    async () => {
      inside = telemetry.inject();
      await Promise.resolve();
    },
    { telemetry },
  );
  await send(1);
  await eventually(() => telemetry.spans().length > 0);
  const [span] = telemetry.spans();
  expect(span?.name).toBe('process command.discovery.discover');
  expect(span?.parentSpanContext).toBeDefined();
  expect(inside['traceparent']).toContain(span?.spanContext().spanId);
});
