/** Server-sent events: what has changed, and every event of the audit trail as it happens. */
import type { ServerResponse } from 'node:http';
import type { AuditEvent, Changed } from '../api/index.ts';

export interface Live {
  /** @param stillAllowed asked at every heartbeat; false ends the stream */
  open(response: ServerResponse, stillAllowed: () => boolean): boolean;
  send(event: 'changed', data: Changed): void;
  send(event: 'audit', data: AuditEvent): void;
  count(): number;
  stop(): void;
}

const heartbeatMs = 15_000;
const mostClients = 100;
/** A browser that does not read is cut off: it connects again and reads everything anew. */
const mostWaitingBytes = 1024 * 1024;

export function createLive(): Live {
  const clients = new Map<ServerResponse, () => boolean>();
  const end = (response: ServerResponse): void => {
    clients.delete(response);
    response.end();
  };
  const write = (text: string): void => {
    for (const response of clients.keys()) {
      if (response.writableLength > mostWaitingBytes) end(response);
      else response.write(text);
    }
  };
  const timer = setInterval(() => {
    for (const [response, stillAllowed] of clients) if (!stillAllowed()) end(response);
    write(': still here\n\n');
  }, heartbeatMs).unref();

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
      response.on('close', () => clients.delete(response));
      return true;
    },
    send: (event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    count: () => clients.size,
    stop: () => {
      clearInterval(timer);
      for (const response of clients.keys()) end(response);
    },
  };
}
