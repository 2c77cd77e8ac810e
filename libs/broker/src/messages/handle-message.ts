/** Decides what happens to one message. The order of the checks keeps innocent messages from becoming dead letters. */
import type { JsMsg } from '@nats-io/jetstream';
import type { z } from 'zod';
import { messageIds } from '@federation-agent/contracts';
import { countFromZero, describeError } from '@federation-agent/base';
import { HandBackError, dispositionOf } from '../errors.ts';
import { readHeaders } from './message-headers.ts';
import { brokerMetrics, brokerMetricSpecs } from '../broker-metrics.ts';
import type { ConsumerOptions, MessageContext } from './consumer-options.ts';
import { publishDeadLetter } from './dead-letter.ts';
import { createSharedExclusiveLock } from './shared-exclusive-lock.ts';
import { messagingAttributes, subjectTemplate } from './messaging-attributes.ts';
import { openSuspects } from './suspects.ts';

/** Handlers wait and retry inside, and nak only at shutdown. So the delivery count counts crashes. */
const maxDeliveries = 3;

type Verdict =
  { readonly do: 'ack' | 'nak' | 'nak-later' | 'foreign' } | { readonly do: 'dead'; readonly reason: string };

/**
 * @param signal aborted at shutdown
 * @returns a function that handles one message up to its ack or nak; it never rejects
 */
export async function messageHandler<T>(
  options: ConsumerOptions<T>,
  signal: AbortSignal,
): Promise<(message: JsMsg) => Promise<void>> {
  const { broker, spec, telemetry, instance, clock, accepts, handle, onDead } = options;
  const { limits } = broker;
  const metrics = brokerMetrics(telemetry);
  const consumer = spec.durable;
  countFromZero(metrics.deliveries, brokerMetricSpecs.deliveries, { consumer });
  countFromZero(metrics.suspects, brokerMetricSpecs.suspects, { consumer });
  const suspects = await openSuspects(broker, instance, clock);
  const lock = createSharedExclusiveLock();

  const run = async (message: JsMsg, value: T): Promise<Verdict> => {
    const headers = readHeaders(message.headers);
    const context: MessageContext = {
      deliveries: message.info.deliveryCount,
      sequence: message.seq,
      subject: message.subject,
      headers,
      signal,
    };
    const attributes = {
      ...messagingAttributes(message.subject, 'process'),
      'messaging.message.id': headers['Nats-Msg-Id'] ?? '',
      'messaging.consumer.group.name': consumer,
    };
    const name = `process ${subjectTemplate(message.subject)}`;
    try {
      await telemetry.span(name, { kind: 'consumer', attributes, parent: headers }, () =>
        handle(value, context),
      );
      return { do: 'ack' };
    } catch (error) {
      if (error instanceof HandBackError) return { do: 'nak' };
      telemetry.log.error(
        { err: error, consumer, sequence: message.seq },
        'a message could not be handled; it will be delivered again',
      );
      if (dispositionOf(error) === 'retryable') return { do: 'nak-later' };
      return { do: 'dead', reason: describeError(error) };
    }
  };

  const runTogether = async (message: JsMsg, value: T): Promise<Verdict> => {
    const release = await lock.acquire(false, signal);
    if (!release) return { do: 'nak' };
    return run(message, value).finally(release);
  };

  const runAlone = async (message: JsMsg, value: T, key: string): Promise<Verdict> => {
    const release = await lock.acquire(true, signal);
    if (!release) return { do: 'nak' };
    try {
      metrics.suspects.inc({ consumer });
      await suspects.mark(key);
      const verdict = await run(message, value);
      await suspects.clear(key);
      return verdict;
    } finally {
      release();
    }
  };

  const judge = async (message: JsMsg, read: Read<T>): Promise<Verdict> => {
    if ('unreadable' in read) return { do: 'dead', reason: `cannot be read: ${read.unreadable}` };
    if (accepts && !accepts(read.value)) return { do: 'foreign' };
    if (message.info.deliveryCount <= maxDeliveries) return runTogether(message, read.value);
    const key = messageIds.dead(spec.stream, message.seq);
    const reason = `handling it ended the process (${message.info.deliveryCount} deliveries)`;
    if (await suspects.has(key)) return { do: 'dead', reason };
    return runAlone(message, read.value, key);
  };

  const moveToDead = async (message: JsMsg, value: T | undefined, reason: string): Promise<void> => {
    await publishDeadLetter(broker, spec.stream, message, reason);
    telemetry.log.error(
      { consumer, sequence: message.seq, reason },
      'a message that nobody can handle was moved to the stream DEAD; its copy there has the reason',
    );
    await onDead?.(value, reason).catch((error: unknown) => {
      telemetry.log.warn({ err: error, consumer }, 'the sender of a dead letter could not be told');
    });
    await message.ackAck();
    const key = messageIds.dead(spec.stream, message.seq);
    if (message.info.deliveryCount > maxDeliveries) await suspects.clear(key);
  };

  const settle = async (message: JsMsg, value: T | undefined, verdict: Verdict): Promise<void> => {
    metrics.deliveries.inc({ consumer, outcome: verdict.do });
    switch (verdict.do) {
      case 'ack':
        tryAcknowledge(() => message.ack());
        return;
      case 'nak':
        tryAcknowledge(() => message.nak());
        return;
      case 'foreign':
      case 'nak-later':
        tryAcknowledge(() => message.nak(limits.foreignDelay));
        return;
      case 'dead':
        await moveToDead(message, value, verdict.reason);
    }
  };

  return async (message) => {
    metrics.inFlight.inc({ consumer });
    const working = setInterval(
      () => tryAcknowledge(() => message.working()),
      limits.workingInterval,
    ).unref();
    try {
      const read = readMessage(message, options.schema);
      const verdict = await judge(message, read);
      await settle(message, 'value' in read ? read.value : undefined, verdict);
    } catch (error) {
      // The broker did not answer a call about a mark or a dead letter, so the message will be delivered again.
      telemetry.log.warn({ reason: describeError(error), consumer }, 'a message goes back to the queue');
      tryAcknowledge(() => message.nak(limits.foreignDelay));
    } finally {
      clearInterval(working);
      metrics.inFlight.dec({ consumer });
    }
  };
}

/** A closed connection throws. Then the message is delivered again, to this replica or another. */
export function tryAcknowledge(acknowledge: () => void): void {
  try {
    acknowledge();
  } catch {
    // Nothing to do: the message is delivered again.
  }
}

type Read<T> = { readonly value: T } | { readonly unreadable: string };

function readMessage<T>(message: JsMsg, schema: z.ZodType<T>): Read<T> {
  try {
    const { data, error } = schema.safeParse(JSON.parse(message.string()));
    return error
      ? { unreadable: error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ') }
      : { value: data };
  } catch {
    return { unreadable: 'not JSON' };
  }
}
