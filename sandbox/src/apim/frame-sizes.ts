/**
 * Watches the raw bytes of a WebSocket for a frame that is too large. The real controller ends the connection with a
 * bare FIN when a frame has more than 65,536 bytes (measured). The `ws` library shows only whole messages.
 */
export function watchFrameSizes(
  limit: number,
  onTooLarge: (bytes: number) => void,
): (chunk: Uint8Array) => void {
  let header: number[] = [];
  let skip = 0;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (skip > 0) {
        const step = Math.min(skip, chunk.length - at);
        skip -= step;
        at += step;
        continue;
      }
      header.push(chunk[at] ?? 0);
      at += 1;
      const length = payloadLength(header);
      if (length === undefined) continue;
      if (length > limit) onTooLarge(length);
      skip = length;
      header = [];
    }
  };
}

/**
 * The payload length once the header is complete: 2 bytes, an extended length of 2 or 8, and a mask of 4 when masked.
 */
function payloadLength(header: readonly number[]): number | undefined {
  const second = header[1];
  if (second === undefined) return undefined;
  const short = second & 0x7f;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  const mask = second & 0x80 ? 4 : 0;
  if (header.length < 2 + extended + mask) return undefined;
  return extended === 0 ? short : header.slice(2, 2 + extended).reduce((sum, byte) => sum * 256 + byte, 0);
}
