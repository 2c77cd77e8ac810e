/**
 * Small proxies for tests. Every name leads to 127.0.0.1, so that a test reaches its servers by names that are not
 * loopback.
 */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { serverIdentity } from './tls-fixtures.ts';

export interface ForwardProxyOptions {
  /** HTTPS: HTTP CONNECT over TLS, as `localhost`, with a certificate of the fixtures' private authority. */
  readonly type: 'HTTP' | 'HTTPS' | 'SOCKS4' | 'SOCKS5';
  /** Required from every client. SOCKS4 has no password. */
  readonly login?: { readonly username: string; readonly password: string };
  /** HTTP: every CONNECT is answered with this status. */
  readonly refuse?: number;
  /** Accepts connections but never answers. */
  readonly mute?: boolean;
}

export interface ForwardProxy {
  readonly port: number;
  /** Hosts and ports that were asked for and allowed, as written in the request. */
  readonly seen: readonly string[];
  /** Connections to it that are open now. */
  connections(): number;
  /** HTTP: from now on every CONNECT is answered with this status. */
  refuse(status: number): void;
  stop(): Promise<void>;
}

export async function startForwardProxy(given: ForwardProxyOptions): Promise<ForwardProxy> {
  const options: { -readonly [Key in keyof ForwardProxyOptions]: ForwardProxyOptions[Key] } = { ...given };
  const seen: string[] = [];
  const open = new Set<Socket>();
  const server = options.mute
    ? createServer((socket) => socket.resume())
    : options.type === 'HTTP' || options.type === 'HTTPS'
      ? httpProxy(options, seen)
      : createServer((socket) => {
          const talk = options.type === 'SOCKS4' ? socks4 : socks5;
          talk(socket, options, seen).catch(() => socket.destroy());
        });
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    connections: () => open.size,
    refuse: (status) => (options.refuse = status),
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

function httpProxy(options: ForwardProxyOptions, seen: string[]): Server {
  const { login } = options;
  const expected = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  const server =
    options.type === 'HTTP' ? createHttpServer() : createHttpsServer(serverIdentity('server.pem'));
  return server.on('connect', (request, socket: Socket, head: Buffer) => {
    const allowed = expected === undefined || request.headers['proxy-authorization'] === expected;
    const status = allowed ? (options.refuse ?? 200) : 407;
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    const target = request.url ?? '';
    forward(socket, target, seen, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      if (head.length > 0) socket.unshift(head);
    });
  });
}

/** Version, command, port, address, user and, where the address is 0.0.0.x, the name of the host. */
async function socks4(socket: Socket, { login }: ForwardProxyOptions, seen: string[]): Promise<void> {
  const head = await take(socket, 8);
  const username = await text(socket);
  const address = head.subarray(4, 8);
  const named = address.readUInt32BE() < 256;
  const host = named ? await text(socket) : address.join('.');
  if (login && username !== login.username) {
    socket.end(Buffer.from([0, 0x5d, 0, 0, 0, 0, 0, 0]));
    return;
  }
  forward(socket, `${host}:${head.readUInt16BE(2)}`, seen, () =>
    socket.write(Buffer.from([0, 0x5a, 0, 0, 0, 0, 0, 0])),
  );
}

async function socks5(socket: Socket, { login }: ForwardProxyOptions, seen: string[]): Promise<void> {
  const [, methods = 0] = await take(socket, 2);
  const offered = await take(socket, methods);
  const method = login ? 2 : 0;
  if (!offered.includes(method)) {
    socket.end(Buffer.from([5, 0xff]));
    return;
  }
  socket.write(Buffer.from([5, method]));
  if (login) {
    await take(socket, 1);
    const username = await counted(socket);
    const password = await counted(socket);
    const right = username === login.username && password === login.password;
    socket.write(Buffer.from([1, right ? 0 : 1]));
    if (!right) {
      socket.end();
      return;
    }
  }
  const [, , , kind] = await take(socket, 4);
  const host = kind === 3 ? await counted(socket) : (await take(socket, kind === 1 ? 4 : 16)).join('.');
  const port = (await take(socket, 2)).readUInt16BE();
  forward(socket, `${host}:${port}`, seen, () => socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])));
}

function forward(socket: Socket, target: string, seen: string[], connected: () => void): void {
  seen.push(target);
  const onward = connect(Number(target.split(':').at(-1)), '127.0.0.1', () => {
    connected();
    socket.pipe(onward).pipe(socket);
  });
  onward.on('error', () => socket.destroy()).on('close', () => socket.destroy());
  socket.on('error', () => onward.destroy()).on('close', () => onward.destroy());
}

/** Returns this many bytes, however they arrive. */
async function take(socket: Socket, length: number): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read(length) as Buffer | null;
    if (bytes) return bytes;
    await once(socket, 'readable');
  }
}

/** A text with its length before it. */
async function counted(socket: Socket): Promise<string> {
  const [length = 0] = await take(socket, 1);
  return length === 0 ? '' : (await take(socket, length)).toString('utf8');
}

/** A text that ends with a zero byte. */
async function text(socket: Socket): Promise<string> {
  const bytes: number[] = [];
  for (;;) {
    const [byte = 0] = await take(socket, 1);
    if (byte === 0) return Buffer.from(bytes).toString('utf8');
    bytes.push(byte);
  }
}
