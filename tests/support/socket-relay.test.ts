import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import { startSocketRelay } from './socket-relay.ts';
import type { SocketRelay } from './socket-relay.ts';

let server: WebSocketServer;
let relay: SocketRelay;
let heard: string[];

beforeEach(async () => {
  heard = [];
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => heard.push(data.toString()));
    socket.on('close', (code) => heard.push(`close ${code}`));
  });
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  relay = await startSocketRelay(`http://127.0.0.1:${port}`);
});

afterEach(async () => {
  await relay.stop();
  server.close();
});

const dial = (): WebSocket => new WebSocket(relay.endpoint.replace('http', 'ws'));

test('passes messages both ways, and puts its own in', async () => {
  const socket = dial();
  await once(socket, 'open');
  const texts = ['short', 'long '.repeat(200)];
  for (const text of texts) {
    const [answered] = [once(socket, 'message')];
    relay.inject(Buffer.from(text));
    expect(String((await answered)[0])).toBe(text);
  }
  socket.send('up');
  socket.close(1000);
  await once(socket, 'close');
  expect(heard).toEqual(['up', 'close 1000']);
});

test('mutes a client until it closes, and tells the code; the next client is not muted', async () => {
  relay.muteNext();
  relay.greetNext(Buffer.from('good-bye'));
  const socket = dial();
  const greeted = once(socket, 'message');
  await once(socket, 'open');
  socket.send('hello');
  expect(String((await greeted)[0])).toBe('good-bye');
  expect(heard).toEqual([]);
  socket.close(1013);
  await once(socket, 'close');
  expect(heard).toEqual(['close 1013']);
  expect(relay.closeCodes()).toEqual([1013]);

  const next = dial();
  await once(next, 'open');
  const said = new Promise((resolve) => [...server.clients].at(-1)?.once('message', resolve));
  next.send('at once');
  await said;
  expect(heard.at(-1)).toBe('at once');
});

test('a reset on one side ends the other', async () => {
  const socket = dial();
  await once(socket, 'open');
  const closed = once(socket, 'close');
  for (const client of server.clients) client.terminate();
  expect((await closed)[0]).toBe(1006);
});

test('is slow, and keeps the order', async () => {
  relay.slowUp(20);
  const socket = dial();
  await once(socket, 'open');
  const began = performance.now();
  const said = Array.from({ length: 5 }, (_, index) => String(index));
  for (const [index, text] of said.entries()) {
    socket.send(text);
    const last = index === said.length - 1;
    // One chunk for each, or they would be slow together.
    await new Promise((resolve) => setTimeout(resolve, last ? 0 : 5));
  }
  socket.close(1000);
  await once(socket, 'close');
  expect(heard).toEqual([...said, 'close 1000']);
  expect(performance.now() - began).toBeGreaterThan(3 * 20);
});
