/** Stands between an agent and its broker, and counts what the agent sends. */
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';

export interface CountingRelay {
  readonly url: string;
  /** Messages that clients have published so far: requests, answers, acknowledgements. */
  sent(): number;
  stop(): void;
}

/** `PUB` and `HPUB` begin a line of the protocol. A line that is split between two reads is not counted. */
const published = /(?:^|\r\n)H?PUB /gu;

export async function startCountingRelay(brokerPort: number): Promise<CountingRelay> {
  let sent = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const broker = connect(brokerPort, '127.0.0.1');
    for (const socket of [client, broker]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    }
    client.on('data', (data: Buffer) => {
      sent += data.toString('latin1').match(published)?.length ?? 0;
    });
    client.pipe(broker).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: () => sent,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
