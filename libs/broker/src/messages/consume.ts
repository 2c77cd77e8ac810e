import type { JsMsg } from '@nats-io/jetstream';
import type { ConsumerOptions } from './consumer-options.ts';
import { messageHandler, tryAcknowledge } from './handle-message.ts';
import { startPullLoop } from './pull-loop.ts';

export interface RunningConsumer {
  /** Stops the pull, waits for the handlers, then aborts their signal. What is left goes back to the queue. */
  stop(graceMs: number): Promise<void>;
  /** Epoch ms of the last sign of life of the pull loop. */
  lastTurn(): number;
}

/** How long handlers may take from the abort of their signal to the nak. */
const handBackMs = 1_000;

/** Makes the durable consumer and handles its messages until stopped, whatever happens to the broker. */
export async function startConsumer<T>(options: ConsumerOptions<T>): Promise<RunningConsumer> {
  const { broker, spec, clock, batch } = options;
  const handing = new AbortController();
  const inFlight = new Map<JsMsg, Promise<void>>();
  let stopped = false;
  const handle = await messageHandler(options, handing.signal);

  const onMessage = async (message: JsMsg): Promise<void> => {
    if (stopped) {
      tryAcknowledge(() => message.nak());
      return;
    }
    const handled = handle(message).finally(() => inFlight.delete(message));
    inFlight.set(message, handled);
    await handled;
  };
  const loop = startPullLoop({ broker, spec, mode: batch ?? 'many', onMessage });

  /** Whether all handlers finished within the time. */
  const drained = async (ms: number): Promise<void> => {
    const done = new AbortController();
    await Promise.race([Promise.all(inFlight.values()), clock.sleep(ms, done.signal)]);
    done.abort();
  };

  return {
    lastTurn: () => loop.lastTurn(),
    stop: async (graceMs) => {
      stopped = true;
      await loop.stop();
      await drained(graceMs);
      handing.abort();
      await drained(handBackMs);
      for (const message of inFlight.keys()) tryAcknowledge(() => message.nak());
      // The acks and naks are sent before anybody closes the connection.
      const sent = new AbortController();
      const flushed = broker.nc.flush().catch(() => undefined);
      await Promise.race([flushed, clock.sleep(broker.limits.brokerCall, sent.signal)]);
      sent.abort();
    },
  };
}
