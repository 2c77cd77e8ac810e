/** What a worker needs: the commands of its kind, and how to handle each. */
import type { z } from 'zod';
import type {
  commandPayloadSchemas,
  ReplyOutcome,
  WorkerCommandType,
  workerCommands,
  WorkerKind,
} from '@federation-agent/contracts';
import type { Clock, Telemetry } from '@federation-agent/base';
import type { Broker } from '../broker.ts';
import type { ChunkStore } from '../buckets/chunk-store.ts';
import type { ReplyResult } from './reply.ts';

/** A command with its payload parsed; `type` tells its type. `deadline` and `receivedAt` are epoch ms. */
export type WorkerCommand<Type extends WorkerCommandType = WorkerCommandType> = {
  readonly [T in Type]: {
    readonly commandId: string;
    readonly type: T;
    readonly integrationId: string;
    readonly linkId: string;
    readonly receivedAt: number;
    readonly deadline: number;
    readonly payload: z.output<(typeof commandPayloadSchemas)[T]>;
  };
}[Type];

export interface CommandContext {
  /** Aborted at shutdown: then throw HandBackError soon. */
  readonly signal: AbortSignal;
  /** Whether the deadline is past. Then no command is started and no creating call is made. */
  expired(): boolean;
  readonly deliveries: number;
  /**
   * Asks the link to write the reply, repeatedly until the link answers. The link remembers the first request of a
   * command id.
   *
   * @returns `refused` when the reply was certainly not written, `unconfirmed` when it may have been
   * @throws InvalidReplyError when the payload fails its schema; HandBackError at shutdown
   */
  reply(result: ReplyResult): Promise<ReplyOutcome>;
}

/** The commands that a kind of worker answers. */
export type CommandTypeOf<Kind extends WorkerKind> = {
  readonly [Type in WorkerCommandType]: (typeof workerCommands)[Type] extends Kind ? Type : never;
}[WorkerCommandType];

export interface ExpiredCommand {
  readonly commandId: string;
  readonly type: WorkerCommandType;
  readonly integrationId: string;
}

export interface WorkerOptions<Kind extends WorkerKind = WorkerKind> {
  readonly broker: Broker;
  readonly kind: Kind;
  readonly integrationIds: readonly string[];
  readonly telemetry: Telemetry;
  readonly instance: string;
  readonly clock: Clock;
  readonly payloads: ChunkStore;
  /**
   * Must be idempotent by command id. When it resolves, the command is done, replied or not. After a retryable error it
   * runs again until the deadline, then the reply is ERROR. A final error: ERROR. Poison: dead letter and ERROR.
   * HandBackError: another replica takes the command.
   */
  readonly handle: (command: WorkerCommand<CommandTypeOf<Kind>>, context: CommandContext) => Promise<void>;
  /** Called before the ack of a command that is dropped because its deadline is past. */
  readonly onExpired?: (command: ExpiredCommand) => Promise<void>;
}
