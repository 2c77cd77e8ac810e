import type { EventKind, EventsByKind } from '@federation-agent/contracts';
import type { Broker } from './broker.ts';

export interface PublishOptions {
  /** `Nats-Msg-Id`: the same id again is the same message. */
  readonly id: string;
  /** Epoch ms; tried again until then. */
  readonly until: number;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @throws BrokerUnavailableError when no publish was acknowledged by `until`; it may be stored all the same */
export function publish(
  broker: Broker,
  subject: string,
  message: object,
  options: PublishOptions,
): Promise<void> {
  throw new Error(`not here yet: ${broker.name} ${subject} ${options.id} ${typeof message}`);
}

/** Best effort: never throws, never blocks. */
export function publishEvent<K extends EventKind>(
  broker: Broker,
  kind: K,
  what: string,
  event: EventsByKind[K],
): void {
  throw new Error(`not here yet: ${broker.name} ${kind} ${what} ${event.at}`);
}
