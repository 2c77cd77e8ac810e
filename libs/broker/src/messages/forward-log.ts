/**
 * Hands every message of a stream to somebody outside, in order and at least once, across restarts. Unlike a work
 * queue nothing ever becomes a dead letter: what cannot be handed over now waits, and all that follows waits behind it.
 */
import type { JsMsg } from '@nats-io/jetstream';
import type { ConsumerSpec } from '@federation-agent/contracts';
import type { Broker } from '../broker.ts';
import { tryAcknowledge } from './handle-message.ts';
import { startPullLoop } from './pull-loop.ts';
import { entryOf, type LogEntry } from './stream-log.ts';

export interface ForwardOptions {
  readonly broker: Broker;
  /** With `maxAckPending` 1, so that there is one message under way at a time, in all processes together. */
  readonly spec: ConsumerSpec;
  /**
   * Hands over one entry. It does not reject; it tries until it has succeeded, or until the signal.
   *
   * @returns whether the entry is handed over
   */
  readonly hand: (entry: LogEntry, signal: AbortSignal) => Promise<boolean>;
}

/** It begins with the oldest message that the stream has, and goes on after the last one that was handed over. */
export function forwardLog({ broker, spec, hand }: ForwardOptions): { stop(): Promise<void> } {
  const { limits } = broker;
  const stopping = new AbortController();
  let underway: Promise<void> = Promise.resolve();

  const forward = async (message: JsMsg): Promise<void> => {
    const working = setInterval(
      () => tryAcknowledge(() => message.working()),
      limits.workingInterval,
    ).unref();
    try {
      const handed = !stopping.signal.aborted && (await hand(entryOf(message), stopping.signal));
      // Without the broker's answer it may come again; then it is handed over twice.
      if (handed) await message.ackAck({ timeout: limits.brokerCall }).catch(() => undefined);
      else tryAcknowledge(() => message.nak());
    } finally {
      clearInterval(working);
    }
  };
  const onMessage = (message: JsMsg): Promise<void> => {
    underway = forward(message);
    return underway;
  };
  const loop = startPullLoop({ broker, spec, mode: 'one', onMessage });

  return {
    stop: async () => {
      stopping.abort();
      await loop.stop();
      await underway;
    },
  };
}
