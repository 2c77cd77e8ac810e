/** Runs one command from its deadline to its reply. Only this place decides by the error's disposition. */
import { context as traceContext, trace } from '@opentelemetry/api';
import { commandPayloadSchemas, type CommandMessage, type WorkerKind } from '@federation-agent/contracts';
import {
  describeError,
  FederationError,
  idsInPayload,
  addWorkAttributes,
  systemRandomness,
} from '@federation-agent/base';
import { HandBackError, dispositionOf } from '../errors.ts';
import { fromClaim } from '../buckets/claim-check.ts';
import type { MessageContext } from '../messages/consumer-options.ts';
import { createReplier, type ReplyResult } from './reply.ts';
import type { CommandTypeOf, WorkerCommand, WorkerOptions } from './worker-options.ts';

/** A command's payload fails its schema. */
export class UnreadablePayloadError extends FederationError {
  constructor(type: string, detail: string) {
    super(`the payload of ${type} cannot be read: ${detail}`, {
      code: 'unreadable-payload',
      disposition: 'final',
    });
  }
}

/** The longest pause before a handler is tried again, as a multiple of `limits.replyRequestPause`; jittered. */
const longestPause = 10;

export async function runCommand<Kind extends WorkerKind>(
  options: WorkerOptions<Kind>,
  message: CommandMessage,
  { signal, deliveries }: MessageContext,
): Promise<void> {
  const { broker, telemetry, clock, payloads, handle, onExpired } = options;
  const { commandId, type, integrationId, deadline } = message;
  trace.getActiveSpan()?.setAttributes({
    'federation.command.type': type,
  });
  addWorkAttributes(traceContext.active(), { command: commandId, integration: integrationId });
  const expired = (): boolean => clock.now() >= deadline;
  if (expired()) {
    telemetry.log.warn(
      { commandId, type, integrationId },
      'a command is dropped because its deadline is past',
    );
    await onExpired?.({ commandId, type, integrationId });
    return;
  }
  const replier = createReplier(message, { broker, payloads, signal, deliveries });
  const context = { signal, deliveries, expired, reply: (result: ReplyResult) => replier.reply(result) };

  for (let attempt = 1; ; attempt += 1) {
    try {
      const command = { ...message, payload: await readPayload(options, message) };
      addWorkAttributes(traceContext.active(), idsInPayload(command.payload));
      // The payload was read with the schema of its type, and the subject filter delivers only this worker's types.
      await handle(command as WorkerCommand<CommandTypeOf<Kind>>, context);
      return;
    } catch (error) {
      if (error instanceof HandBackError) throw error;
      if (signal.aborted) throw new HandBackError();
      const disposition = dispositionOf(error);
      if (disposition === 'poison') throw error;
      const pause =
        broker.limits.replyRequestPause *
        Math.min(attempt, longestPause) *
        (0.5 + systemRandomness.fraction());
      const again = disposition === 'retryable' && clock.now() + pause < deadline;
      // Only defects are logged with a stack; our own errors explain themselves.
      const why =
        error instanceof FederationError
          ? { code: error.code, reason: describeError(error) }
          : { err: error };
      telemetry.log.warn({ ...why, commandId, type, again }, 'a command failed');
      if (!again) {
        if (!replier.settled()) await replier.reply({ status: 'ERROR', errorDetails: wordsFor(error) });
        return;
      }
      await clock.sleep(pause, signal);
    }
  }
}

async function readPayload<Kind extends WorkerKind>(
  { payloads }: WorkerOptions<Kind>,
  { type, payload }: CommandMessage,
): Promise<unknown> {
  const { data, error } = commandPayloadSchemas[type].safeParse(await fromClaim(payloads, payload));
  if (!error) return data;
  const detail = error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new UnreadablePayloadError(type, detail);
}

/** What the publisher reads in the console. Our own errors are written for people. */
function wordsFor(error: unknown): string {
  return error instanceof FederationError ? error.message : `internal error: ${describeError(error)}`;
}
