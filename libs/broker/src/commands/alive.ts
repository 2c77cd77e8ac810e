/** Answers links that ask whether a worker of this kind has the integration and works. */
import type { Subscription } from '@nats-io/transport-node';
import type { AliveAnswer, WorkerKind } from '@federation-agent/contracts';
import type { Broker } from '../broker.ts';

export interface AliveOptions {
  readonly broker: Broker;
  readonly kind: WorkerKind;
  readonly integrationIds: readonly string[];
  readonly instance: string;
  readonly well: () => boolean;
}

/**
 * Listens only while the worker is well. A replica that listens but stays silent would swallow questions of the queue
 * group that another replica could answer.
 */
export function startAlive(options: AliveOptions): { stop(): void } {
  const { broker, kind, integrationIds, instance, well } = options;
  let subscriptions: readonly Subscription[] = [];

  const leave = (): void => {
    for (const subscription of subscriptions) subscription.unsubscribe();
    subscriptions = [];
  };
  const join = (): void => {
    subscriptions = integrationIds.map((integrationId) =>
      broker.nc.subscribe(broker.subjects.alive(kind, integrationId), {
        queue: kind,
        callback: (error, message) => {
          if (error || !well()) return;
          const answer: AliveAnswer = { instance, at: broker.clock.now() };
          message.respond(JSON.stringify(answer));
        },
      }),
    );
  };
  const look = (): void => {
    if (broker.nc.isClosed()) return;
    if (well() && subscriptions.length === 0) join();
    if (!well() && subscriptions.length > 0) leave();
  };

  look();
  const timer = setInterval(look, broker.limits.aliveTimeout).unref();
  return {
    stop: () => {
      clearInterval(timer);
      if (!broker.nc.isClosed()) leave();
    },
  };
}
