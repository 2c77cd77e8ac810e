/** A batch as INGEST messages that APIM takes, pure. */
import {
  encodeCommand,
  notesTail,
  toFrameJson,
  withNotes,
  type Api,
  type IngestPayload,
} from '@federation-agent/contracts';

export interface CutBatch {
  /** In order; a `done` is always a message of its own, without APIs, and the last one. */
  readonly messages: readonly IngestPayload[];
  /** APIs that fit into no message even without their pages. */
  readonly tooLarge: readonly Api[];
  /** Unique ids of APIs that lost a page to the limit. */
  readonly trimmed: readonly string[];
}

/** The length of a UUID, which every id of our commands is. */
const idLength = 36;

/**
 * Cuts a batch so that no message is above the limit: one byte more, and it would vanish at the controller without a
 * word. An API whose document alone is too large goes without it and says so.
 */
export function cutBatch(
  batch: { readonly ingestJobId: string; readonly apis: readonly Api[]; readonly done: boolean },
  maxBytes: number,
): CutBatch {
  const { ingestJobId, apis, done } = batch;
  const room = maxBytes - messageBytes({ ingestJobId, apis: [], done: false });
  const messages: IngestPayload[] = [];
  const tooLarge: Api[] = [];
  const trimmed: string[] = [];
  let current: Api[] = [];
  let used = 0;
  const flush = (): void => {
    if (current.length > 0) messages.push({ ingestJobId, apis: current, done: false });
    current = [];
    used = 0;
  };
  for (const whole of apis) {
    const api = fitted(whole, room);
    if (api !== whole) trimmed.push(whole.uniqueId);
    const bytes = apiBytes(api) + 1; // and the comma
    if (bytes > room) {
      tooLarge.push(whole);
      continue;
    }
    if (used + bytes > room) flush();
    current.push(api);
    used += bytes;
  }
  flush();
  // An empty batch that is not the last keeps the job alive.
  if (done || apis.length === 0) messages.push({ ingestJobId, apis: [], done });
  return { messages, tooLarge, trimmed };
}

/** Without its largest pages, until it fits. */
function fitted(api: Api, room: number): Api {
  let { pages, description } = api;
  while (pages.length > 0 && apiBytes({ ...api, pages, description }) + 1 > room) {
    const largest = pages.reduce((a, b) => (b.content.length > a.content.length ? b : a));
    const megabytes = (Buffer.byteLength(largest.content) / 1_000_000).toFixed(1);
    pages = pages.filter((page) => page !== largest);
    const note = `The document ${largest.filename} of ${megabytes} MB is too large for APIM and was left out.`;
    description = withNotes(description, [note], notesTail);
  }
  return pages === api.pages ? api : { ...api, pages, description };
}

function apiBytes(api: Api): number {
  return Buffer.byteLength(toFrameJson(api));
}

function messageBytes(payload: IngestPayload): number {
  return encodeCommand({ id: 'x'.repeat(idLength), type: 'INGEST', payload }).length;
}
