/** Reads the heads of WebSocket frames off a byte stream: what went over the wire, before any library joins it. */
export interface RawFrame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly bytes: number;
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Feed it chunks in order; it calls back once per complete frame. */
export function readRawFrames(onFrame: (frame: RawFrame) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  let skip = 0;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const skipped = Math.min(skip, rest.length);
      rest = rest.subarray(skipped);
      skip -= skipped;
      const head = skip > 0 ? undefined : headOf(rest);
      if (head === undefined) return;
      onFrame(head.frame);
      rest = rest.subarray(head.length);
      skip = head.frame.bytes;
    }
  };
}

function headOf(bytes: Buffer): { readonly frame: RawFrame; readonly length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const [first = 0, second = 0] = bytes;
  const short = second & 0x7f;
  const extra = short === 127 ? 8 : short === 126 ? 2 : 0;
  const length = 2 + extra + (second & 0x80 ? 4 : 0);
  if (bytes.length < length) return undefined;
  const size = extra === 8 ? Number(bytes.readBigUInt64BE(2)) : extra === 2 ? bytes.readUInt16BE(2) : short;
  return { frame: { opcode: first & 0x0f, fin: (first & 0x80) !== 0, bytes: size }, length };
}
