import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { replyReader } from './wire.ts';
import type { WireReply } from './wire.ts';

/** The network between the links and the controller: one address that stays the same while controllers come and go. */
export interface Front {
  /** The endpoint to configure in an agent. */
  readonly endpoint: string;
  /** New connections go to this target; undefined: nowhere. */
  aim(target: string | undefined): void;
  /** Ends every connection, by RST or by FIN. */
  cut(byReset: boolean): void;
  /** Ends the next connection that sends something after this many bytes of it, in the middle of a frame. */
  cutAfter(bytes: number): void;
  /** Nothing passes in either direction, but nothing is lost. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

interface Pair {
  readonly down: Socket;
  readonly up: Socket;
}

/** @param onReply called with every complete reply that was passed on to the controller */
export async function startFront(onReply: (reply: WireReply) => void): Promise<Front> {
  const pairs = new Set<Pair>();
  let target: URL | undefined;
  let frozen = false;
  let cutAfter: number | undefined;

  const server = createServer((down) => {
    down.on('error', () => undefined);
    if (!target) {
      reset(down);
      return;
    }
    const up = createConnection({ host: target.hostname, port: Number(target.port) });
    const pair: Pair = { down, up };
    pairs.add(pair);
    if (frozen) pause(pair);
    const read = replyReader(onReply);
    down.on('data', (chunk) => {
      if (cutAfter !== undefined) {
        up.write(chunk.subarray(0, cutAfter), () => reset(up));
        cutAfter = undefined;
        reset(down);
        return;
      }
      read(chunk);
      up.write(chunk);
    });
    up.on('data', (chunk) => down.write(chunk));
    for (const [one, other] of [
      [down, up],
      [up, down],
    ] as const) {
      one.on('error', () => reset(other));
      one.on('end', () => other.end());
      one.on('close', () => {
        other.destroy();
        pairs.delete(pair);
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    aim: (endpoint) => {
      target = endpoint === undefined ? undefined : new URL(endpoint);
    },
    cut: (byReset) => {
      for (const socket of [...pairs].flatMap(({ down, up }) => [down, up])) {
        if (byReset) reset(socket);
        else socket.destroy();
      }
    },
    cutAfter: (bytes) => {
      cutAfter = bytes;
    },
    freeze: () => {
      frozen = true;
      pairs.forEach(pause);
    },
    thaw: () => {
      frozen = false;
      for (const { down, up } of pairs) {
        down.resume();
        up.resume();
      }
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const { down, up } of pairs) {
          down.destroy();
          up.destroy();
        }
      }),
  };
}

function pause({ down, up }: Pair): void {
  down.pause();
  up.pause();
}

/** Node never closes a socket that is reset while it is ending, and then the process hangs at its exit. */
function reset(socket: Socket): void {
  if (socket.destroyed || socket.connecting || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
