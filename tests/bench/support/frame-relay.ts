/** A TCP relay between the agent and APIM that notes what the agent sends, so that it can be sent again. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface FrameRelay {
  /** For the agent, in place of the controller's endpoint. */
  readonly endpoint: string;
  /** The INGEST messages that have passed, in order. */
  ingests(): Buffer[];
  /** Cuts what is connected; from then on nothing listens there. */
  stop(): void;
}

const ingest = 't:COMMAND;;et:INGEST;;';
const endOfHead = '\r\n\r\n';

/** Passes bytes on as they are. It takes them apart only when it is asked what they were. */
export async function startFrameRelay(target: string): Promise<FrameRelay> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const noted: Buffer[][] = [];
  const server = createServer((client) => {
    const controller = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    noted.push(chunks);
    for (const [socket, other] of [
      [client, controller],
      [controller, client],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (data: Buffer) => chunks.push(data));
    client.pipe(controller).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ingests: () => noted.flatMap((chunks) => messagesIn(Buffer.concat(chunks))).filter(isIngest),
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const isIngest = (message: Buffer): boolean => message.toString('latin1', 0, ingest.length) === ingest;

/** The binary messages in what a WebSocket client has written, upgrade first. */
function messagesIn(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  let fragments: Buffer[] = [];
  let at = bytes.indexOf(endOfHead) + endOfHead.length;
  while (at + 2 <= bytes.length) {
    const [first, second] = [bytes.readUInt8(at), bytes.readUInt8(at + 1)];
    const short = second & 0x7f;
    const head = short === 127 ? 10 : short === 126 ? 4 : 2;
    const length =
      short === 127
        ? Number(bytes.readBigUInt64BE(at + 2))
        : short === 126
          ? bytes.readUInt16BE(at + 2)
          : short;
    const from = at + head + 4;
    // Control frames, from 8 on, may come between the fragments of a message.
    if ((first & 0x0f) < 8) {
      fragments.push(unmasked(bytes.subarray(from, from + length), bytes.subarray(at + head, from)));
      if (first & 0x80) {
        messages.push(Buffer.concat(fragments));
        fragments = [];
      }
    }
    at = from + length;
  }
  return messages;
}

function unmasked(payload: Buffer, mask: Buffer): Buffer {
  const [a = 0, b = 0, c = 0, d = 0] = mask;
  const key = [a, b, c, d];
  return Buffer.from(payload.map((byte, index) => byte ^ (key[index & 3] ?? 0)));
}
