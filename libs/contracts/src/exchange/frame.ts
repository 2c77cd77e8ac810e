/**
 * The frame codec of the APIM exchange protocol. Pure.
 *
 * A frame is `t:<COMMAND or REPLY>;;et:<EXCHANGE TYPE>;;e:<json>` in UTF-8; `e:` is last. Measured on the controller
 * library 1.6.1 to 2.0.2: up to 2.0.1 it splits the whole frame at every `;;`, so it silently drops a message whose
 * JSON contains one. We read such frames, but never write one.
 */
import type { z } from 'zod';
import { Command, Reply, succeeded } from './envelope.ts';

/**
 * The result of reading a frame. Reading never throws: the caller counts `unreadable`, logs it once and keeps the
 * socket.
 */
export type ParsedFrame =
  | { readonly kind: 'command'; readonly exchangeType: string; readonly command: Command }
  | { readonly kind: 'reply'; readonly exchangeType: string; readonly reply: Reply }
  | { readonly kind: 'unreadable'; readonly reason: string };

const separator = ';;';
const [openBrace, closeBrace] = Buffer.from('{}');

/** A command as the bytes of one WebSocket message. */
export function encodeCommand(command: Command): Buffer {
  return encode('COMMAND', command.type, command);
}

/** The same when the payload is already JSON text, with every part made by `toFrameJson`. */
export function encodeCommandOfJson(id: string, type: string, payload: string): Buffer {
  return frame('COMMAND', type, `${toFrameJson({ id, type }).slice(0, -1)},"payload":${payload}}`);
}

/** A reply as the bytes of one WebSocket message. */
export function encodeReply(reply: Reply): Buffer {
  return encode('REPLY', reply.type, reply);
}

/**
 * A success whose payload is already JSON text, with every part made by `toFrameJson`.
 *
 * @returns undefined when the controller would drop it
 */
export function encodeSuccess(commandId: string, type: string, payload: Buffer): Buffer | undefined {
  if (payload[0] !== openBrace || payload.at(-1) !== closeBrace || payload.includes(separator))
    return undefined;
  const rest = encodeReply(succeeded(commandId, type));
  // Replaces the empty payload, `{}}`, with the real one.
  return Buffer.concat([rest.subarray(0, -3), payload, rest.subarray(-1)]);
}

function encode(kind: 'COMMAND' | 'REPLY', exchangeType: string, content: object): Buffer {
  return frame(kind, exchangeType, toFrameJson(content));
}

function frame(kind: 'COMMAND' | 'REPLY', exchangeType: string, json: string): Buffer {
  return Buffer.from(`t:${kind}${separator}et:${exchangeType}${separator}e:${json}`, 'utf8');
}

/**
 * JSON without `;;` and without null bytes. In JSON a `;` occurs only in strings, so the second of a pair can be
 * written as an escape, which every version reads. Null bytes are removed, because the databases behind APIM refuse
 * them.
 */
export function toFrameJson(content: object): string {
  return JSON.stringify(content, dropNullBytes).replaceAll(';;', String.raw`;\u003b`);
}

function dropNullBytes(_key: string, value: unknown): unknown {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '') : value;
}

/** Reads one WebSocket message. The JSON is everything behind `e:`, including `;;`. */
export function parseFrame(bytes: Uint8Array): ParsedFrame {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return unreadable('not UTF-8');
  }
  const match = /^t:(?<kind>[^;]*);;et:(?<exchangeType>[^;]*);;e:(?<json>[\s\S]*)$/u.exec(text);
  const { kind, exchangeType, json } = match?.groups ?? {};
  if (kind === undefined || exchangeType === undefined || json === undefined) {
    return unreadable('not of the form t:..;;et:..;;e:..');
  }
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch {
    return unreadable(`the JSON of this ${exchangeType} does not parse`);
  }
  return classify(kind, exchangeType, content);
}

function classify(kind: string, exchangeType: string, content: unknown): ParsedFrame {
  if (kind === 'COMMAND') {
    const command = Command.safeParse(content);
    return command.success
      ? { kind: 'command', exchangeType, command: command.data }
      : unreadable(describe(exchangeType, command.error));
  }
  if (kind === 'REPLY') {
    const reply = Reply.safeParse(content);
    return reply.success
      ? { kind: 'reply', exchangeType, reply: reply.data }
      : unreadable(describe(exchangeType, reply.error));
  }
  return unreadable('t: is neither COMMAND nor REPLY');
}

/** Names fields, never their values: a frame may have a key. */
function describe(exchangeType: string, error: z.ZodError): string {
  const fields = error.issues.map((issue) => issue.path.join('.') || 'content');
  return `${exchangeType}: ${[...new Set(fields)].join(', ')} not as expected`;
}

function unreadable(reason: string): ParsedFrame {
  return { kind: 'unreadable', reason };
}
