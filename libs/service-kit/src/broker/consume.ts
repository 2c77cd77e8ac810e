import type { JsMsg } from '@nats-io/jetstream';
import type { z } from 'zod';
import type { ConsumerSpec } from '@federation-agent/contracts';
import type { Clock } from '../clock.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Broker } from './broker.ts';
import { messageHandler, tell } from './handle-message.ts';
import { startPullLoop } from './pull-loop.ts';

export interface MessageContext {
  /** From 1. */
  readonly deliveries: number;
  readonly sequence: number;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Aborted at the end of the grace at shutdown: throw HandBackError soon. */
  readonly signal: AbortSignal;
}

export interface ConsumerOptions<T> {
  readonly broker: Broker;
  readonly spec: ConsumerSpec;
  readonly schema: z.ZodType<T>;
  readonly telemetry: Telemetry;
  readonly instance: string;
  readonly clock: Clock;
  /** False: goes back with `limits.foreignDelay` before the delivery count is looked at; never a dead letter. */
  readonly accepts?: (message: T) => boolean;
  /**
   * Runs with `working()` every `limits.workingInterval`, many at once; a message delivered more than three times runs
   * alone. Resolves: ack. HandBackError: nak. Another retryable error: nak with a delay. Anything else: dead letter.
   */
  readonly handle: (message: T, context: MessageContext) => Promise<void>;
  /** After the copy is stored and before the ack; undefined when the message cannot be read. */
  readonly onDead?: (message: T | undefined, reason: string) => Promise<void>;
  /** `one`: a message is pulled only when the one before is done with. */
  readonly batch?: 'one';
}

export interface RunningConsumer {
  /** Stops the pull, waits for the handlers, then aborts their signal; what is left goes back to the queue. */
  stop(graceMs: number): Promise<void>;
  /** Epoch ms of the last sign of life of the pull loop. */
  lastTurn(): number;
}

/** How long handlers have between the abort of their signal and the nak. */
const handBackMs = 1_000;

/** Makes the durable consumer and works on it until stopped, whatever happens to the broker. */
export async function startConsumer<T>(options: ConsumerOptions<T>): Promise<RunningConsumer> {
  const { broker, spec, clock, batch } = options;
  const handing = new AbortController();
  const inFlight = new Map<JsMsg, Promise<void>>();
  let stopped = false;
  const handle = await messageHandler(options, handing.signal);

  const onMessage = async (message: JsMsg): Promise<void> => {
    if (stopped) {
      tell(() => message.nak());
      return;
    }
    const handled = handle(message).finally(() => inFlight.delete(message));
    inFlight.set(message, handled);
    await handled;
  };
  const loop = startPullLoop({ broker, spec, mode: batch ?? 'many', onMessage });

  /** Whether all handlers were done within the time. */
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
      for (const message of inFlight.keys()) tell(() => message.nak());
      // The acks and naks are on their way before anybody closes the connection.
      const sent = new AbortController();
      const flushed = broker.nc.flush().catch(() => undefined);
      await Promise.race([flushed, clock.sleep(broker.limits.brokerCall, sent.signal)]);
      sent.abort();
    },
  };
}
