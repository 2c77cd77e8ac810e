/** What goes to the broker again when it failed: how often, with which pauses, and where that ends. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { realLimits, type CommandMessage } from '@federation-agent/contracts';
import { z } from 'zod';
import { quickClock, type QuickClock, testTelemetry } from '@federation-agent/base/test';
import { BrokerUnavailableError } from './errors.ts';
import type { Broker } from './broker.ts';
import { openBucket } from './buckets/bucket.ts';
import { changeRecord } from './buckets/change-record.ts';
import { openChunkStore, type ChunkStore } from './buckets/chunk-store.ts';
import { publish } from './messages/publish.ts';
import { createReplier, type Replier } from './commands/reply.ts';
import { runCommand } from './commands/run-command.ts';
import { openSuspects } from './messages/suspects.ts';
import { connectTestBroker, startTestBroker, type TestBroker } from '../test/broker.ts';

const telemetry = testTelemetry('subscription-manager');
let server: TestBroker;
let broker: Broker;
let payloads: ChunkStore;
beforeAll(async () => {
  server = await startTestBroker();
  // A busy machine may take its time for a call; the pauses are those of the product.
  broker = await connectTestBroker(
    server,
    'subscription-manager',
    { ...realLimits, brokerCall: 5_000 },
    telemetry,
  );
  payloads = await openChunkStore(broker, 'payloads');
});
afterAll(async () => {
  await broker.close();
  await server.stop();
});

const on = (clock: QuickClock): Broker => ({ ...broker, clock, limits: realLimits });
const times = (count: number, ms: number): number[] => Array<number>(count).fill(ms);
const notNow = (): Promise<never> => Promise.reject(new BrokerUnavailableError('not now'));
const never = new AbortController().signal;

/** A command that has just been received. */
const commandAt = (receivedAt: number, linkId: string): CommandMessage => ({
  commandId: 'c1',
  type: 'UNSUBSCRIBE',
  integrationId: 'mine',
  linkId,
  receivedAt,
  deadline: receivedAt + realLimits.commandDeadline,
  payload: { inline: { subscription: { graviteeSubscriptionId: 's1', metadata: {} } } },
});

test('a publish that nobody takes is sent every 200 ms with the same id, until its time is over', async () => {
  const clock = quickClock();
  const ids: (string | undefined)[] = [];
  // In the place of a stream: JetStream that is there, and not ready.
  const unready = { error: { code: 503, err_code: 10008, description: 'not ready' } };
  const stream = broker.nc.subscribe('nobody.takes.this', {
    callback: (_error, message) => {
      ids.push(message.headers?.get('Nats-Msg-Id'));
      message.respond(JSON.stringify(unready));
    },
  });
  await broker.nc.flush();
  const sending = publish(on(clock), 'nobody.takes.this', {}, { id: 'x', until: clock.now() + 1_000 });
  await expect(sending).rejects.toMatchObject({ code: 'broker-unavailable' });
  stream.unsubscribe();
  expect(ids).toEqual(Array<string>(6).fill('x'));
  expect(clock.pauses).toEqual(times(5, 200));
});

/** So many messages since then; a look at the broker's clock, which is two, may come at any time. */
function expectSent(before: number, messages: number): void {
  const sent = broker.nc.stats().outMsgs - before;
  expect(sent).toBeGreaterThanOrEqual(messages);
  expect(sent).toBeLessThanOrEqual(messages + 2);
}

describe('a reply', () => {
  const replierFor = (clock: QuickClock, linkId: string): Replier =>
    createReplier(commandAt(clock.now(), linkId), {
      broker: on(clock),
      payloads,
      signal: never,
      deliveries: 1,
    });

  test('that the link does not answer for is asked for every 200 ms, until APIM has given the command up', async () => {
    const clock = quickClock();
    let asked = 0;
    const link = broker.nc.subscribe(broker.subjects.linkReply('silent'), {
      callback: (_error, message) => {
        asked += 1;
        clock.pass(realLimits.replyRequestTimeout);
        message.respond('nothing that says what became of it');
      },
    });
    await broker.nc.flush();
    const outcome = await replierFor(clock, 'silent').reply({ status: 'SUCCEEDED', payload: {} });
    link.unsubscribe();
    expect(outcome).toEqual({ outcome: 'unconfirmed', reason: 'the link did not answer in time' });
    // 27 times 2.2 s, and 2 s more, are 61.4 s.
    expect(asked).toBe(28);
    expect(clock.pauses).toEqual(times(27, 200));
  });

  test('without a link is asked for every 200 ms, for 3 s', async () => {
    const clock = quickClock();
    const replier = replierFor(clock, 'gone');
    const before = broker.nc.stats().outMsgs;
    expect(await replier.reply({ status: 'SUCCEEDED', payload: {} })).toMatchObject({ outcome: 'refused' });
    expect(clock.pauses).toEqual(times(15, 200));
    // And the event that tells of it.
    expectSent(before, 16 + 1);
  });
});

test('a command that fails for now is run again after 200 ms, and 200 ms more each time up to 2 s, for 50 s; then it is answered', async () => {
  const clock = quickClock();
  const answers: unknown[] = [];
  const link = broker.nc.subscribe(broker.subjects.linkReply('there'), {
    callback: (_error, message) => {
      answers.push(message.json());
      message.respond(JSON.stringify({ outcome: 'delivered' }));
    },
  });
  await broker.nc.flush();
  let runs = 0;
  const handle = (): Promise<never> => {
    runs += 1;
    return notNow();
  };
  const worker = { kind: 'subscription', integrationIds: ['mine'], instance: 'w', payloads, handle } as const;
  await runCommand({ ...worker, broker: on(clock), telemetry, clock }, commandAt(clock.now(), 'there'), {
    signal: never,
    deliveries: 1,
    sequence: 1,
    subject: 's',
    headers: {},
  });
  link.unsubscribe();
  expect(answers).toMatchObject([{ status: 'ERROR', errorDetails: 'not now' }]);
  expect(runs).toBe(clock.pauses.length + 1);
  for (const [at, pause] of clock.pauses.entries()) {
    const whole = 200 * Math.min(at + 1, 10);
    expect(pause).toBeGreaterThanOrEqual(whole / 2);
    expect(pause).toBeLessThan(whole * 1.5);
  }
  const waited = clock.pauses.reduce((sum, pause) => sum + pause, 0);
  expect(waited).toBeGreaterThan(50_000 - 3_000);
  expect(waited).toBeLessThan(50_000);
});

test('a change that loses to others a hundred times gives up; the pauses are 20 ms at the most', async () => {
  const bucket = await openBucket(broker, 'suspects', z.looseObject({}));
  let writes = 0;
  // Somebody else writes between each read and the write after it.
  const contended = {
    ...bucket,
    update: async (...given: Parameters<typeof bucket.update>) => {
      writes += 1;
      await bucket.put('contended', { by: 'others' });
      return bucket.update(...given);
    },
  };
  await bucket.put('contended', {});
  const clock = quickClock();
  const random = { uuid: () => '', bytes: (count: number) => Buffer.alloc(count), fraction: () => 0.999 };
  const changing = changeRecord(contended, 'contended', () => ({ by: 'us' }), { clock, random });
  await expect(changing).rejects.toMatchObject({ code: 'contended-record' });
  expect(writes).toBe(100);
  expect(clock.pauses).toEqual(times(100, 0.999 * 20));
});

test('the mark of a message that returned is removed in 50 tries 200 ms apart, else it stays', async () => {
  const clock = quickClock();
  await (await openSuspects(broker, 'i', clock)).mark('k');
  // It can be read, and nobody takes its removal.
  const names = { ...broker.names, writtenKeys: () => 'nobody.takes.marks.' };
  const suspects = await openSuspects({ ...on(clock), names }, 'i', clock);
  const before = broker.nc.stats().outMsgs;
  await expect(suspects.clear('k')).rejects.toMatchObject({ code: 'broker-unavailable' });
  expect(clock.pauses).toEqual(times(49, 200));
  // To read it, and to remove it.
  expectSent(before, 50 * 2);
});
