/** The envelope of the exchange protocol: the fields of every command and reply. Unknown fields are ignored. */
import { z } from 'zod';

/** To the controller, null and absent are the same; it leaves nulls out itself. */
const absent = z.null().transform(() => undefined);

/** A command on the wire; its payload is not parsed yet. */
export const Command = z.object({
  id: z.string().min(1),
  type: z.string().min(1),
  payload: z
    .union([z.record(z.string(), z.unknown()), absent])
    .optional()
    .transform((payload) => payload ?? {}),
});
export type Command = z.output<typeof Command>;

/**
 * `PENDING` and `IN_PROGRESS` exist in the protocol but are unused. An unknown status counts as ERROR, as in the
 * controller.
 */
export const CommandStatus = z.enum(['SUCCEEDED', 'ERROR', 'PENDING', 'IN_PROGRESS']).catch('ERROR');
export type CommandStatus = z.output<typeof CommandStatus>;

/** A reply on the wire; its payload is not parsed yet. */
export const Reply = z.object({
  commandId: z.string().min(1),
  type: z.string().min(1),
  commandStatus: CommandStatus,
  errorDetails: z
    .string()
    .nullish()
    .transform((details) => details ?? undefined)
    .exactOptional(),
  payload: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((payload) => payload ?? undefined)
    .exactOptional(),
});
/** Absent fields are not written, because JSON.stringify drops undefined. */
export interface Reply {
  readonly commandId: string;
  readonly type: string;
  readonly commandStatus: CommandStatus;
  readonly errorDetails?: string | undefined;
  readonly payload?: Readonly<Record<string, unknown>> | undefined;
}

/** A successful reply to a command. */
export function succeeded(
  commandId: string,
  type: string,
  payload: Readonly<Record<string, unknown>> = {},
): Reply {
  return { commandId, type, commandStatus: 'SUCCEEDED', payload };
}

/** A failed reply to a command; the publisher reads `errorDetails` in the console. */
export function failed(commandId: string, type: string, errorDetails: string): Reply {
  return { commandId, type, commandStatus: 'ERROR', errorDetails };
}

/**
 * The reply for a type that the receiver does not know has `et:UNKNOWN` (measured). It fails the caller at once;
 * without a reply the caller waits 60 s.
 */
export function unknownCommand(commandId: string): Reply {
  return { commandId, type: 'UNKNOWN', commandStatus: 'ERROR', errorDetails: 'Command unknown', payload: {} };
}

/** The reply for a known type without a handler has `et:NO_REPLY` (measured). */
export function unhandledCommand(commandId: string, type: string): Reply {
  return {
    commandId,
    type: 'NO_REPLY',
    commandStatus: 'ERROR',
    errorDetails: `No handler found for command type '${type}'. Ignoring`,
    payload: {},
  };
}
