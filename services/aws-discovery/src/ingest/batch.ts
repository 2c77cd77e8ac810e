/** Cuts prepared APIs into batches. Pure. */
import { notesTail, withNotes, type Api } from '@federation-agent/contracts';
import { envelopeBytes, jsonBytes } from '../mapping/message-size.ts';

export interface BatchLimits {
  readonly batchApis: number;
  readonly batchBytes: number;
  /** Size limit of one message, including frame and envelope. */
  readonly messageBytes: number;
}

/** An API is measured again and again while others join its batch, and then written. Its JSON is made only once. */
const known = new WeakMap<Api, { readonly json: string; readonly bytes: number }>();

function written(api: Api): { readonly json: string; readonly bytes: number } {
  const before = known.get(api);
  if (before) return before;
  const json = JSON.stringify(api);
  const now = { json, bytes: jsonBytes(json) };
  known.set(api, now);
  return now;
}

/** These APIs as JSON. */
export function jsonOf(apis: readonly Api[]): string {
  return `[${apis.map((api) => written(api).json).join(',')}]`;
}

/**
 * How many of these APIs the next batch takes, in order: at least one, then as many as the count and byte limits allow.
 */
export function batchLength(
  apis: readonly Api[],
  { batchApis, batchBytes, messageBytes }: BatchLimits,
): number {
  let total = envelopeBytes;
  for (const [index, api] of apis.entries()) {
    total += written(api).bytes + 1;
    if (index > 0 && (index >= batchApis || total > Math.min(batchBytes, messageBytes))) return index;
  }
  return apis.length;
}

/** Whether an API alone fits into a message. */
export function fits(api: Api, { messageBytes }: BatchLimits): boolean {
  return written(api).bytes + envelopeBytes <= messageBytes;
}

/** The API without its pages, and with a sentence that says why. */
export function withoutPages(api: Api, messageBytes: number): Api {
  const note = `Its OpenAPI document is not shown here: with it, the API exceeds the ${messageBytes.toLocaleString('en-US')} bytes that APIM takes in one message.`;
  return { ...api, pages: [], description: withNotes(api.description, [note], notesTail) };
}
