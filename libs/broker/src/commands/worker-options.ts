/** What a worker is given: the commands of its kind, and what to do with each. */
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

/** A command with its payload read; `type` tells which. `deadline` and `receivedAt` are epoch ms. */
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
  /** Aborted at shutdown: throw HandBackError soon. */
  readonly signal: AbortSignal;
  /** Whether the deadline is past: no command is started and no creating call made. */
  expired(): boolean;
  readonly deliveries: number;
  /**
   * Asks the link to write the reply, again until it answers. The link remembers the first one by command id.
   *
   * @returns `refused` when it was certainly not written, `unconfirmed` when it may have been
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
   * Idempotent by command id. Resolves: the command is done, replied or not. A retryable error: it runs again until the
   * deadline, then ERROR. A final one: ERROR. Poison: dead letter and ERROR. HandBackError: for another replica.
   */
  readonly handle: (command: WorkerCommand<CommandTypeOf<Kind>>, context: CommandContext) => Promise<void>;
  /** A command past its deadline is dropped; this is called before its ack. */
  readonly onExpired?: (command: ExpiredCommand) => Promise<void>;
}
