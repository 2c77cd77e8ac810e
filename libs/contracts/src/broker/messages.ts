/** What is sent over the broker besides events: commands, reply requests and outcomes, ingest batches, liveness. */
import { z } from 'zod';
import { Api, workerCommands, type WorkerCommandType } from '../exchange/integration.ts';

const epochMs = z.number().int().nonnegative();
const workerCommandType = z.enum(Object.keys(workerCommands) as [WorkerCommandType, ...WorkerCommandType[]]);

/** Claim check: the place of a payload above `claimCheckBytes` in the bucket `payloads`. */
export const PayloadRef = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/u),
  chunks: z.number().int().positive(),
  bytes: z.number().int().nonnegative(),
});
export type PayloadRef = z.output<typeof PayloadRef>;

/** A value inside the message, or a reference to it. */
export const Claim = z.union([z.strictObject({ inline: z.unknown() }), z.strictObject({ ref: PayloadRef })]);
export type Claim = { readonly inline: unknown } | { readonly ref: PayloadRef };

/** A command on COMMANDS. `linkId` names the process that holds its socket; `deadline` is absolute (epoch ms). */
export const CommandMessage = z.object({
  commandId: z.string().min(1),
  type: workerCommandType,
  integrationId: z.string().min(1),
  linkId: z.string().min(1),
  receivedAt: epochMs,
  deadline: epochMs,
  payload: Claim,
});
export type CommandMessage = z.output<typeof CommandMessage>;

/** A worker's reply to a command: a core request to `link.<linkId>.reply`, repeated with the same id until answered. */
export const ReplyRequest = z.object({
  commandId: z.string().min(1),
  type: workerCommandType,
  status: z.enum(['SUCCEEDED', 'ERROR']),
  errorDetails: z.string().exactOptional(),
  payload: Claim.exactOptional(),
});
export type ReplyRequest = z.output<typeof ReplyRequest>;

/**
 * The outcome of a reply.
 * - `delivered`: the pong behind it came. Frames are read in order, so the controller has it.
 * - `unconfirmed`: it was sent, but the socket was lost before any proof, or the proof came after the controller's
 *   time-out.
 * - `refused`: it was never written (socket gone, too late, unknown command, a gate that was shut before).
 */
export const ReplyOutcome = z.object({
  outcome: z.enum(['delivered', 'unconfirmed', 'refused']),
  reason: z.string().exactOptional(),
});
export type ReplyOutcome = z.output<typeof ReplyOutcome>;

/** A batch of an ingest job on INGEST. `batch` counts from 0; the last one has `done: true` and no APIs. */
export const IngestBatch = z.object({
  integrationId: z.string().min(1),
  ingestJobId: z.string().min(1),
  batch: z.number().int().nonnegative(),
  /** `Api[]` */
  apis: Claim,
  done: z.boolean(),
});
export type IngestBatch = z.output<typeof IngestBatch>;

/** The value behind an ingest batch's claim. */
export const BatchApis = z.array(Api);

/** Answer to `alive.<kind>.<integration>`. */
export const AliveAnswer = z.object({ instance: z.string(), at: epochMs });
export type AliveAnswer = z.output<typeof AliveAnswer>;

/**
 * A dead letter: the original message, and why nobody can handle it. It has no secret, because work messages have none.
 */
export const DeadLetter = z.object({
  stream: z.string(),
  sequence: z.number().int(),
  subject: z.string(),
  reason: z.string(),
  at: epochMs,
  deliveries: z.number().int(),
  /** The message's text, cut at `deadLetterBytes`. */
  data: z.string(),
});
export type DeadLetter = z.output<typeof DeadLetter>;

/** Long enough to see what the message was; a work message is smaller. */
export const deadLetterBytes = 64 * 1024;

/**
 * Why a dead letter cannot be sent again; undefined: it can.
 *
 * @param now epoch ms
 */
export function notReplayable({ data }: DeadLetter, now: number): string | undefined {
  if (Buffer.byteLength(data) >= deadLetterBytes) return 'its text was cut, so the message is not whole';
  const command = CommandMessage.pick({ deadline: true }).safeParse(parsed(data));
  return command.success && command.data.deadline <= now
    ? 'it is a command past its deadline: APIM no longer waits for the answer, so do it again in APIM'
    : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The mark of a message that was delivered too often: `suspects/<stream>.<sequence>`. */
export const Suspect = z.object({ instance: z.string(), at: epochMs });
export type Suspect = z.output<typeof Suspect>;

/** Message ids. Deduplication only filters and guarantees nothing; the records decide. */
export const messageIds = {
  command: (commandId: string): string => commandId,
  batch: (integrationToken: string, ingestJobId: string, batch: number): string =>
    `${integrationToken}:${ingestJobId}:${batch}`,
  dead: (stream: string, sequence: number): string => `${stream}.${sequence}`,
} as const;
