/** What fits into one message. With one byte more, the controller silently drops it. Pure. */
/** Room for the frame and the envelope around the APIs. */
export const envelopeBytes = 2_048;

/** Bytes of a value in a frame. There the second `;` of a pair is written as six bytes. */
export function jsonBytes(value: unknown): number {
  const json = JSON.stringify(value);
  return Buffer.byteLength(json) + 5 * (json.split(';;').length - 1);
}
