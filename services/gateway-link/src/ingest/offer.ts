/** Offers INGEST messages to APIM: twice as a whole, then API by API. */
import type { IngestPayload } from '@federation-agent/contracts';
import type { Answer } from '../channel/link-socket.ts';

/** Sends one INGEST and waits for its reply. */
export type Ask = (payload: IngestPayload) => Promise<Answer>;

/** APIM did not take these, and why. */
export interface Rejected {
  /** As it was to be sent. Undefined: an empty message, the `done` of a job say. */
  readonly api: unknown;
  readonly reason: string;
}

/** The socket ended before the answer: another try, here or on another link, must repeat it. INGEST is an upsert. */
export const interrupted = Symbol('the socket ended');

/**
 * @param pause between two tries; resolves false when there is to be no other
 * @returns what APIM did not take; empty when all is well
 */
export async function offer(
  message: IngestPayload,
  ask: Ask,
  pause: () => Promise<boolean>,
): Promise<readonly Rejected[] | typeof interrupted> {
  let reason = '';
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    if (attempt > 1 && !(await pause())) return interrupted;
    const answer = await ask(message);
    if (answer.kind === 'closed') return interrupted;
    const refusal = refusalOf(answer);
    if (refusal === undefined) return [];
    reason = refusal;
  }
  if (message.apis.length <= 1) return [{ api: message.apis[0], reason }];

  const rejected: Rejected[] = [];
  for (const api of message.apis) {
    const answer = await ask({ ...message, apis: [api] });
    if (answer.kind === 'closed') return interrupted;
    const refusal = refusalOf(answer);
    if (refusal !== undefined) rejected.push({ api, reason: refusal });
  }
  return rejected;
}

function refusalOf(answer: Answer): string | undefined {
  if (answer.kind !== 'reply') return 'APIM did not answer in time';
  const { commandStatus, errorDetails } = answer.reply;
  return commandStatus === 'SUCCEEDED' ? undefined : (errorDetails ?? 'APIM refused it without a reason');
}
