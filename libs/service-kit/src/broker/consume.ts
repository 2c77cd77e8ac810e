import type { z } from 'zod';
import type { ConsumerSpec } from '@federation-agent/contracts';
import type { Clock } from '../clock.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Broker } from './broker.ts';

export interface MessageContext {
  /** From 1. */
  readonly deliveries: number;
  readonly sequence: number;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Aborted at the end of the grace at shutdown: throw HandBackError soon. */
  readonly signal: AbortSignal;
}

export interface ConsumerOptions<T> {
  readonly broker: Broker;
  readonly spec: ConsumerSpec;
  readonly schema: z.ZodType<T>;
  readonly telemetry: Telemetry;
  readonly instance: string;
  readonly clock: Clock;
  /** False: goes back with `limits.foreignDelay` before the delivery count is looked at. */
  readonly accepts?: (message: T) => boolean;
  /** Resolves: ack. HandBackError: nak. Other retryable errors: nak with a delay. Anything else: dead letter. */
  readonly handle: (message: T, context: MessageContext) => Promise<void>;
  /** After the copy is stored and before the ack; undefined when the message cannot be read. */
  readonly onDead?: (message: T | undefined, reason: string) => Promise<void>;
  /** `one`: a message is pulled only when the one before is done with. */
  readonly batch?: 'one';
}

export interface RunningConsumer {
  /** Stops the pull, waits for the handlers, then aborts their signal; what is left goes back to the queue. */
  stop(graceMs: number): Promise<void>;
  /** Epoch ms of the last sign of life of the pull loop. */
  lastTurn(): number;
}

export function startConsumer<T>(options: ConsumerOptions<T>): Promise<RunningConsumer> {
  throw new Error(`not here yet: ${options.instance}`);
}
