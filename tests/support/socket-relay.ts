import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/**
 * A TCP relay between a gateway-link and a controller, for what neither of them does by itself: hold back what the link
 * says after the upgrade, so that its HELLO is late, and put messages of our own onto the way down.
 */
export interface SocketRelay {
  /** For the agent, instead of the controller's endpoint. */
  readonly endpoint: string;
  /** On the next connection nothing but the upgrade request goes up until the link closes: its HELLO is late. */
  holdNext(): void;
  /** The next connection gets this message right after the answer to its upgrade. */
  greetNext(message: Uint8Array): void;
  /** Sends a binary WebSocket message to the link as if the controller had. */
  inject(message: Uint8Array): void;
  stop(): Promise<void>;
}

const OPCODE_CLOSE = 0x8;
const MASK_BYTES = 4;
const END_OF_HEAD = '\r\n\r\n';

interface Pair {
  readonly down: Socket;
  readonly up: Socket;
  readonly held: Buffer[];
  holding: boolean;
}

/** Starts a relay in front of an http endpoint. */
export async function startSocketRelay(target: string): Promise<SocketRelay> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<Pair>();
  let holding = false;
  let greeting: Uint8Array | undefined;

  const server = createServer((down) => {
    const up = createConnection({ host: hostname, port: Number(port) });
    const pair: Pair = { down, up, held: [], holding };
    const greet = greeting;
    greeting = undefined;
    holding = false;
    pairs.add(pair);
    relayUp(pair);
    relayDown(pair, greet);
    for (const [one, other] of [
      [down, up],
      [up, down],
    ] as const) {
      // Whatever ends one side, with or without a reset, ends the other.
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
    holdNext: () => {
      holding = true;
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

function relayUp(pair: Pair): void {
  let head = '';
  let upgraded = false;
  pair.down.on('data', (chunk) => {
    if (!upgraded) {
      // The link says nothing before the answer to its upgrade, so the head ends with a chunk.
      head += chunk.toString('latin1');
      upgraded = head.includes(END_OF_HEAD);
      pair.up.write(chunk);
    } else {
      pair.held.push(chunk);
      if (hasClose(Buffer.concat(pair.held))) pair.holding = false;
      if (!pair.holding) for (const one of pair.held.splice(0)) pair.up.write(one);
    }
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

/** Whether there is a Close among a client's frames, which are masked; large ones are not looked into. */
function hasClose(frames: Buffer): boolean {
  for (let at = 0; at + 2 <= frames.length;) {
    const opcode = (frames[at] ?? 0) & 0x0f;
    const short = (frames[at + 1] ?? 0) & 0x7f;
    if (opcode === OPCODE_CLOSE) return true;
    if (short === 127 || (short === 126 && at + 4 > frames.length)) return false;
    at += (short === 126 ? 4 + frames.readUInt16BE(at + 2) : 2 + short) + MASK_BYTES;
  }
  return false;
}

/** One unfragmented binary frame as a server writes it: not masked. At most 65,535 bytes. */
function serverFrame(message: Uint8Array): Buffer {
  const head = message.length < 126 ? Buffer.from([0x82, message.length]) : Buffer.alloc(4);
  if (message.length >= 126) {
    head.set([0x82, 126]);
    head.writeUInt16BE(message.length, 2);
  }
  return Buffer.concat([head, message]);
}
