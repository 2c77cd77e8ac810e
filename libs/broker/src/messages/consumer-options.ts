/** What a consumer needs: its messages, and how to handle each. */
import type { z } from 'zod';
import type { ConsumerSpec } from '@federation-agent/contracts';
import type { Clock, Telemetry } from '@federation-agent/base';
import type { Broker } from '../broker.ts';

export interface MessageContext {
  /** Counts from 1. */
  readonly deliveries: number;
  readonly sequence: number;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Aborted at the end of the grace period at shutdown: then throw HandBackError soon. */
  readonly signal: AbortSignal;
}

export interface ConsumerOptions<T> {
  readonly broker: Broker;
  readonly spec: ConsumerSpec;
  readonly schema: z.ZodType<T>;
  readonly telemetry: Telemetry;
  readonly instance: string;
  readonly clock: Clock;
  /**
   * False: the message goes back with `limits.foreignDelay` before its delivery count is checked; it never becomes a
   * dead letter.
   */
  readonly accepts?: (message: T) => boolean;
  /**
   * Runs many messages at once, with `working()` every `limits.workingInterval`. A message delivered more than three
   * times runs alone. When it resolves: ack. HandBackError: nak. Another retryable error: nak with a delay. Any other
   * error: dead letter.
   */
  readonly handle: (message: T, context: MessageContext) => Promise<void>;
  /** Called after the copy is stored and before the ack; undefined when the message cannot be read. */
  readonly onDead?: (message: T | undefined, reason: string) => Promise<void>;
  /** `one`: the next message is pulled only when the one before is finished. */
  readonly batch?: 'one';
}
