/** Cuts prepared APIs into batches. Pure. */
import type { Api } from '@federation-agent/contracts';
import { envelopeBytes, jsonBytes } from '../mapping/message-size.ts';

export interface BatchLimits {
  readonly batchApis: number;
  readonly batchBytes: number;
  /** Of one message, frame and envelope included. */
  readonly messageBytes: number;
}

/**
 * How many of these APIs the next batch takes, in order: at least one, then as many as count and bytes allow.
 */
export function batchLength(apis: readonly Api[], { batchApis, batchBytes }: BatchLimits): number {
  let bytes = envelopeBytes;
  for (const [index, api] of apis.entries()) {
    bytes += jsonBytes(api) + 1;
    if (index >= batchApis || (index > 0 && bytes > batchBytes)) return index;
  }
  return apis.length;
}

/** Whether an API fits into a message of its own. */
export function fits(api: Api, { messageBytes }: BatchLimits): boolean {
  return jsonBytes(api) + envelopeBytes <= messageBytes;
}

/** Without its pages, and with a sentence that says why. */
export function withoutPages(api: Api, messageBytes: number): Api {
  const note = `Its OpenAPI document is not shown here: with it the API exceeds the ${messageBytes.toLocaleString('en-US')} bytes that APIM takes in one message.`;
  return { ...api, pages: [], description: [api.description, note].filter(Boolean).join('\n\n') };
}
