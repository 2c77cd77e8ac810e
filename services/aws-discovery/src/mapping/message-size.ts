/** What fits into one message. With one byte more, the controller silently drops it. Pure. */
/** Room for the frame and the envelope around the APIs. */
export const envelopeBytes = 2_048;

/** Bytes of this JSON in a frame. There the second `;` of a pair is written as six bytes. */
export function jsonBytes(json: string): number {
  let bytes = Buffer.byteLength(json);
  for (let at = json.indexOf(';;'); at >= 0; at = json.indexOf(';;', at + 2)) bytes += 5;
  return bytes;
}
