/**
 * Stores a copy of a message that nobody can handle. Its id prevents a second copy after a crash between copy and ack.
 */
import type { JsMsg } from '@nats-io/jetstream';
import { deadLetterBytes, messageIds, type DeadLetter, type StreamName } from '@federation-agent/contracts';
import type { Broker } from '../broker.ts';
import { publish } from './publish.ts';

/** @throws BrokerUnavailableError: the copy may or may not be stored */
export async function publishDeadLetter(
  broker: Broker,
  stream: StreamName,
  message: JsMsg,
  reason: string,
): Promise<void> {
  const { streamSequence: sequence, deliveryCount: deliveries } = message.info;
  const now = broker.clock.now();
  const letter: DeadLetter = {
    stream,
    sequence,
    subject: message.subject,
    reason,
    at: now,
    deliveries,
    data: Buffer.from(message.data).subarray(0, deadLetterBytes).toString('utf8'),
  };
  const options = { id: messageIds.dead(stream, sequence), until: now + broker.limits.ackWait };
  await publish(broker, broker.subjects.dead(stream), letter, options);
}
