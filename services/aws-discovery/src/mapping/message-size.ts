/** What fits into one message: one byte more, and it vanishes at the controller without a word. Pure. */
import type { Api } from '@federation-agent/contracts';

/** Room for the frame and the envelope around the APIs. */
export const envelopeBytes = 2_048;

/** The first of these APIs, as many as one message holds. */
export function thatFit(apis: readonly Api[], messageBytes: number): Api[] {
  let bytes = envelopeBytes;
  const fitting: Api[] = [];
  for (const api of apis) {
    bytes += jsonBytes(api) + 1;
    if (bytes > messageBytes) break;
    fitting.push(api);
  }
  return fitting;
}

/** Bytes of a value in a frame, where the second `;` of a pair is written as six bytes. */
export function jsonBytes(value: unknown): number {
  const json = JSON.stringify(value);
  return Buffer.byteLength(json) + 5 * (json.split(';;').length - 1);
}
