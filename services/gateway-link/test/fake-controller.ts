/** A controller on loopback for the tests of this package: real sockets, and it does what the script says. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  encodeCommand,
  encodeReply,
  failed,
  parseFrame,
  succeeded,
  type Command,
  type ParsedFrame,
  type Reply,
} from '@federation-agent/contracts';
import { readRawFrames, type RawFrame } from './raw-frames.ts';

/** What it does with a command of the connector; undefined: nothing. */
export type Script = (command: Command, connection: FakeConnection) => Reply | undefined;

export interface FakeConnection {
  readonly request: IncomingMessage;
  readonly webSocket: WebSocket;
  readonly tcp: Socket;
  /** Everything that was read, and every frame head that came over the wire. */
  readonly frames: ParsedFrame[];
  readonly raw: RawFrame[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** False: pings stay unanswered. */
  pongs: boolean;
  /** The first frame that fits, come or still to come. */
  next<K extends ParsedFrame['kind']>(
    kind: K,
    fits?: (frame: Extract<ParsedFrame, { kind: K }>) => boolean,
  ): Promise<Extract<ParsedFrame, { kind: K }>>;
  /** Sends a command; returns its id. */
  command(type: string, payload?: Record<string, unknown>, id?: string): string;
  /** The reply to a command, come or still to come. */
  replyTo(commandId: string): Promise<Reply>;
  send(bytes: Buffer | string): void;
}

export interface FakeController {
  readonly endpoint: string;
  readonly connections: FakeConnection[];
  /** The n-th connection, counted from 0, come or still to come. */
  connection(index: number): Promise<FakeConnection>;
  /** Upgrades refused so far. */
  readonly refusals: number[];
  /** HTTP status for every upgrade; undefined: upgrade. */
  refuseWith: number | undefined;
  script: Script;
  stop(): Promise<void>;
}

/** Accepts every HELLO and INGEST. */
export const acceptAll: Script = ({ id, type, payload }) =>
  type === 'HELLO' ? succeeded(id, type, { targetId: payload['targetId'] }) : succeeded(id, type);

/** Refuses HELLO as the real one does. */
export const refuseHello: Script = ({ id, type }) => failed(id, type, 'Integration [id=x] does not match');

export async function startFakeController(script: Script = acceptAll): Promise<FakeController> {
  const http = createServer((_request, response) => response.writeHead(404).end());
  const server = new WebSocketServer({
    noServer: true,
    autoPong: false,
    maxPayload: 64 * 1024 * 1024,
    perMessageDeflate: true,
  });
  const arrived = createWaits<FakeConnection>();
  const controller: FakeController = {
    endpoint: '',
    connections: arrived.items,
    connection: (index) => arrived.find((_item, at) => at === index),
    refusals: [],
    refuseWith: undefined,
    script,
    stop: async () => {
      for (const { tcp } of arrived.items) tcp.destroy();
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  http.on('upgrade', (request, tcp: Socket, head) => {
    const status = request.url?.endsWith('/exchange/controller') ? controller.refuseWith : 404;
    if (status !== undefined) {
      controller.refusals.push(status);
      tcp.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      return;
    }
    server.handleUpgrade(request, tcp, head, (webSocket) => {
      arrived.add(open(webSocket, request, tcp, controller));
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return Object.assign(controller, { endpoint: `http://127.0.0.1:${(http.address() as AddressInfo).port}` });
}

function open(
  webSocket: WebSocket,
  request: IncomingMessage,
  tcp: Socket,
  controller: FakeController,
): FakeConnection {
  const frames = createWaits<ParsedFrame>();
  const raw: RawFrame[] = [];
  const closed = Promise.withResolvers<{ code: number; reason: string }>();
  let count = 0;
  const connection: FakeConnection = {
    request,
    webSocket,
    tcp,
    frames: frames.items,
    raw,
    closed: closed.promise,
    pongs: true,
    next: async (kind, fits = () => true) => {
      type Wanted = Extract<ParsedFrame, { kind: typeof kind }>;
      return (await frames.find((frame) => frame.kind === kind && fits(frame as Wanted))) as Wanted;
    },
    command: (type, payload = {}, id = `${Date.now()}-${Math.random()}-${(count += 1)}`) => {
      webSocket.send(encodeCommand({ id, type, payload }));
      return id;
    },
    replyTo: async (commandId) =>
      (await connection.next('reply', ({ reply }) => reply.commandId === commandId)).reply,
    send: (bytes) => webSocket.send(bytes),
  };
  tcp.on(
    'data',
    readRawFrames((frame) => raw.push(frame)),
  );
  webSocket.on('ping', (data) => {
    if (connection.pongs) webSocket.pong(data);
  });
  webSocket.on('error', () => undefined);
  webSocket.on('close', (code, reason) => closed.resolve({ code, reason: reason.toString() }));
  webSocket.on('message', (data: Buffer) => {
    const frame = parseFrame(data);
    frames.add(frame);
    if (frame.kind !== 'command') return;
    const reply = controller.script(frame.command, connection);
    if (reply) webSocket.send(encodeReply(reply));
  });
  return connection;
}

/** A list that can be waited on. */
function createWaits<T>() {
  const items: T[] = [];
  const waiting: {
    readonly fits: (item: T, index: number) => boolean;
    readonly resolve: (item: T) => void;
  }[] = [];
  return {
    items,
    add: (item: T): void => {
      items.push(item);
      for (const wait of [...waiting]) {
        if (!wait.fits(item, items.length - 1)) continue;
        waiting.splice(waiting.indexOf(wait), 1);
        wait.resolve(item);
      }
    },
    find: (fits: (item: T, index: number) => boolean): Promise<T> => {
      const index = items.findIndex(fits);
      const found = items[index];
      if (found !== undefined) return Promise.resolve(found);
      return new Promise((resolve) => waiting.push({ fits, resolve }));
    },
  };
}
