/** Answers what an operator asks a service over the broker. */
import type { Msg } from '@nats-io/transport-node';
import type { z } from 'zod';
import type { OperatorAnswer } from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import type { Broker } from '../broker.ts';
import { dispositionOf } from '../errors.ts';
import { readHeaders } from '../messages/message-headers.ts';

/** One process of a service answers. The name only has to differ from that of commands' questions. */
const queue = 'operator';

export interface Answering {
  stop(): void;
}

/**
 * Answers one kind of request: a request that does not parse with 400, a retryable error with 503, any other error with
 * 500 and a line in the log.
 */
export function answerOperator<T>(
  broker: Broker,
  subject: string,
  schema: z.ZodType<T>,
  handle: (request: T) => Promise<OperatorAnswer>,
): Answering {
  const { nc, telemetry } = broker;
  const answer = async (message: Msg): Promise<OperatorAnswer> => {
    try {
      const request = schema.safeParse(message.json());
      if (!request.success) return { status: 400, message: 'the request has another form than expected' };
      return await handle(request.data);
    } catch (error) {
      if (dispositionOf(error) === 'retryable') return { status: 503, message: describeError(error) };
      telemetry.log.error({ err: error, subject }, "an operator's request could not be answered");
      return {
        status: 500,
        message: 'the request could not be carried out; the log of the service says why',
      };
    }
  };
  const subscription = nc.subscribe(subject, {
    queue,
    callback: (error, message) => {
      if (error) return;
      const parent = readHeaders(message.headers);
      void telemetry.span('operator request', { kind: 'server', parent }, async () => {
        message.respond(JSON.stringify(await answer(message)));
      });
    },
  });
  return { stop: () => subscription.unsubscribe() };
}

/** Answers what is asked of every process. `tell` is called at each question. */
export function answerNode(broker: Broker, subject: string, tell: () => object): Answering {
  const subscription = broker.nc.subscribe(subject, {
    callback: (error, message) => {
      if (!error) message.respond(JSON.stringify(tell()));
    },
  });
  return { stop: () => subscription.unsubscribe() };
}
