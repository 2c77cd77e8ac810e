/** Asks the services over the broker, for an operator. */
import { errors } from '@nats-io/transport-node';
import type { z } from 'zod';
import { OperatorAnswer } from '@federation-agent/contracts';
import { FederationError } from '@federation-agent/base';
import type { Broker } from '../broker.ts';
import { BrokerUnavailableError } from '../errors.ts';
import { messageHeaders } from '../messages/message-headers.ts';

/** Long enough for a service that looks into AWS. */
const answerMs = 20_000;
/** Nobody else answers when nobody has for this long. */
const silenceMs = 250;

/** No service answered: none of this kind runs, none has the integration, or it is too busy. */
export class NobodyAnswersError extends FederationError {
  constructor(who: string, cause: unknown) {
    super(`no ${who} answers: look whether one runs that has this integration`, {
      code: 'nobody-answers',
      disposition: 'retryable',
      cause,
    });
  }
}

/** The service answered that it does not do it. `status` is as in HTTP. */
export class OperatorRefusal extends FederationError {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message, { code: 'operator-refused', disposition: 'final' });
    this.status = status;
  }
}

/**
 * @param who for the error, such as `aws-discovery`
 * @throws NobodyAnswersError; OperatorRefusal; BrokerUnavailableError while there is no connection
 */
export async function askOperator<T>(
  broker: Broker,
  { who, subject, request }: { readonly who: string; readonly subject: string; readonly request: object },
  schema: z.ZodType<T>,
): Promise<T> {
  if (!broker.connected())
    throw new BrokerUnavailableError(`there is no connection to the broker to ask ${who}`);
  const answer = await broker.nc
    .request(subject, JSON.stringify(request), { timeout: answerMs, headers: messageHeaders() })
    .catch((error: unknown) => {
      throw new NobodyAnswersError(who, error);
    });
  const said = OperatorAnswer.parse(answer.json());
  if ('message' in said) throw new OperatorRefusal(said.status, said.message);
  return schema.parse(said.body);
}

/** The answers of all processes that answer within `maxWaitMs`. Answers that do not parse are left out. */
export async function askNodes<T>(
  broker: Broker,
  subject: string,
  schema: z.ZodType<T>,
  maxWaitMs: number,
): Promise<T[]> {
  if (!broker.connected()) return [];
  const answers: T[] = [];
  try {
    const options = { strategy: 'stall', stall: silenceMs, maxWait: maxWaitMs } as const;
    for await (const message of await broker.nc.requestMany(subject, '', options)) {
      const answer = schema.safeParse(message.json());
      if (answer.success) answers.push(answer.data);
    }
  } catch (error) {
    if (!(error instanceof errors.NoRespondersError) && !(error instanceof errors.RequestError)) throw error;
  }
  return answers;
}
