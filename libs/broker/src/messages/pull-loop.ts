/** Pulls without end: starts again after an error, a restart of the broker, or the deletion of the consumer. */
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { ConsumerSpec } from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import { brokerMetrics } from '../broker-metrics.ts';
import type { Broker } from '../broker.ts';
import { brokerCall } from '../calls.ts';
import { ensureConsumer } from '../topology/ensure-topology.ts';

export interface PullLoop {
  /** Epoch ms of the last sign that the broker serves the pull: a message or a heartbeat. */
  lastTurn(): number;
  /** Resolves when no more messages come. */
  stop(): Promise<void>;
}

export interface PullLoopOptions {
  readonly broker: Broker;
  readonly spec: ConsumerSpec;
  /**
   * `many`: tells each message at once. `one`: tells the next message when the handler of the one before has resolved.
   */
  readonly mode: 'many' | 'one';
  readonly onMessage: (message: JsMsg) => Promise<void>;
}

/** How often the broker is asked how many messages wait. */
const countMs = 60_000;

/** Prefetch, not a limit of the messages handled at once: that is `max_ack_pending`. */
const prefetch = 100;

export function startPullLoop({ broker, spec, mode, onMessage }: PullLoopOptions): PullLoop {
  const { clock, limits, telemetry } = broker;
  const stopping = new AbortController();
  // `alive` expects a turn within `loopTurn`. The broker's heartbeats tell it, so a request may wait for long. The
  // client accepts no less than half a second.
  const idle_heartbeat = Math.max(500, limits.loopTurn / 3);
  const waiting = { expires: 4 * limits.loopTurn, idle_heartbeat };
  let turned = clock.now();
  let busy = false;
  let current: ConsumerMessages | undefined;

  const turn = (): void => {
    turned = clock.now();
  };
  const follow = async (messages: ConsumerMessages): Promise<void> => {
    for await (const { type } of messages.status()) if (type === 'heartbeat') turn();
  };
  const open = () =>
    brokerCall(`find the consumer ${spec.durable}`, () =>
      broker.js.consumers.get(broker.names.stream(spec.stream), broker.names.durable(spec.durable)),
    );

  const many = async (): Promise<void> => {
    const consumer = await open();
    current = await consumer.consume({
      max_messages: prefetch,
      ...waiting,
      // A deleted consumer ends the round; the next round makes it again.
      abort_on_missing_resource: true,
      callback: (message) => {
        turn();
        void onMessage(message);
      },
    });
    turn();
    void follow(current);
    if (stopping.signal.aborted) current.stop();
    const reason = await current.closed();
    if (reason) throw reason;
  };

  const one = async (): Promise<void> => {
    const consumer = await open();
    const restart = new AbortController();
    const forget = broker.onReconnect(() => restart.abort());
    try {
      while (!restart.signal.aborted && !stopping.signal.aborted) {
        current = await consumer.fetch({ max_messages: 1, ...waiting });
        turn();
        for await (const message of current) {
          turn();
          busy = true;
          await onMessage(message).finally(() => {
            busy = false;
            turn();
          });
        }
      }
    } finally {
      forget();
    }
  };

  const count = (): void => {
    broker.jsm.consumers.info(broker.names.stream(spec.stream), broker.names.durable(spec.durable)).then(
      ({ num_pending: waiting }) => {
        if (stopping.signal.aborted) return;
        brokerMetrics(telemetry).pending.set({ consumer: spec.durable }, waiting);
      },
      () => undefined, // The loop itself reports what is wrong with the broker.
    );
  };
  const counting = setInterval(count, countMs).unref();
  const forget = broker.onReconnect(() => current?.stop());
  const running = (async () => {
    let said = '';
    while (!stopping.signal.aborted && !broker.nc.isClosed()) {
      try {
        await ensureConsumer(broker, spec);
        count();
        await (mode === 'one' ? one() : many());
        said = '';
      } catch (error) {
        const reason = describeError(error);
        if (reason !== said)
          telemetry.log.warn({ consumer: spec.durable, reason }, 'the pull loop starts again');
        said = reason;
        brokerMetrics(telemetry).loopRestarts.inc({ consumer: spec.durable });
        await clock.sleep(limits.publishRetry, stopping.signal);
      }
    }
  })();

  return {
    // A slow handler does not mean that the loop stands still.
    lastTurn: () => (busy ? clock.now() : turned),
    stop: async () => {
      stopping.abort();
      clearInterval(counting);
      // A consumer that no longer pulls does not know how many messages wait.
      brokerMetrics(telemetry).pending.remove({ consumer: spec.durable });
      forget();
      current?.stop();
      if (mode === 'many') await running;
    },
  };
}
