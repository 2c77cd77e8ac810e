import { z } from 'zod';
import { DeadLetter, notReplayable, streams, type StreamName } from '@federation-agent/contracts';
import { askOperator, type LogEntry } from '@federation-agent/broker';
import type { DeadLetterRow } from '../api/index.ts';
import { ApiProblem } from '../http/api-error.ts';
import type { Handlers } from '../http/handlers.ts';
import type { ConsoleParts } from '../parts.ts';

type Names = 'dead' | 'deadLetter' | 'replay' | 'discard';

/** A page shows no more; the newest are there. */
const mostLetters = 500;

const texts = {
  replay:
    'sends the message again to the stream that it was in, and removes the letter: first find out why it could not be handled, or it comes back',
  discard: 'removes the letter; the message is gone for good',
} as const;

const Done = z.object({ message: z.string() });

export function deadHandlers({ context, letters }: ConsoleParts): Pick<Handlers, Names> {
  const { broker, clock } = context;

  const read = async (params: Readonly<Record<string, string>>) => {
    const sequence = Number(params['sequence']);
    const entry = Number.isInteger(sequence) && sequence > 0 ? await letters.get(sequence) : undefined;
    const letter = DeadLetter.safeParse(entry?.body);
    if (!entry || !letter.success) throw new ApiProblem(404, `there is no dead letter ${sequence}`);
    return { sequence, letter: letter.data };
  };
  const change = async (params: Readonly<Record<string, string>>, what: 'replay' | 'discard', by: string) => {
    const { sequence, letter } = await read(params);
    const stream = Object.values(streams).find((one) => one === letter.stream);
    if (!stream) throw new ApiProblem(409, `nobody publishes to ${letter.stream}`);
    const subject = broker.subjects.operator('dead', stream);
    return askOperator(
      broker,
      { who: whoPublishes(stream), subject, request: { sequence, do: what, by } },
      Done,
    );
  };

  return {
    dead: async () => {
      const { first, last, messages } = await letters.state();
      const found: DeadLetterRow[] = [];
      const note = (entry: LogEntry): boolean => {
        const letter = DeadLetter.safeParse(entry.body);
        if (letter.success) found.push(rowOf(entry.sequence, letter.data, clock.now()));
        if (found.length > mostLetters) found.shift();
        return true;
      };
      if (messages > 0) await letters.read({ from: first, to: last, filter: broker.subjects.allDead }, note);
      return { total: messages, letters: found.reverse() };
    },
    deadLetter: async ({ params }) => {
      const { sequence, letter } = await read(params);
      return { ...rowOf(sequence, letter, clock.now()), data: letter.data, ...texts };
    },
    replay: ({ params, by }) => change(params, 'replay', by),
    discard: ({ params, by }) => change(params, 'discard', by),
  };
}

function whoPublishes(stream: StreamName): string {
  return stream === streams.commands ? 'gateway-link' : 'aws-discovery';
}

function rowOf(sequence: number, letter: DeadLetter, now: number): DeadLetterRow {
  const { at, stream, subject, reason, deliveries, data } = letter;
  const why = notReplayable(letter, now);
  const bytes = Buffer.byteLength(data);
  return {
    sequence,
    at,
    stream,
    subject,
    reason,
    deliveries,
    bytes,
    ...(why !== undefined && { notReplayable: why }),
  };
}
