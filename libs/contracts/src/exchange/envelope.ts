/** The envelope of the exchange protocol: what every command and every reply has. Unknown fields are ignored. */
import { z } from 'zod';

/** JSON nulls and absent fields are the same to the controller, which leaves nulls out itself. */
const absent = z.null().transform(() => undefined);

/** A command on the wire, its payload not looked at yet. */
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
 * `PENDING` and `IN_PROGRESS` exist in the protocol and are unused; an unknown status reads as ERROR, as the controller
 * does.
 */
export const CommandStatus = z.enum(['SUCCEEDED', 'ERROR', 'PENDING', 'IN_PROGRESS']).catch('ERROR');
export type CommandStatus = z.output<typeof CommandStatus>;

/** A reply on the wire, its payload not looked at yet. */
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
/** What is written leaves absent fields out: JSON.stringify drops undefined. */
export interface Reply {
  readonly commandId: string;
  readonly type: string;
  readonly commandStatus: CommandStatus;
  readonly errorDetails?: string | undefined;
  readonly payload?: Readonly<Record<string, unknown>> | undefined;
}

/** A success of a command. */
export function succeeded(
  commandId: string,
  type: string,
  payload: Readonly<Record<string, unknown>> = {},
): Reply {
  return { commandId, type, commandStatus: 'SUCCEEDED', payload };
}

/** A failure of a command; `errorDetails` is what the publisher reads in the console. */
export function failed(commandId: string, type: string, errorDetails: string): Reply {
  return { commandId, type, commandStatus: 'ERROR', errorDetails };
}

/** Measured: `et:UNKNOWN` for a type the receiver does not know. Fails the caller at once; silence costs it 60 s. */
export function unknownCommand(commandId: string): Reply {
  return { commandId, type: 'UNKNOWN', commandStatus: 'ERROR', errorDetails: 'Command unknown', payload: {} };
}

/** Measured: `et:NO_REPLY` for a known type that the receiver has no handler for. */
export function unhandledCommand(commandId: string, type: string): Reply {
  return {
    commandId,
    type: 'NO_REPLY',
    commandStatus: 'ERROR',
    errorDetails: `No handler found for command type '${type}'. Ignoring`,
    payload: {},
  };
}
