import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  claimCheckBytes,
  limitsAt,
  ReplyRequest,
  type ReplyOutcome,
  type WorkerCommandType,
} from '@federation-agent/contracts';
import { FederationError, systemClock } from '@federation-agent/base';
import { eventually, testTelemetry, type TestTelemetry } from '@federation-agent/base/test';
import { BrokerUnavailableError, HandBackError, PoisonError } from '../errors.ts';
import type { Broker } from '../broker.ts';
import { openChunkStore, type ChunkStore } from '../buckets/chunk-store.ts';
import { fromClaim, toClaim } from '../buckets/claim-check.ts';
import { publish } from '../messages/publish.ts';
import { startWorker, type RunningWorker } from './worker.ts';
import type { WorkerOptions } from './worker-options.ts';
import { connectTestBroker, startTestBroker, type TestBroker } from '../../test/broker.ts';

const limits = limitsAt(20);
let server: TestBroker;
let telemetry: TestTelemetry;
let broker: Broker;
let link: Broker;
let payloads: ChunkStore;
let worker: RunningWorker | undefined;

beforeEach(async () => {
  server = await startTestBroker();
  telemetry = testTelemetry();
  broker = await connectTestBroker(server, 'subscription-manager', limits, telemetry);
  link = await connectTestBroker(server, 'gateway-link', limits);
  payloads = await openChunkStore(broker, 'payloads');
});
afterEach(async () => {
  await worker?.stop(0);
  await Promise.all([broker.close(), link.close()]);
  await server.stop();
});

const startSubscriptions = async (
  handle: WorkerOptions<'subscription'>['handle'],
  rest: Partial<WorkerOptions<'subscription'>> = {},
): Promise<RunningWorker> => {
  worker = await startWorker({
    broker,
    kind: 'subscription',
    integrationIds: ['mine'],
    telemetry,
    instance: 'w1',
    clock: systemClock,
    payloads,
    handle,
    ...rest,
  });
  return worker;
};
/** A link that answers replies as told; null means no answer. */
const answerReplies = (answers: (ReplyOutcome | null)[] = [{ outcome: 'delivered' }]): ReplyRequest[] => {
  const asked: ReplyRequest[] = [];
  link.nc.subscribe(link.subjects.linkReply('l1'), {
    callback: (_error, message) => {
      asked.push(ReplyRequest.parse(message.json()));
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer) message.respond(JSON.stringify(answer));
    },
  });
  return asked;
};
const send = async (
  type: WorkerCommandType,
  payload: unknown,
  {
    commandId = 'c1',
    integrationId = 'mine',
    in: ms = limits.commandDeadline,
  }: { commandId?: string; integrationId?: string; in?: number } = {},
): Promise<void> => {
  const receivedAt = Date.now();
  const message = {
    commandId,
    type,
    integrationId,
    linkId: 'l1',
    receivedAt,
    deadline: receivedAt + ms,
    payload: await toClaim(payloads, payload),
  };
  await link.telemetry.span('frame', { kind: 'server' }, () =>
    publish(link, link.subjects.command(type, integrationId), message, {
      id: commandId,
      until: receivedAt + 5_000,
    }),
  );
};
const unsubscribe = { subscription: { graviteeSubscriptionId: 's1', metadata: {} } };
const noting = <V>(list: V[], value: V): Promise<void> => {
  list.push(value);
  return Promise.resolve();
};
const queueEmpty = async () =>
  (await link.jsm.streams.info('federation-agent_COMMANDS')).state.messages === 0;

describe('a command', () => {
  test('is read by the schema of its type, replied, acked; one trace from frame to reply; a receipt event', async () => {
    const asked = answerReplies();
    const outcomes: ReplyOutcome[] = [];
    await startSubscriptions(async (command, context) => {
      if (command.type !== 'UNSUBSCRIBE') throw new Error('wrong type');
      expect(command.payload.subscription.graviteeSubscriptionId).toBe('s1');
      expect(context.expired()).toBe(false);
      outcomes.push(await context.reply({ status: 'SUCCEEDED', payload: {} }));
    });
    await send('UNSUBSCRIBE', unsubscribe);
    await eventually(queueEmpty);
    expect(asked).toEqual([
      { commandId: 'c1', type: 'UNSUBSCRIBE', status: 'SUCCEEDED', payload: { inline: {} } },
    ]);
    expect(outcomes).toEqual([{ outcome: 'delivered' }]);

    const frame = (link.telemetry as TestTelemetry).spans().find(({ name }) => name === 'frame');
    const [request, process] = telemetry.spans().slice(-2);
    expect([request?.name, process?.name]).toEqual([
      'request link.reply',
      'process command.subscription.unsubscribe',
    ]);
    expect(process?.spanContext().traceId).toBe(frame?.spanContext().traceId);
    expect(process?.attributes).toMatchObject({ 'gravitee.command.id': 'c1' });
    await eventually(
      async () => (await link.jsm.streams.info('federation-agent_EVENTS')).state.messages === 1,
    );
    const event = await link.jsm.streams.getMessage('federation-agent_EVENTS', {
      last_by_subj: broker.subjects.event('receipt', 'delivered', 'c1'),
    });
    expect(event?.json()).toMatchObject({
      commandId: 'c1',
      integrationId: 'mine',
      receipt: 'delivered',
      outcome: 'ok',
    });
  });

  test('a payload and a reply above the limit of a message travel as references', async () => {
    const asked = answerReplies();
    const text = 'x'.repeat(claimCheckBytes);
    worker = await startWorker({
      broker,
      kind: 'discovery',
      integrationIds: ['mine'],
      telemetry,
      instance: 'w1',
      clock: systemClock,
      payloads,
      handle: async (command, context) => {
        if (command.type !== 'START_INGEST') throw new Error('wrong type');
        expect(command.payload.apiIds).toEqual([text]);
        const api = {
          uniqueId: 'a',
          id: 'a',
          name: 'n',
          version: '1',
          description: text,
          connectionDetails: {},
          type: 'PROXY',
          pages: [],
          plans: [],
          metadata: [],
        };
        await expect(context.reply({ status: 'SUCCEEDED', payload: { apis: [api] } })).rejects.toMatchObject({
          code: 'invalid-reply',
        });
        await context.reply({ status: 'SUCCEEDED', payload: { ingestJobId: text, total: 1 } });
      },
    });
    await send('START_INGEST', { ingestJobId: 'j', apiIds: [text] });
    await eventually(queueEmpty);
    const [{ payload } = {}] = asked;
    expect(payload).toHaveProperty('ref');
    expect(await fromClaim(payloads, payload ?? { inline: null })).toEqual({ ingestJobId: text, total: 1 });
  });

  test('past its deadline is dropped: the handler does not run, nothing is replied', async () => {
    const asked = answerReplies();
    const expired: string[] = [];
    await startSubscriptions(() => Promise.reject(new Error('ran')), {
      onExpired: ({ commandId }) => noting(expired, commandId),
    });
    await send('UNSUBSCRIBE', unsubscribe, { in: -1 });
    await eventually(async () => expired.length > 0 && (await queueEmpty()));
    expect(asked).toEqual([]);
  });

  test('a payload that fails its schema, a final error and a bug are ERROR replies that say why', async () => {
    const asked = answerReplies();
    await startSubscriptions(({ commandId }) =>
      Promise.reject(
        commandId === 'bug'
          ? new TypeError('x is undefined')
          : new FederationError('the plan is gone', { code: 'x', disposition: 'final' }),
      ),
    );
    await send('UNSUBSCRIBE', { subscription: 7 }, { commandId: 'bad' });
    await send('UNSUBSCRIBE', unsubscribe, { commandId: 'final' });
    await send('UNSUBSCRIBE', unsubscribe, { commandId: 'bug' });
    await eventually(async () => asked.length === 3 && (await queueEmpty()));
    const details = Object.fromEntries(asked.map((reply) => [reply.commandId, reply.errorDetails]));
    expect(details).toEqual({
      bad: expect.stringContaining('the payload of UNSUBSCRIBE cannot be read: subscription') as unknown,
      final: 'the plan is gone',
      bug: 'internal error: x is undefined',
    });
  });

  test('a retryable error runs it again until it works, or until the deadline', async () => {
    const asked = answerReplies();
    let runs = 0;
    await startSubscriptions(async ({ commandId }, context) => {
      runs += 1;
      if (commandId === 'never' || runs < 3) throw new BrokerUnavailableError('not now');
      await context.reply({ status: 'SUCCEEDED', payload: {} });
    });
    await send('UNSUBSCRIBE', unsubscribe, { commandId: 'later' });
    await eventually(() => asked.length === 1);
    await send('UNSUBSCRIBE', unsubscribe, { commandId: 'never', in: 500 });
    await eventually(async () => asked.length === 2 && (await queueEmpty()));
    expect(asked).toMatchObject([{ status: 'SUCCEEDED' }, { status: 'ERROR', errorDetails: 'not now' }]);
  });

  test('poison is a dead letter and an ERROR reply', async () => {
    const asked = answerReplies();
    await startSubscriptions(() => Promise.reject(new PoisonError('cursed')));
    await send('UNSUBSCRIBE', unsubscribe);
    await eventually(queueEmpty);
    expect(asked).toMatchObject([
      { status: 'ERROR', errorDetails: 'this command cannot be handled: cursed' },
    ]);
    expect((await link.jsm.streams.info('federation-agent_DEAD')).state.messages).toBe(1);
  });

  test('handed back at shutdown, it is for the next one at once; of another integration it is not touched', async () => {
    answerReplies();
    const inside = Promise.withResolvers<undefined>();
    const first = await startSubscriptions(async (_command, { signal }) => {
      inside.resolve(undefined);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw new HandBackError();
    });
    await send('UNSUBSCRIBE', unsubscribe);
    await send('UNSUBSCRIBE', unsubscribe, { commandId: 'other', integrationId: 'other' });
    await inside.promise;
    await first.stop(0);
    const seen: string[] = [];
    await startSubscriptions(({ commandId }) => noting(seen, commandId));
    const waiting = async (): Promise<number> =>
      (await link.jsm.streams.info('federation-agent_COMMANDS')).state.messages;
    await eventually(async () => seen.length > 0 && (await waiting()) === 1);
    expect(seen).toEqual(['c1']);
  });
});

describe('the outcome of a reply', () => {
  const replyOnce = async (rest: Partial<WorkerOptions<'subscription'>> = {}): Promise<ReplyOutcome> => {
    const { promise, resolve } = Promise.withResolvers<ReplyOutcome>();
    await startSubscriptions(async (_command, context) => {
      resolve(await context.reply({ status: 'SUCCEEDED', payload: {} }));
    }, rest);
    await send('UNSUBSCRIBE', unsubscribe);
    return promise;
  };

  test('refused by the link is refused, with the reason', async () => {
    answerReplies([{ outcome: 'refused', reason: 'too late' }]);
    expect(await replyOnce()).toEqual({ outcome: 'refused', reason: 'too late' });
  });

  test('no link: refused, since no request ever timed out', async () => {
    expect(await replyOnce()).toEqual({ outcome: 'refused', reason: 'the link is gone' });
  });

  test('a request that got no answer and then no link: unconfirmed', async () => {
    const subscription = link.nc.subscribe(link.subjects.linkReply('l1'), {
      callback: () => subscription.unsubscribe(),
    });
    expect(await replyOnce()).toMatchObject({ outcome: 'unconfirmed' });
  });

  test('is asked for again with the same id until the link answers', async () => {
    const asked = answerReplies([null, { outcome: 'unconfirmed' }]);
    expect(await replyOnce()).toEqual({ outcome: 'unconfirmed' });
    expect(asked.map(({ commandId }) => commandId)).toEqual(['c1', 'c1']);
  });

  test('a link that never answers: unconfirmed when the controller has given up', async () => {
    const asked = answerReplies([null, null]);
    const commandTimeout = 2_000;
    const own = await connectTestBroker(
      server,
      'subscription-manager',
      { ...limits, commandTimeout },
      telemetry,
    );
    const at = Date.now();
    expect(await replyOnce({ broker: own })).toMatchObject({
      outcome: 'unconfirmed',
      reason: 'the link did not answer in time',
    });
    expect(Date.now() - at).toBeGreaterThanOrEqual(commandTimeout);
    expect(asked.length).toBeGreaterThan(1);
    await worker?.stop(0);
    await own.close();
  });
});

describe('alive', () => {
  const ask = (integrationId: string) =>
    link.nc
      .request(link.subjects.alive('subscription', integrationId), '', { timeout: 200 })
      .then((answer) => answer.json<{ instance: string }>().instance)
      .catch(() => undefined);

  test('a worker answers for its integrations while its loop turns, and no longer once stopped', async () => {
    const running = await startSubscriptions(() => Promise.resolve());
    await eventually(async () => (await ask('mine')) === 'w1');
    expect(await ask('other')).toBeUndefined();
    await running.stop(0);
    expect(await ask('mine')).toBeUndefined();
  });

  test('a worker whose clock is wrong keeps silent', async () => {
    await startSubscriptions(() => Promise.resolve(), {
      broker: { ...broker, clockOffset: () => limits.clockSkew + 1 },
    });
    expect(await ask('mine')).toBeUndefined();
  });

  test('a worker whose loop stands still keeps silent', async () => {
    let ahead = 0;
    const clock = { ...systemClock, now: () => Date.now() + ahead };
    await startSubscriptions(() => Promise.resolve(), { clock });
    await eventually(async () => (await ask('mine')) === 'w1');
    ahead = limits.loopTurn + 1_000;
    await eventually(async () => (await ask('mine')) === undefined);
  });
});
