/**
 * Offers an INGEST message to APIM, and finds out which APIs in it APIM does not accept.
 *
 * An ERROR does not say which API it is about. One value that APIM's database refuses fails a whole batch, and so does
 * a database that is away. So:
 * - A refused message is halved until the culprit is alone. The APIs behind the culprit go on together.
 * - An API is given up only when APIM refused it, accepted another one after that, and refused it again on its own. No
 *   single outage looks like that, whenever it begins and ends.
 * - While APIM accepts nothing of a message, no API is to blame: the message is offered again later. An empty message
 *   tells whether APIM is away, because APIM reads the job from its database for it but writes nothing.
 *
 * Among n APIs one culprit costs log2(n) + 1 requests, and one message for the APIs behind it. INGEST is an upsert, so
 * what was accepted already may be sent again.
 */
import type { Api, IngestPayload } from '@federation-agent/contracts';

/**
 * Sends one INGEST.
 *
 * @returns why APIM did not accept it; undefined: it did
 * @throws HandBackError when the socket ended: another try, here or on another link, repeats all of it
 */
export type SendIngest = (payload: IngestPayload) => Promise<string | undefined>;

/** APIM did not accept this, and why. */
export interface RejectedApi {
  /** The API as it was to be sent. Undefined: an empty message, such as the `done` of a job. */
  readonly api: unknown;
  readonly reason: string;
}

/**
 * APIM accepts nothing of a message:
 * - `away`: not even an empty one;
 * - `nothing`: an empty one, but none of the APIs that were tried alone.
 */
export type TotalRefusal = 'away' | 'nothing';

export interface RetryPacing {
  /** Called before a refused message is tried once more. */
  pause(): Promise<void>;
  /**
   * Called before a message of which nothing was accepted is offered again. @returns false: it was offered long enough
   */
  wait(standing: TotalRefusal, reason: string): Promise<boolean>;
}

/** @returns what APIM does not accept; empty when it accepts all */
export async function offer(
  message: IngestPayload,
  send: SendIngest,
  pace: RetryPacing,
): Promise<readonly RejectedApi[]> {
  const taken = new Set<Api>();
  const sendAndRecord: SendIngest = async (payload) => {
    const reason = await send(payload);
    if (reason === undefined) for (const api of payload.apis) taken.add(api);
    return reason;
  };
  let standing: TotalRefusal | undefined;
  for (let attempt = 0; ; attempt += 1) {
    const still = standing === 'away' ? await sendAndRecord(emptyOf(message)) : undefined;
    const reason = still ?? (await sendAndRecord(message));
    if (reason === undefined) return [];
    const found = still === undefined ? await search(message, sendAndRecord, pace, attempt) : 'away';
    if (typeof found !== 'string') return found;
    standing = found;
    if (await pace.wait(standing, reason)) continue;
    const last = standing === 'nothing' ? await search(message, sendAndRecord, pace) : standing;
    if (typeof last !== 'string') return last;
    const left: readonly unknown[] =
      message.apis.length > 0 ? message.apis.filter((api) => !taken.has(api)) : [undefined];
    return left.map((api) => ({ api, reason }));
  }
}

/**
 * Finds the culprits in a refused message.
 *
 * @param attempt set when nothing else was accepted: then each attempt tries the next API alone; absent: all are tried
 */
async function search(
  message: IngestPayload,
  send: SendIngest,
  pace: RetryPacing,
  attempt?: number,
): Promise<readonly RejectedApi[] | TotalRefusal> {
  let [asked, takenAt, refusedAt] = [0, 0, 0];
  /** What APIM accepted last. */
  let witness: readonly Api[] = [];
  const refusal = async (apis: readonly Api[]): Promise<string | undefined> => {
    const reason = await send({ ...message, apis: [...apis], done: false });
    asked += 1;
    if (reason === undefined) [witness, takenAt] = [apis.slice(0, 1), asked];
    else refusedAt = asked;
    return reason;
  };
  const takes = async (apis: readonly Api[]): Promise<boolean> => (await refusal(apis)) === undefined;

  const suspects: Api[] = [];
  let rest: readonly Api[] = message.apis;
  // Each time `rest` was refused as a whole.
  while (rest.length > 0) {
    let [low, high] = [0, rest.length];
    while (high - low > 1) {
      const middle = Math.ceil((low + high) / 2);
      if (await takes(rest.slice(low, middle))) low = middle;
      else high = middle;
    }
    suspects.push(...rest.slice(low, high));
    rest = rest.slice(high);
    const suspectedAt = refusedAt;
    if (rest.length > 0 && (await takes(rest))) break;
    if (takenAt > suspectedAt) continue;
    // Nothing was accepted since: there are more culprits, or APIM has gone away.
    if (witness.length > 0) {
      if (await takes(witness)) continue;
      return 'away';
    }
    if (attempt === undefined) continue;
    if ((await send(emptyOf(message))) !== undefined) return 'away';
    const one = rest.length > 0 ? attempt % rest.length : 0;
    if (rest.length === 0 || !(await takes(rest.slice(one, one + 1)))) return 'nothing';
    rest = rest.toSpliced(one, 1);
  }
  if (witness.length === 0) return message.apis.length === 0 ? 'away' : 'nothing';

  // Each was refused, and something was accepted after that.
  await pace.pause();
  const rejected: RejectedApi[] = [];
  for (const api of suspects) {
    const reason = await refusal([api]);
    if (reason !== undefined) rejected.push({ api, reason });
  }
  return rejected;
}

function emptyOf(message: IngestPayload): IngestPayload {
  return { ...message, apis: [], done: false };
}
