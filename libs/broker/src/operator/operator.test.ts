/** What an operator asks over the broker: answered, refused, or nobody is there; and what becomes of dead letters. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { limitsAt, streams, type DeadLetter } from '@federation-agent/contracts';
import { eventually, testTelemetry } from '@federation-agent/base/test';
import type { Broker } from '../broker.ts';
import { BrokerUnavailableError } from '../errors.ts';
import { publish } from '../messages/publish.ts';
import { openStreamLog } from '../messages/stream-log.ts';
import { connectTestBroker, startTestBroker } from '../../test/broker.ts';
import { answerNode, answerOperator } from './answer.ts';
import { askNodes, askOperator, NobodyAnswersError, OperatorRefusal } from './ask.ts';
import { answerDeadLetters } from './dead-letters.ts';

const telemetry = testTelemetry();
let server: Awaited<ReturnType<typeof startTestBroker>>;
let broker: Broker;
beforeAll(async () => {
  server = await startTestBroker();
  broker = await connectTestBroker(server, 'aws-discovery', limitsAt(20), telemetry);
});
afterAll(async () => {
  await broker.close();
  await server.stop();
});

const Body = z.object({ twice: z.number() });
const ask = (request: object) => askOperator(broker, { who: 'doubler', subject: 'double', request }, Body);

describe('a question to one process', () => {
  test('without anybody who answers', async () => {
    await expect(ask({ number: 1 })).rejects.toThrow(NobodyAnswersError);
  });

  test('is answered once, refused, or could not be carried out', async () => {
    const answering = [1, 2].map(() =>
      answerOperator(broker, 'double', z.object({ number: z.number() }), ({ number }) => {
        if (number === 0) return Promise.resolve({ status: 409, message: 'not zero' });
        if (number < 0) throw new BrokerUnavailableError('the broker is away');
        if (number > 9) throw new TypeError('a defect');
        return Promise.resolve({ status: 200, body: { twice: 2 * number } });
      }),
    );
    await broker.nc.flush();
    expect(await ask({ number: 4 })).toEqual({ twice: 8 });
    for (const [request, status] of [
      [{ number: 0 }, 409],
      [{ number: -1 }, 503],
      [{ number: 10 }, 500],
      [{ other: 1 }, 400],
    ] as const) {
      const error: unknown = await ask(request).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(OperatorRefusal);
      expect([request, error]).toEqual([request, expect.objectContaining({ status })]);
    }
    for (const one of answering) one.stop();
  });
});

test('a question to all processes has all their answers, without those that are none', async () => {
  const answering = [{ twice: 1 }, { twice: 2 }, { other: 3 }].map((body) =>
    answerNode(broker, 'all', () => body),
  );
  await broker.nc.flush();
  const answers = await askNodes(broker, 'all', Body, 1_000);
  expect(answers.map(({ twice }) => twice).toSorted()).toEqual([1, 2]);
  for (const one of answering) one.stop();
  expect(await askNodes(broker, 'all', Body, 1_000)).toEqual([]);
});

describe('a dead letter', () => {
  const letters = () => openStreamLog(broker, streams.dead);
  const change = (sequence: number, what: 'replay' | 'discard') =>
    askOperator(
      broker,
      {
        who: 'aws-discovery',
        subject: broker.subjects.operator('dead', streams.ingest),
        request: { sequence, do: what, by: 'ada' },
      },
      z.object({ message: z.string() }),
    );
  const bury = async (data: string, stream = streams.ingest as string): Promise<number> => {
    const subject = broker.subjects.ingest('i');
    const letter: DeadLetter = { stream, sequence: 1, subject, reason: 'poison', at: 1, deliveries: 9, data };
    const options = { id: crypto.randomUUID(), until: Date.now() + 5_000 };
    await publish(broker, broker.subjects.dead(streams.ingest), letter, options);
    return (await letters().state()).last;
  };

  test('is sent again and removed, or only removed; each is an event with a name', async () => {
    const answering = answerDeadLetters(broker, streams.ingest);
    await broker.nc.flush();
    const [first, second] = [await bury('{"a":1}'), await bury('{"b":2}')];
    expect(await change(first, 'replay')).toMatchObject({ message: 'the message was sent again' });
    expect(await change(second, 'discard')).toMatchObject({ message: 'the letter was removed' });
    expect(await letters().state()).toMatchObject({ messages: 0 });
    const stored = await broker.jsm.streams.getMessage(broker.names.stream(streams.ingest), {
      last_by_subj: broker.subjects.ingest('i'),
    });
    expect(stored?.json()).toEqual({ a: 1 });
    await eventually(async () => (await openStreamLog(broker, streams.events).state()).messages === 2);
    const events: unknown[] = [];
    const all = { from: 1, to: 9, filter: broker.subjects.eventsOf('operator') };
    await openStreamLog(broker, streams.events).read(all, ({ body }) => events.push(body) > 0);
    expect(events).toMatchObject([
      { what: 'replay', actor: { name: 'ada' }, outcome: 'ok' },
      { what: 'discard', actor: { name: 'ada' }, outcome: 'ok' },
    ]);
    answering.stop();
  });

  test('that was cut, is of another stream, or is gone, is not sent again', async () => {
    const answering = answerDeadLetters(broker, streams.ingest);
    await broker.nc.flush();
    const cut = await bury('x'.repeat(64 * 1024));
    await expect(change(cut, 'replay')).rejects.toMatchObject({ status: 409 });
    const other = await bury('{}', streams.commands);
    await expect(change(other, 'replay')).rejects.toMatchObject({ status: 404 });
    await expect(change(10_000, 'discard')).rejects.toMatchObject({ status: 404 });
    expect(await letters().state()).toMatchObject({ messages: 2 });
    answering.stop();
  });
});
