/** The payload of a DISCOVER reply as JSON. It is made in pieces, because that of 100,000 APIs has 13 MB. */
import { toFrameJson, type PreviewApi } from '@federation-agent/contracts';
import { yieldToEventLoop } from '@federation-agent/base';
import { envelopeBytes } from '../mapping/message-size.ts';
import { shortId } from '../mapping/short-id.ts';

export interface PreviewText {
  readonly json: Buffer;
  /** How many of the APIs the payload has: the first ones. */
  readonly sent: number;
}

export interface PreviewTextOptions {
  /** True when something is missing, whether all APIs fit or not. */
  readonly isPartial: boolean;
  /** The size limit of one APIM message. */
  readonly messageBytes: number;
}

/** As many of the APIs as one message holds. When not all fit with their own ids, short ids are used. */
export async function previewText(
  apis: readonly PreviewApi[],
  { isPartial, messageBytes }: PreviewTextOptions,
): Promise<PreviewText> {
  const room = messageBytes - envelopeBytes;
  const whole = await write(apis, room, (api) => api);
  const { pieces, sent } = whole.sent < apis.length ? await write(apis, room, await shortening(apis)) : whole;
  const end = `],"isPartialDiscovery":${isPartial || sent < apis.length}}`;
  return { json: Buffer.concat([Buffer.from('{"apis":['), ...pieces, Buffer.from(end)]), sent };
}

/** APIs per piece: the string of one piece is made at once. */
const pieceLength = 500;

/** AWS draws the ids of REST APIs at random. If two stages would share a short id, both keep their own ids. */
async function shortening(apis: readonly PreviewApi[]): Promise<(api: PreviewApi) => PreviewApi> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { uniqueId } of apis) {
    const id = shortId(uniqueId);
    (seen.has(id) ? shared : seen).add(id);
    await yieldToEventLoop();
  }
  return (api) => {
    const id = shortId(api.uniqueId);
    return shared.has(id) ? api : { ...api, id };
  };
}

async function write(
  apis: readonly PreviewApi[],
  room: number,
  as: (api: PreviewApi) => PreviewApi,
): Promise<{ readonly pieces: readonly Buffer[]; readonly sent: number }> {
  const pieces: Buffer[] = [];
  let texts: string[] = [];
  let [bytes, sent] = [0, 0];
  const endPiece = (): void => {
    if (texts.length > 0) pieces.push(Buffer.from((pieces.length > 0 ? ',' : '') + texts.join(',')));
    texts = [];
  };
  for (const api of apis) {
    const text = toFrameJson(as(api));
    bytes += Buffer.byteLength(text) + 1;
    if (bytes > room) break;
    texts.push(text);
    sent += 1;
    if (texts.length === pieceLength) endPiece();
    await yieldToEventLoop();
  }
  endPiece();
  return { pieces, sent };
}
