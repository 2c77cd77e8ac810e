/**
 * Offers an INGEST message to APIM, and finds out what in it APIM does not take.
 *
 * An ERROR does not say what it is about: one value that APIM's database refuses ends a whole batch, and a database
 * that is away does so too. So:
 * - A message that is refused is halved until the culprit is alone, and what is behind the culprit goes on together.
 * - No API is given up before APIM refused it, took another one after that, and refused it again, alone: no single
 *   outage, whenever it begins and ends, looks like that.
 * - While APIM takes nothing at all of a message, that is no API's fault: it is offered again later. An empty message
 *   tells whether APIM is away: it reads the job from its database, and puts nothing into it.
 *
 * Of n APIs one culprit costs log2(n) + 1 questions, and one message with those behind it. INGEST is an upsert:
 * whatever was taken already may be sent again.
 */
import type { Api, IngestPayload } from '@federation-agent/contracts';

/**
 * Sends one INGEST.
 *
 * @returns why APIM did not take it; undefined: it did
 * @throws HandBackError when the socket ended: another try, here or on another link, repeats all of it
 */
export type SendIngest = (payload: IngestPayload) => Promise<string | undefined>;

/** APIM did not take this, and why. */
export interface RejectedApi {
  /** As it was to be sent. Undefined: an empty message, the `done` of a job say. */
  readonly api: unknown;
  readonly reason: string;
}

/**
 * APIM takes nothing of a message:
 * - `away`: not even an empty one;
 * - `nothing`: an empty one, but none of the APIs that were tried alone.
 */
export type TotalRefusal = 'away' | 'nothing';

export interface RetryPacing {
  /** Before what was refused is asked once more. */
  pause(): Promise<void>;
  /** Before a message of which nothing was taken is offered again. @returns false: it was offered long enough */
  wait(standing: TotalRefusal, reason: string): Promise<boolean>;
}

/** @returns what APIM does not take; empty when all is well */
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
 * Of a message that was refused.
 *
 * @param attempt the next of its APIs is tried alone at each, when nothing else was taken; absent: all of them are
 */
async function search(
  message: IngestPayload,
  send: SendIngest,
  pace: RetryPacing,
  attempt?: number,
): Promise<readonly RejectedApi[] | TotalRefusal> {
  let [asked, takenAt, refusedAt] = [0, 0, 0];
  /** What APIM took last. */
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
  // Each time it was refused as a whole.
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
    // Nothing was taken since: there are more culprits, or APIM has gone away.
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

  // Each was refused, and something was taken after that.
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
