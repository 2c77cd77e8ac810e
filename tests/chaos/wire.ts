import { z } from 'zod';

/** A reply of the agent, as sent to the controller. */
export interface WireReply {
  readonly commandId: string;
  readonly type: string;
  readonly status: string;
  readonly apiKey?: string;
}

const END_OF_HEAD = '\r\n\r\n';
const MASK_BYTES = 4;
const OPCODE_CONTINUATION = 0x0;
const OPCODE_BINARY = 0x2;

const Reply = z.object({
  commandId: z.string(),
  type: z.string(),
  commandStatus: z.string(),
  payload: z
    .looseObject({ subscription: z.looseObject({ apiKey: z.string().nullish() }).nullish() })
    .nullish(),
});

/**
 * Reads what a WebSocket client sends, from its upgrade request on, and reports each complete reply. Controllers show a
 * reply only to those who wait for it, so a second or late reply is visible only here.
 *
 * @returns a function that takes the bytes in order
 */
export function replyReader(onReply: (reply: WireReply) => void): (bytes: Buffer) => void {
  let held = Buffer.alloc(0);
  let upgraded = false;
  let fragments: Buffer[] = [];
  const take = (bytes: number): Buffer => {
    const taken = held.subarray(0, bytes);
    held = held.subarray(bytes);
    return taken;
  };

  return (bytes) => {
    held = Buffer.concat([held, bytes]);
    if (!upgraded) {
      const end = held.indexOf(END_OF_HEAD);
      if (end < 0) return;
      take(end + END_OF_HEAD.length);
      upgraded = true;
    }
    for (let size = frameSize(held); size !== undefined && held.length >= size.all; size = frameSize(held)) {
      const frame = take(size.all);
      const first = frame[0] ?? 0;
      const opcode = first & 0x0f;
      if (opcode !== OPCODE_BINARY && opcode !== OPCODE_CONTINUATION) continue;
      fragments.push(unmasked(frame, size.head));
      if ((first & 0x80) === 0) continue;
      const reply = readReply(Buffer.concat(fragments).toString('utf8'));
      fragments = [];
      if (reply) onReply(reply);
    }
  };
}

/** Undefined while the head of the frame is incomplete. */
function frameSize(bytes: Buffer): { head: number; all: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  const more = short === 127 ? 8 : short === 126 ? 2 : 0;
  if (bytes.length < 2 + more) return undefined;
  const length = more === 8 ? Number(bytes.readBigUInt64BE(2)) : more === 2 ? bytes.readUInt16BE(2) : short;
  const head = 2 + more + MASK_BYTES;
  return { head, all: head + length };
}

function unmasked(frame: Buffer, head: number): Buffer {
  const mask = frame.subarray(head - MASK_BYTES, head);
  return Buffer.from(frame.subarray(head).map((byte, at) => byte ^ (mask[at % MASK_BYTES] ?? 0)));
}

function readReply(text: string): WireReply | undefined {
  if (!text.startsWith('t:REPLY;;')) return undefined;
  const parsed = Reply.safeParse(JSON.parse(text.slice(text.indexOf(';;e:') + ';;e:'.length)));
  if (!parsed.success) return undefined;
  const { commandId, type, commandStatus: status, payload } = parsed.data;
  const apiKey = payload?.subscription?.apiKey;
  return { commandId, type, status, ...(typeof apiKey === 'string' && { apiKey }) };
}
