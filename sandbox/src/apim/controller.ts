/**
 * The WebSocket side of the sandbox APIM: upgrade, HELLO, PRIMARY, health rounds, GOOD_BYE, and the choice of the
 * channel for a command. It closes and stays silent in the cases that were measured on the real controller.
 */
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  failed,
  maxFrameBytes,
  maxMessageBytes,
  succeeded,
  unhandledCommand,
  unknownCommand,
} from '@federation-agent/contracts';
import { WebSocketServer } from 'ws';
import { type Channel, CommandFailure, openChannel } from './channel.ts';
import type { EventLog } from './event-log.ts';
import { watchFrameSizes } from './frame-sizes.ts';
import { type ApimOptions, isAtLeast } from './options.ts';
import type { ReadCommand, ReadReply } from './reader.ts';

const path = '/exchange/controller';
const knownTypes = [
  'DISCOVER',
  'START_INGEST',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'PRIMARY',
  'HEALTH_CHECK',
  'GOOD_BYE',
];

export type IngestHandler = (
  integrationId: string,
  payload: Extract<ReadCommand, { type: 'INGEST' }>['payload'],
  bytes: number,
) => Promise<void>;

export interface Controller {
  readonly port: number;
  channelsOf(integrationId: string): readonly Channel[];
  /** Sends to one active channel of the integration. The channel stays the same until it leaves. */
  send(integrationId: string, type: string, payload: object, timeoutMs?: number): Promise<ReadReply>;
  goodBye(integrationId: string, reconnect: boolean): number;
  drop(integrationId: string, reset: boolean): number;
  stop(): Promise<void>;
}

export async function startController(
  options: ApimOptions,
  events: EventLog,
  onIngest: IngestHandler,
): Promise<Controller> {
  const channels = new Set<Channel>();
  const server = createServer((_request, response) => response.writeHead(404).end());
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: true,
    maxPayload: 4 * maxMessageBytes,
  });
  const saysGoodBye = isAtLeast(options.exchangeVersion, '1.8.5');

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {
      // A peer that resets needs no report.
    });
    const refused = refusal(request, options.tokens);
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => name !== 'authorization'),
    );
    if (refused === '404 Not Found') {
      socket.end(`HTTP/1.1 ${refused}\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    events.add(refused ? 'upgrade-refused' : 'upgrade', { path: request.url, headers });
    if (refused) {
      socket.end(`HTTP/1.1 ${refused}\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => {
      socket.on(
        'data',
        watchFrameSizes(maxFrameBytes, () => socket.destroy()),
      );
      if (request.headers['x-gravitee-exchange-protocol'] !== 'v1') {
        ws.once('message', () => ws.close(1002, 'Unrecognized incoming exchange'));
        return;
      }
      const channel = openChannel({
        ws,
        socket,
        events,
        exchangeVersion: options.exchangeVersion,
        onCommand,
        onClosed,
      });
      channels.add(channel);
      events.add('channel-open', { channel: channel.id });
    });
  });

  function onClosed(channel: Channel, code: number, reason: string): void {
    channels.delete(channel);
    events.add('channel-closed', { channel: channel.id, target: channel.targetId, code, reason });
    if (channel.primary && channel.targetId !== undefined) elect(channel.targetId);
  }

  function onCommand(channel: Channel, command: ReadCommand, bytes: number): void {
    if (command.type === 'HELLO') {
      hello(channel, command);
    } else if (channel.targetId === undefined) {
      channel.close(1002, 'Hello Command is first expected to initialize the exchange channel');
    } else if (!channel.active) {
      channel.close(1002, 'Channel is inactive');
    } else if (command.type === 'INGEST') {
      void onIngest(channel.targetId, command.payload, bytes).then(
        () => channel.reply(succeeded(command.id, 'INGEST')),
        (error: unknown) => channel.reply(failed(command.id, 'INGEST', (error as Error).message)),
      );
    } else {
      channel.reply(
        knownTypes.includes(command.name)
          ? unhandledCommand(command.id, command.name)
          : unknownCommand(command.id),
      );
    }
  }

  function hello(channel: Channel, { id, payload }: Extract<ReadCommand, { type: 'HELLO' }>): void {
    const targetId = payload.targetId ?? undefined;
    const expected = targetId === undefined ? undefined : options.integrations[targetId];
    const error =
      targetId === undefined || expected === undefined
        ? `Integration [id=${targetId ?? 'null'}] not found`
        : expected === payload.provider
          ? undefined
          : `Integration [id=${targetId}] does not match. Expected provider [provider=${expected}]`;
    events.add('hello', { target: targetId, provider: payload.provider, id, error });
    if (error !== undefined || targetId === undefined) {
      channel.reply(failed(id, 'HELLO', error ?? ''));
      return;
    }
    channel.targetId = targetId;
    channel.active = true;
    channel.reply(succeeded(id, 'HELLO', { targetId }));
    events.add('channel-registered', { channel: channel.id, target: targetId });
    if (channelsOf(targetId).length === 1) elect(targetId);
  }

  /** The elected channel gets `true`, the others `false`. A later channel hears nothing until the next election. */
  function elect(targetId: string): void {
    const [first, ...rest] = channelsOf(targetId);
    for (const channel of [first, ...rest]) {
      if (!channel) continue;
      channel.primary = channel === first;
      channel.send('PRIMARY', { primary: channel.primary }, options.commandTimeoutMs).catch(ignore);
    }
  }

  function channelsOf(integrationId: string): readonly Channel[] {
    return [...channels].filter((channel) => channel.targetId === integrationId);
  }

  async function checkHealth(channel: Channel): Promise<void> {
    if (channel.targetId === undefined) {
      // A health round between upgrade and HELLO: the channel can only get out of this state by obeying this GOOD_BYE.
      if (saysGoodBye) channel.send('GOOD_BYE', { reconnect: true }, options.commandTimeoutMs).catch(ignore);
      return;
    }
    const reply = await channel.send('HEALTH_CHECK', {}, options.commandTimeoutMs).catch(() => undefined);
    if (reply?.commandStatus === 'SUCCEEDED' && channel.healthy) return;
    channel.active = false;
    if (!saysGoodBye) return;
    const goodBye = { targetId: channel.targetId, reconnect: true };
    await channel.send('GOOD_BYE', goodBye, options.commandTimeoutMs).catch(() => channel.close(1011, ''));
  }

  let checking = false;
  const healthRound = setInterval(() => {
    if (checking) return;
    checking = true;
    void Promise.all(
      [...channels].filter((one) => one.active || one.targetId === undefined).map(checkHealth),
    ).finally(() => {
      checking = false;
    });
  }, options.healthIntervalMs);
  const pings = setInterval(() => {
    for (const channel of channels) if (channel.targetId !== undefined) channel.ping();
  }, options.pingIntervalMs);

  await new Promise<void>((resolve) => server.listen(options.wsPort, options.host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    channelsOf,
    async send(integrationId, type, payload, timeoutMs = options.commandTimeoutMs) {
      const channel = channelsOf(integrationId).find((one) => one.active);
      if (!channel) throw new CommandFailure('NoChannelFoundException');
      return channel.send(type, payload, timeoutMs);
    },
    goodBye(integrationId, reconnect) {
      const targets = channelsOf(integrationId);
      for (const channel of targets)
        channel.send('GOOD_BYE', { targetId: integrationId, reconnect }, 10_000).catch(ignore);
      return targets.length;
    },
    drop(integrationId, reset) {
      const targets = channelsOf(integrationId);
      for (const channel of targets) channel.cut(reset);
      events.add('drop', { target: integrationId, channels: targets.length, reset });
      return targets.length;
    },
    async stop() {
      clearInterval(healthRound);
      clearInterval(pings);
      for (const channel of channels) channel.cut(false);
      sockets.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** A wrong token is a 401 at the upgrade, another path a 404. The scheme may be in any case. */
function refusal(request: IncomingMessage, tokens: readonly string[]): string | undefined {
  if (new URL(request.url ?? '/', 'http://localhost').pathname.replace(/\/$/u, '') !== path)
    return '404 Not Found';
  const [, token] = /^bearer\s+(.+)$/iu.exec(request.headers.authorization ?? '') ?? [];
  return token !== undefined && tokens.includes(token.trim()) ? undefined : '401 Unauthorized';
}

function ignore(): void {
  // It is in the event log.
}
