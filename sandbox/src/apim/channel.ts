/**
 * One socket of the controller: frames in and out, pending commands, and the closes and silent drops of the real one.
 */
import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import {
  encodeCommand,
  encodeReply,
  maxFrameBytes,
  maxMessageBytes,
  type Reply,
} from '@federation-agent/contracts';
import type WebSocket from 'ws';
import type { EventLog } from './event-log.ts';
import { isAtLeast } from './options.ts';
import { type ReadCommand, readCommand, type ReadReply, readReply } from './reader.ts';

/** A command that ended without a reply; the text is what the caller of the control API sees. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

export interface Channel {
  readonly id: string;
  targetId: string | undefined;
  active: boolean;
  primary: boolean;
  healthy: boolean | undefined;
  healthDetail: string | undefined;
  readonly pending: boolean;
  /** Sends a command and waits for its reply. */
  send(type: string, payload: object, timeoutMs: number): Promise<ReadReply>;
  reply(reply: Reply): void;
  ping(): void;
  close(code: number, reason: string): void;
  /** Cuts the TCP connection without a close frame: FIN, or RST. */
  cut(reset: boolean): void;
}

export interface ChannelOptions {
  readonly ws: WebSocket;
  readonly socket: Duplex & { resetAndDestroy?: () => unknown };
  readonly events: EventLog;
  readonly exchangeVersion: string;
  readonly onCommand: (channel: Channel, command: ReadCommand, bytes: number) => void;
  readonly onClosed: (channel: Channel, code: number, reason: string) => void;
}

interface Waiting {
  readonly resolve: (reply: ReadReply) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export function openChannel({
  ws,
  socket,
  events,
  exchangeVersion,
  onCommand,
  onClosed,
}: ChannelOptions): Channel {
  const waiting = new Map<string, Waiting>();
  const channel: Channel = {
    id: randomUUID(),
    targetId: undefined,
    active: false,
    primary: false,
    healthy: undefined,
    healthDetail: undefined,
    get pending() {
      return waiting.size > 0;
    },
    send(type, payload, timeoutMs) {
      const id = randomUUID();
      const startedAt = performance.now();
      const elapsed = (): number => Math.round((performance.now() - startedAt) * 10) / 10;
      events.add('command', { channel: channel.id, target: channel.targetId, type, id });
      const sent = new Promise<ReadReply>((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new CommandFailure(`ChannelTimeoutException: no reply to ${type} within ${timeoutMs} ms`));
        }, timeoutMs);
        waiting.set(id, { resolve, reject, timer });
        write(encodeCommand({ id, type, payload: { ...payload } }));
      });
      void sent.then(
        (reply) => {
          if (reply.type === 'HEALTH_CHECK') {
            channel.healthy = reply.payload?.['healthy'] === true;
            channel.healthDetail = reply.payload?.['detail'] as string | undefined;
          }
          events.add('reply', {
            channel: channel.id,
            type: reply.type,
            commandId: id,
            status: reply.commandStatus,
            errorDetails: reply.errorDetails,
            elapsedMs: elapsed(),
            ...(reply.type === 'HEALTH_CHECK' && { healthy: channel.healthy, detail: channel.healthDetail }),
          });
        },
        (error: unknown) =>
          events.add('command-failed', {
            channel: channel.id,
            type,
            commandId: id,
            error: (error as Error).message,
            elapsedMs: elapsed(),
          }),
      );
      return sent;
    },
    reply: (reply) => write(encodeReply(reply)),
    ping: () => {
      if (ws.readyState === ws.OPEN) ws.ping();
    },
    close: (code, reason) => ws.close(code, reason),
    cut: (reset) => {
      if (reset) socket.resetAndDestroy?.();
      else socket.destroy();
    },
  };

  /** The controller splits its own messages into fragments of 65,536 bytes. */
  function write(message: Buffer): void {
    if (ws.readyState !== ws.OPEN) return;
    for (let at = 0; at < message.length || at === 0; at += maxFrameBytes) {
      ws.send(message.subarray(at, at + maxFrameBytes), {
        binary: true,
        fin: at + maxFrameBytes >= message.length,
      });
    }
  }

  ws.on('message', (data: Buffer, isBinary: boolean) => {
    if (!isBinary) {
      ws.close(1003, 'Unsupported text frame');
      return;
    }
    if (data.length === 0 || data.length > maxMessageBytes) return;
    receive(data.toString('utf8'), data.length);
  });
  ws.on('close', (code: number, reason: Buffer) => {
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer);
      reject(new CommandFailure('ChannelClosedException: Channel is closed'));
    }
    waiting.clear();
    onClosed(channel, code, reason.toString());
  });
  ws.on('error', () => {
    // The close event follows; a cut socket needs no report here.
  });

  function receive(text: string, bytes: number): void {
    if (!text.startsWith('t:COMMAND;;') && !text.startsWith('t:REPLY;;')) {
      ws.close(1002, 'Exchange message unknown');
      return;
    }
    const at = text.indexOf(';;e:');
    if (at < 0) {
      ws.close(1002, 'Unrecognized incoming exchange');
      return;
    }
    const json = text.slice(at + ';;e:'.length);
    const frame = text.startsWith('t:COMMAND') ? 'COMMAND' : 'REPLY';
    try {
      // Up to 2.0.1 the controller splits the whole frame at every `;;`, so the remaining JSON does not parse.
      if (json.includes(';;') && !isAtLeast(exchangeVersion, '2.0.2')) throw new SyntaxError('split at ;;');
      if (frame === 'COMMAND') {
        const command = readCommand(json);
        setImmediate(() => onCommand(channel, command, Buffer.byteLength(json)));
      } else {
        settle(readReply(json));
      }
    } catch (error) {
      const type = /;;et:([^;]*);;/u.exec(text)?.[1];
      events.add('unreadable', {
        frame,
        type,
        chars: json.length,
        bytes,
        error: String(error).slice(0, 300),
      });
    }
  }

  function settle(reply: ReadReply): void {
    const one = waiting.get(reply.commandId);
    if (!one) {
      // The real controller silently drops it; tests want to know.
      events.add('reply-unexpected', { channel: channel.id, type: reply.type, commandId: reply.commandId });
      return;
    }
    waiting.delete(reply.commandId);
    clearTimeout(one.timer);
    one.resolve(reply);
  }

  return channel;
}
