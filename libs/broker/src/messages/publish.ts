import { eventKinds, eventsVersion, type EventKind, type EventsByKind } from '@federation-agent/contracts';
import { BrokerUnavailableError, isBrokerNotNow } from '../errors.ts';
import { messageHeaders } from './message-headers.ts';
import { brokerMetrics } from '../broker-metrics.ts';
import type { Broker } from '../broker.ts';
import { messagingAttributes, subjectTemplate } from './messaging-attributes.ts';

export interface PublishOptions {
  /** `Nats-Msg-Id`: messages with the same id are one message. */
  readonly id: string;
  /** Epoch ms: publishing is tried until then. */
  readonly until: number;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Publishes to a stream and waits for the acknowledgement; repeats with the same id every `limits.publishRetry`.
 * Time-outs, no responders and "JetStream is not enabled" all mean "not now". It publishes at least once.
 *
 * @param message a text is JSON already
 * @throws BrokerUnavailableError when no publish was acknowledged by `until`; the message may still be stored
 */
export async function publish(
  broker: Broker,
  subject: string,
  message: object | string,
  options: PublishOptions,
): Promise<void> {
  const { telemetry, js, clock, limits } = broker;
  const { id, until, signal } = options;
  const body = typeof message === 'string' ? message : JSON.stringify(message);
  const template = subjectTemplate(subject);
  const attributes = { ...messagingAttributes(subject, 'send'), 'messaging.message.id': id };
  await telemetry.span(`send ${template}`, { kind: 'producer', attributes }, async () => {
    const headers = messageHeaders(options.headers);
    for (;;) {
      try {
        await js.publish(subject, body, { msgID: id, headers });
        return;
      } catch (error) {
        if (!isBrokerNotNow(error)) throw error;
        if (clock.now() + limits.publishRetry > until || signal?.aborted || broker.nc.isClosed()) {
          throw new BrokerUnavailableError(`the broker did not take the message for ${template}`, error);
        }
        brokerMetrics(telemetry).publishRetries.inc({ subject: template });
      }
      await clock.sleep(limits.publishRetry, signal);
    }
  });
}

/** Best effort: never throws and never blocks, because nothing depends on an event. */
export function publishEvent<K extends EventKind>(broker: Broker, kind: K, event: EventsByKind[K]): void {
  const { js, subjects, telemetry } = broker;
  const headers = messageHeaders();
  const { what, about } = eventKinds[kind];
  const subject = subjects.event(kind, what(event), about(event));
  js.publish(subject, JSON.stringify({ version: eventsVersion, ...event }), { headers }).catch(() => {
    brokerMetrics(telemetry).eventsLost.inc({ kind });
  });
}
