/** A batch as INGEST messages that APIM accepts. Pure. */
import {
  encodeCommandOfJson,
  notesTail,
  toFrameJson,
  withNotes,
  type Api,
  type IngestPayload,
} from '@federation-agent/contracts';

export interface CutBatch {
  /** In order. `done` is always a separate message without APIs, and the last one. */
  readonly messages: readonly IngestPayload[];
  /** APIs that do not fit into a message even without their pages. */
  readonly tooLarge: readonly Api[];
  /** Unique ids of APIs that lost a page because of the limit. */
  readonly trimmed: readonly string[];
}

/** The length of a UUID; every id of our commands is one. */
const idLength = 36;

/**
 * Cuts a batch so that no message is above the limit: with one byte more, the controller would silently drop it. An API
 * whose document alone is too large goes without it and says so.
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
    const bytes = apiBytes(api) + 1; // The comma counts too.
    if (bytes > room) {
      tooLarge.push(whole);
      continue;
    }
    if (used + bytes > room) flush();
    current.push(api);
    used += bytes;
  }
  flush();
  // An empty batch that is not the last one keeps the job alive.
  if (done || apis.length === 0) messages.push({ ingestJobId, apis: [], done });
  return { messages, tooLarge, trimmed };
}

/** The API without its largest pages, as many as needed to fit. */
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
  return Buffer.byteLength(jsonOf(api));
}

/** An API is measured, and written once or more often. Its JSON is made only once for that. */
const known = new WeakMap<Api, string>();

function jsonOf(api: Api): string {
  const json = known.get(api) ?? toFrameJson(api);
  known.set(api, json);
  return json;
}

/** An INGEST as the bytes of one WebSocket message. */
export function encodeIngest(id: string, { apis, ...rest }: IngestPayload): Buffer {
  const payload = `${toFrameJson(rest).slice(0, -1)},"apis":[${apis.map(jsonOf).join(',')}]}`;
  return encodeCommandOfJson(id, 'INGEST', payload);
}

function messageBytes(payload: IngestPayload): number {
  return encodeIngest('x'.repeat(idLength), payload).length;
}
