/** The least that a connector can do for an ingest: it sends messages that are ready, and waits for each answer. */
import { setTimeout as pause } from 'node:timers/promises';
import {
  encodeCommand,
  encodeReply,
  maxFrameBytes,
  parseFrame,
  provider,
  succeeded,
} from '@federation-agent/contracts';
import type { Command } from '@federation-agent/contracts';
import { WebSocket } from 'ws';

export interface BareClientOptions {
  /** Of the controller. */
  readonly endpoint: string;
  readonly token: string;
  readonly integration: string;
  /** The INGEST messages of a whole job. The id of the job in them is overwritten. */
  readonly messages: readonly Buffer[];
  /** How many APIs are in them. */
  readonly total: number;
  /** From the answer to START_INGEST to the first message, ms. */
  readonly startDelayMs: number;
}

const jobField = '"ingestJobId":"';
const idLength = 36;

/** Connects, and answers every START_INGEST with these messages. Resolves once HELLO is accepted. */
export async function connectBareClient(options: BareClientOptions): Promise<{ stop(): void }> {
  const { endpoint, token, integration, messages, total, startDelayMs } = options;
  const socket = new WebSocket(`${endpoint.replace('http', 'ws')}/exchange/controller`, {
    perMessageDeflate: false,
    headers: { Authorization: `bearer ${token}`, 'X-Gravitee-Exchange-Protocol': 'v1' },
  });
  const replies = new Map<string, (accepted: boolean) => void>();

  const write = (message: Buffer): void => {
    for (let at = 0; at < message.length; at += maxFrameBytes)
      socket.send(message.subarray(at, at + maxFrameBytes), {
        binary: true,
        fin: at + maxFrameBytes >= message.length,
      });
  };
  const ask = (id: string, message: Buffer): Promise<boolean> => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    replies.set(id, resolve);
    write(message);
    return promise;
  };
  const runJob = async (ingestJobId: string): Promise<void> => {
    await pause(startDelayMs);
    for (const message of messages) {
      message.write(ingestJobId, message.indexOf(jobField) + jobField.length);
      if (!(await ask(idOf(message), message))) throw new Error('APIM refused what it has taken before');
    }
  };
  const answer = ({ id, type, payload }: Command): void => {
    const ingestJobId = String(payload['ingestJobId']);
    const content =
      type === 'HEALTH_CHECK' ? { healthy: true } : type === 'PRIMARY' ? {} : { ingestJobId, total };
    write(encodeReply(succeeded(id, type, content)));
    if (type === 'START_INGEST') void runJob(ingestJobId);
  };

  socket.on('message', (data: Buffer) => {
    const frame = parseFrame(data);
    if (frame.kind === 'command') answer(frame.command);
    if (frame.kind !== 'reply') return;
    const { commandId, commandStatus } = frame.reply;
    replies.get(commandId)?.(commandStatus === 'SUCCEEDED');
    replies.delete(commandId);
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve).once('error', reject);
  });
  const hello = { id: 'hello', type: 'HELLO', payload: { targetId: integration, provider } };
  if (!(await ask(hello.id, encodeCommand(hello)))) throw new Error('HELLO was refused');
  return { stop: () => socket.close() };
}

/** The id of the command, which is its first field. */
function idOf(message: Buffer): string {
  const from = message.indexOf('{"id":"') + '{"id":"'.length;
  return message.toString('latin1', from, from + idLength);
}
