/** What a consumer is given: its messages, and what to do with each. */
import type { z } from 'zod';
import type { ConsumerSpec } from '@federation-agent/contracts';
import type { Clock, Telemetry } from '@federation-agent/base';
import type { Broker } from '../broker.ts';

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
  /** False: goes back with `limits.foreignDelay` before the delivery count is looked at; never a dead letter. */
  readonly accepts?: (message: T) => boolean;
  /**
   * Runs with `working()` every `limits.workingInterval`, many at once; a message delivered more than three times runs
   * alone. Resolves: ack. HandBackError: nak. Another retryable error: nak with a delay. Anything else: dead letter.
   */
  readonly handle: (message: T, context: MessageContext) => Promise<void>;
  /** After the copy is stored and before the ack; undefined when the message cannot be read. */
  readonly onDead?: (message: T | undefined, reason: string) => Promise<void>;
  /** `one`: a message is pulled only when the one before is done with. */
  readonly batch?: 'one';
}
