/**
 * Pings keep idle proxies open, find a dead peer, and prove what the controller has read. Frames are read in order, so
 * the pong of a ping behind a reply says that the reply was read. Every ping has a number, and a pong proves its own
 * ping and all pings before it: a peer may answer only the latest of several.
 */
import type { WebSocket } from 'ws';
import type { Limits } from '@federation-agent/contracts';
import type { Clock } from '@federation-agent/base';

export interface Heartbeat {
  /** Starts the pings. */
  start(): void;
  /** Called when something came from the peer. */
  heard(): void;
  /** Pings now. True when all that was sent before is proven to be read; false when the socket ends without proof. */
  confirm(): Promise<boolean>;
  /** The number of the last ping sent. An answer to anything that is sent after it proves this ping. */
  mark(): number;
  /** Marks all pings up to this number as read, because something sent behind them was answered. */
  proven(mark: number): void;
  /** Whether a pong came within `freshPong`. */
  fresh(): boolean;
  /** Stops the pings; what is not proven by now never will be. */
  stop(): void;
}

export interface HeartbeatOptions {
  readonly socket: WebSocket;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly onDead: () => void;
}

export function createHeartbeat({ socket, limits, clock, onDead }: HeartbeatOptions): Heartbeat {
  const open = new Map<number, (proven: boolean) => void>();
  let last = 0;
  let heardAt = clock.now();
  let pongAt: number | undefined;
  let tickedAt = clock.now();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const ping = (): number => {
    last += 1;
    if (socket.readyState === socket.OPEN) socket.ping(String(last));
    return last;
  };
  const proven = (mark: number): void => {
    for (const [number, resolve] of open) {
      if (number > mark) continue;
      open.delete(number);
      resolve(true);
    }
  };
  const tick = (): void => {
    const now = clock.now();
    // A late tick means that this process stood still: it has not yet read what the peer sent meanwhile.
    const stoodStill = now - tickedAt > 2 * limits.pingInterval;
    tickedAt = now;
    if (stoodStill) heardAt = Math.max(heardAt, now - limits.pingInterval);
    if (now - heardAt > limits.deadPeer) onDead();
    else ping();
  };
  socket.on('pong', (data) => {
    heardAt = clock.now();
    const number = Number(data.toString('latin1'));
    if (!Number.isSafeInteger(number) || number < 1 || number > last) return;
    pongAt = heardAt;
    proven(number);
  });
  socket.on('ping', () => {
    heardAt = clock.now();
  });

  return {
    start: () => {
      if (stopped || timer !== undefined) return;
      heardAt = tickedAt = clock.now();
      ping();
      timer = setInterval(tick, limits.pingInterval);
    },
    heard: () => {
      heardAt = clock.now();
    },
    confirm: () => {
      if (stopped) return Promise.resolve(false);
      const number = ping();
      return new Promise((resolve) => open.set(number, resolve));
    },
    mark: () => last,
    proven,
    fresh: () => pongAt !== undefined && clock.now() - pongAt <= limits.freshPong,
    stop: () => {
      stopped = true;
      clearInterval(timer);
      for (const resolve of open.values()) resolve(false);
      open.clear();
    },
  };
}
