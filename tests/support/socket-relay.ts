import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * A TCP relay between a gateway-link and a controller, for what neither does or shows by itself: it can lose a HELLO,
 * be slow, insert messages towards the link, and tell with which code a link closed.
 */
export interface SocketRelay {
  /** For the agent, in place of the controller's endpoint. */
  readonly endpoint: string;
  /** The next connection passes only the upgrade request and a Close to the controller: its HELLO never arrives. */
  muteNext(): void;
  /** Codes of every Close that a link has sent, in order. */
  closeCodes(): readonly number[];
  /** From the next connection on, everything towards the controller is delayed by this many milliseconds, in order. */
  slowUp(ms: number): void;
  /** The next connection gets this message right after the answer to its upgrade. */
  greetNext(message: Uint8Array): void;
  /** Sends a binary WebSocket message to the link as if it came from the controller. */
  inject(message: Uint8Array): void;
  stop(): Promise<void>;
}

const OPCODE_CLOSE = 0x8;
const MASK_BYTES = 4;
const HEAD_BYTES = 2;
const END_OF_HEAD = '\r\n\r\n';

interface Pair {
  readonly down: Socket;
  readonly up: Socket;
  readonly muted: boolean;
  readonly slowMs: number;
}

/** Starts a relay in front of an http endpoint. */
export async function startSocketRelay(target: string): Promise<SocketRelay> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<Pair>();
  let muted = false;
  let slowMs = 0;
  const codes: number[] = [];
  let greeting: Uint8Array | undefined;

  const server = createServer((down) => {
    const up = createConnection({ host: hostname, port: Number(port) });
    const pair: Pair = { down, up, muted, slowMs };
    const greet = greeting;
    greeting = undefined;
    muted = false;
    pairs.add(pair);
    relayUp(pair, (code) => codes.push(code));
    relayDown(pair, greet);
    for (const [one, other] of [
      [down, up],
      [up, down],
    ] as const) {
      // When one side ends, with or without a reset, the other side ends too.
      one.on('error', () => other.resetAndDestroy());
      one.on('close', () => {
        other.destroy();
        pairs.delete(pair);
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    muteNext: () => {
      muted = true;
    },
    closeCodes: () => codes,
    slowUp: (ms) => {
      slowMs = ms;
    },
    greetNext: (message) => {
      greeting = message;
    },
    inject: (message) => {
      for (const { down } of pairs) down.write(serverFrame(message));
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

function relayUp({ down, up, muted, slowMs }: Pair, onClose: (code: number) => void): void {
  let head = '';
  let upgraded = false;
  let before = Promise.resolve();
  const write = (bytes: Buffer): void => {
    if (slowMs === 0) up.write(bytes);
    else before = before.then(() => delay(slowMs)).then(() => void up.write(bytes));
  };
  down.on('data', (chunk) => {
    if (!upgraded) {
      // The link sends nothing before the answer to its upgrade, so the head ends at the end of a chunk.
      head += chunk.toString('latin1');
      upgraded = head.includes(END_OF_HEAD);
      write(chunk);
      return;
    }
    const close = closeIn(chunk);
    if (close) onClose(codeOf(close));
    if (!muted) write(chunk);
    else if (close) write(close);
  });
}

function relayDown(pair: Pair, greet: Uint8Array | undefined): void {
  let head = '';
  let upgraded = false;
  pair.up.on('data', (chunk) => {
    pair.down.write(chunk);
    if (upgraded) return;
    head += chunk.toString('latin1');
    upgraded = head.includes(END_OF_HEAD);
    if (upgraded && greet) pair.down.write(serverFrame(greet));
  });
}

/** Finds the Close among a client's frames. A chunk begins with a frame as long as frames are small. */
function closeIn(chunk: Buffer): Buffer | undefined {
  for (let at = 0; at + HEAD_BYTES <= chunk.length;) {
    const opcode = (chunk[at] ?? 0) & 0x0f;
    const length = (chunk[at + 1] ?? 0) & 0x7f;
    if (length === 127 || (length === 126 && at + 4 > chunk.length)) return undefined;
    const end = at + HEAD_BYTES + MASK_BYTES + (length === 126 ? 2 + chunk.readUInt16BE(at + 2) : length);
    if (opcode === OPCODE_CLOSE && length < 126) return chunk.subarray(at, end);
    at = end;
  }
  return undefined;
}

/** A Close without a code counts as 1005. */
function codeOf(close: Buffer): number {
  const [mask, payload] = [close.subarray(HEAD_BYTES), close.subarray(HEAD_BYTES + MASK_BYTES)];
  if (payload.length < 2) return 1005;
  return (((payload[0] ?? 0) ^ (mask[0] ?? 0)) << 8) | ((payload[1] ?? 0) ^ (mask[1] ?? 0));
}

/** One unfragmented binary frame from a server, which is not masked. At most 65,535 bytes. */
function serverFrame(message: Uint8Array): Buffer {
  const head = message.length < 126 ? Buffer.from([0x82, message.length]) : Buffer.alloc(4);
  if (message.length >= 126) {
    head.set([0x82, 126]);
    head.writeUInt16BE(message.length, 2);
  }
  return Buffer.concat([head, message]);
}
