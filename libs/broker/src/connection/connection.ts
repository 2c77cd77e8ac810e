/** Whether there is a connection, since when there is none, and who to tell when it is back. */
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { type Clock, describeError } from '@federation-agent/base';

export interface ConnectionWatch {
  connected(): boolean;
  downSince(): number | undefined;
  onReconnect(listener: () => void): () => void;
}

/** @param onChange called when the connection is lost or back */
export function watchConnection(
  nc: NatsConnection,
  clock: Clock,
  log: Logger,
  onChange: () => void,
): ConnectionWatch {
  const listeners = new Set<() => void>();
  let downSince: number | undefined;
  void (async () => {
    for await (const status of nc.status()) {
      switch (status.type) {
        case 'disconnect':
          downSince ??= clock.now();
          log.warn('the connection to the broker is lost; reconnecting');
          onChange();
          break;
        case 'reconnect':
          log.info({ downMs: clock.now() - (downSince ?? clock.now()) }, 'the broker is back');
          downSince = undefined;
          onChange();
          for (const listener of listeners) listener();
          break;
        case 'error':
          log.warn({ reason: describeError(status.error) }, 'the broker reports an error');
          break;
        default:
      }
    }
  })();
  return {
    connected: () => downSince === undefined && !nc.isClosed(),
    downSince: () => downSince,
    onReconnect: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
