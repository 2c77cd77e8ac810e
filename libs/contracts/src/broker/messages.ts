/** What travels over the broker, besides events: commands, reply requests and outcomes, ingest batches, liveness. */
import { z } from 'zod';
import { apiSchema, workerCommands, type WorkerCommandType } from '../exchange/integration.ts';

const epochMs = z.number().int().nonnegative();
const workerCommandType = z.enum(Object.keys(workerCommands) as [WorkerCommandType, ...WorkerCommandType[]]);

/** Claim check: where a payload above `claimCheckBytes` lies in the bucket `payloads`. */
export const payloadRefSchema = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/u),
  chunks: z.number().int().positive(),
  bytes: z.number().int().nonnegative(),
});
export type PayloadRef = z.output<typeof payloadRefSchema>;

/** A value inside the message, or a reference to it. */
export const claimSchema = z.union([
  z.strictObject({ inline: z.unknown() }),
  z.strictObject({ ref: payloadRefSchema }),
]);
export type Claim = { readonly inline: unknown } | { readonly ref: PayloadRef };

/** A command on COMMANDS. `linkId` names the process that holds its socket; `deadline` is absolute (epoch ms). */
export const commandMessageSchema = z.object({
  commandId: z.string().min(1),
  type: workerCommandType,
  integrationId: z.string().min(1),
  linkId: z.string().min(1),
  receivedAt: epochMs,
  deadline: epochMs,
  payload: claimSchema,
});
export type CommandMessage = z.output<typeof commandMessageSchema>;

/** A worker's reply to a command: a core request to `link.<linkId>.reply`, repeated with the same id until answered. */
export const replyRequestSchema = z.object({
  commandId: z.string().min(1),
  type: workerCommandType,
  status: z.enum(['SUCCEEDED', 'ERROR']),
  errorDetails: z.string().exactOptional(),
  payload: claimSchema.exactOptional(),
});
export type ReplyRequest = z.output<typeof replyRequestSchema>;

/**
 * What became of a reply.
 * - `delivered`: the pong behind it came; frames are read in order, so the controller has it.
 * - `unconfirmed`: it left, and the socket died before any proof, or the proof came after the controller's time-out.
 * - `refused`: it was never written (socket gone, too late, unknown command, a void gate).
 */
export const replyOutcomeSchema = z.object({
  outcome: z.enum(['delivered', 'unconfirmed', 'refused']),
  reason: z.string().exactOptional(),
});
export type ReplyOutcome = z.output<typeof replyOutcomeSchema>;

/** A batch of an ingest job on INGEST. `batch` counts from 0; the last one has `done: true` and no APIs. */
export const ingestBatchSchema = z.object({
  integrationId: z.string().min(1),
  ingestJobId: z.string().min(1),
  batch: z.number().int().nonnegative(),
  /** `Api[]` */
  apis: claimSchema,
  done: z.boolean(),
});
export type IngestBatch = z.output<typeof ingestBatchSchema>;

/** What an ingest batch's claim resolves to. */
export const batchApisSchema = z.array(apiSchema);

/** Answer to `alive.<kind>.<integration>`. */
export const aliveAnswerSchema = z.object({ instance: z.string(), at: epochMs });
export type AliveAnswer = z.output<typeof aliveAnswerSchema>;

/** A dead letter: the message as it was, and why nobody can handle it. Never a secret: work messages hold none. */
export const deadLetterSchema = z.object({
  stream: z.string(),
  sequence: z.number().int(),
  subject: z.string(),
  reason: z.string(),
  at: epochMs,
  deliveries: z.number().int(),
  /** The message's text, cut at 64 KiB. */
  data: z.string(),
});
export type DeadLetter = z.output<typeof deadLetterSchema>;

/** The mark of a message that was delivered too often: `suspects/<stream>.<sequence>`. */
export const suspectSchema = z.object({ instance: z.string(), at: epochMs });
export type Suspect = z.output<typeof suspectSchema>;

/** Message ids. Deduplication is a filter, not a guarantee; records decide. */
export const messageIds = {
  command: (commandId: string): string => commandId,
  batch: (integrationToken: string, ingestJobId: string, batch: number): string =>
    `${integrationToken}:${ingestJobId}:${batch}`,
  dead: (stream: string, sequence: number): string => `${stream}.${sequence}`,
} as const;
