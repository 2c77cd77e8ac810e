/** Server-sent events: what has changed, and every event of the audit trail as it happens. */
import type { ServerResponse } from 'node:http';
import type { AuditEvent, Changed } from '../api/index.ts';

export interface LiveSend {
  (event: 'changed', data: Changed): void;
  (event: 'audit', data: AuditEvent): void;
}

export interface Live {
  /** @param stillAllowed asked at every heartbeat; false ends the stream */
  open(response: ServerResponse, stillAllowed: () => boolean): boolean;
  count(): number;
  /** Ends all streams, and waits for the end of the feed. */
  stop(): Promise<void>;
}

const heartbeatMs = 15_000;
const mostClients = 100;
/** A browser that does not read is cut off: it connects again and reads everything anew. */
const mostWaitingBytes = 1024 * 1024;

/** @param startFeed called with the first stream; what it returns is called when the last one has ended */
export function createLive(startFeed: (send: LiveSend) => () => Promise<void>): Live {
  const clients = new Map<ServerResponse, () => boolean>();
  let running: { readonly timer: NodeJS.Timeout; readonly stopFeed: () => Promise<void> } | undefined;
  let ended: Promise<unknown> = Promise.resolve();

  const forget = (response: ServerResponse): void => {
    clients.delete(response);
    if (clients.size > 0 || !running) return;
    clearInterval(running.timer);
    ended = Promise.all([ended, running.stopFeed()]);
    running = undefined;
  };
  const end = (response: ServerResponse): void => {
    response.end();
    forget(response);
  };
  const write = (text: string): void => {
    for (const response of clients.keys()) {
      if (response.writableLength > mostWaitingBytes) end(response);
      else response.write(text);
    }
  };
  const beat = (): void => {
    for (const [response, stillAllowed] of clients) if (!stillAllowed()) end(response);
    write(': still here\n\n');
  };

  return {
    open: (response, stillAllowed) => {
      if (clients.size >= mostClients) return false;
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      response.write('retry: 2000\n\n');
      clients.set(response, stillAllowed);
      response.on('close', () => forget(response));
      running ??= {
        timer: setInterval(beat, heartbeatMs).unref(),
        stopFeed: startFeed((event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)),
      };
      return true;
    },
    count: () => clients.size,
    stop: async () => {
      for (const response of clients.keys()) end(response);
      await ended;
    },
  };
}
