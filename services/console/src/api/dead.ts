/** Dead letters: messages that nobody can handle. */
import { z } from 'zod';
import { count, time } from './common.ts';

export const DeadLetterRow = z.object({
  /** Its place in the stream of dead letters. */
  sequence: count,
  at: time,
  /** The stream that it was in: `COMMANDS` or `INGEST`. */
  stream: z.string(),
  subject: z.string(),
  reason: z.string(),
  deliveries: count,
  bytes: count,
  /** Why it cannot be replayed; absent: it can. */
  notReplayable: z.string().exactOptional(),
});
export type DeadLetterRow = z.output<typeof DeadLetterRow>;

export const DeadLetters = z.object({ total: count, letters: z.array(DeadLetterRow) });
export type DeadLetters = z.output<typeof DeadLetters>;

/** `data` is what the message said, cut at 64 KiB: from APIM and AWS, so show it as text only. */
export const DeadLetterDetail = DeadLetterRow.extend({
  data: z.string(),
  replay: z.string(),
  discard: z.string(),
});
export type DeadLetterDetail = z.output<typeof DeadLetterDetail>;
