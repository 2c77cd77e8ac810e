/** What an operator may do with a dead letter. Done by the service that publishes to the letter's stream. */
import {
  AskDeadLetter,
  DeadLetter,
  notReplayable,
  streams,
  type OperatorAnswer,
  type StreamName,
} from '@federation-agent/contracts';
import type { Broker } from '../broker.ts';
import { publish, publishEvent } from '../messages/publish.ts';
import { openStreamLog } from '../messages/stream-log.ts';
import { answerOperator, type Answering } from './answer.ts';

/** @param stream that the letters come from */
export function answerDeadLetters(broker: Broker, stream: StreamName): Answering {
  const letters = openStreamLog(broker, streams.dead);
  const subject = broker.subjects.operator('dead', stream);

  const handle = async (request: AskDeadLetter): Promise<OperatorAnswer> => {
    const { sequence } = request;
    const stored = await letters.get(sequence);
    const letter = DeadLetter.safeParse(stored?.body);
    if (!letter.success || letter.data.stream !== stream) {
      return { status: 404, message: `there is no dead letter ${sequence} of ${stream}` };
    }
    const refusal = request.do === 'replay' ? await replay(letter.data, sequence) : undefined;
    report(request, letter.data, refusal);
    if (refusal !== undefined) return { status: 409, message: refusal };
    await letters.remove(sequence);
    const message = request.do === 'replay' ? 'the message was sent again' : 'the letter was removed';
    return { status: 200, body: { message } };
  };

  /** @returns why not; undefined: sent */
  const replay = async (letter: DeadLetter, sequence: number): Promise<string | undefined> => {
    const now = broker.clock.now();
    const why = notReplayable(letter, now);
    if (why !== undefined) return why;
    const options = { id: `replay.${sequence}`, until: now + broker.limits.ackWait };
    await publish(broker, letter.subject, JSON.parse(letter.data) as object, options);
    return undefined;
  };

  const report = ({ do: what, by }: AskDeadLetter, letter: DeadLetter, refusal: string | undefined): void => {
    const detail = `dead letter of ${letter.subject}${refusal === undefined ? '' : `: refused: ${refusal}`}`;
    broker.telemetry.log.info(
      { user: by, what, subject: letter.subject, refusal },
      `an operator said ${what}`,
    );
    publishEvent(broker, 'operator', {
      at: broker.clock.now(),
      integrationId: '',
      actor: { kind: 'operator', name: by },
      outcome: refusal === undefined ? 'ok' : 'failed',
      what,
      detail,
    });
  };

  return answerOperator(broker, subject, AskDeadLetter, handle);
}
