/**
 * The worker's reply: a request to the link that holds the command, repeated with the same command id until the link
 * answers. The answer is the receipt. The link remembers its first outcome and repeats it for every later request.
 */
import { errors } from '@nats-io/transport-node';
import {
  ReplyOutcome,
  replyPayloadSchemas,
  toFrameJson,
  type Claim,
  type CommandMessage,
  type ReplyRequest,
} from '@federation-agent/contracts';
import { describeError } from '@federation-agent/base';
import { HandBackError, InvalidReplyError, dispositionOf } from '../errors.ts';
import { messageHeaders } from '../messages/message-headers.ts';
import { brokerMetrics } from '../broker-metrics.ts';
import type { Broker } from '../broker.ts';
import type { ChunkStore } from '../buckets/chunk-store.ts';
import { toClaimOfJson } from '../buckets/claim-check.ts';
import { messagingAttributes } from '../messages/messaging-attributes.ts';
import { publishEvent } from '../messages/publish.ts';

/** What the worker answers. The payload is checked against the strict schema of the command's reply. */
export type ReplyResult =
  | { readonly status: 'SUCCEEDED'; readonly payload: object }
  /** The payload as JSON, too large to be checked as a whole. `toFrameJson` made it from parts that were checked. */
  | { readonly status: 'SUCCEEDED'; readonly json: Buffer }
  | { readonly status: 'ERROR'; readonly errorDetails: string };

type Success = Extract<ReplyResult, { readonly status: 'SUCCEEDED' }>;

export interface ReplierOptions {
  readonly broker: Broker;
  readonly payloads: ChunkStore;
  readonly signal: AbortSignal;
  /** Deliveries of the command: an earlier one may have asked already. */
  readonly deliveries: number;
}

export interface Replier {
  /** @throws InvalidReplyError when the payload fails its schema; HandBackError at shutdown */
  reply(result: ReplyResult): Promise<ReplyOutcome>;
  /** Whether the outcome is known. */
  settled(): boolean;
}

export function createReplier(command: CommandMessage, options: ReplierOptions): Replier {
  const { broker, payloads, signal } = options;
  const { nc, limits, clock, telemetry } = broker;
  const { commandId, type, integrationId, receivedAt } = command;
  const subject = broker.subjects.linkReply(command.linkId);
  // After that the controller gives the command up, and nobody waits for the reply any more.
  const until = receivedAt + limits.commandTimeout;
  /** A request without an answer may have been carried out; so may one of an earlier delivery. */
  let mayBeWritten = options.deliveries > 1;
  let outcomeKnown = false;

  const lost = (reason: string): ReplyOutcome => ({
    outcome: mayBeWritten ? 'unconfirmed' : 'refused',
    reason,
  });

  const ask = async (prepare: () => Promise<ReplyRequest>): Promise<ReplyOutcome> => {
    let body: string | undefined;
    let goneSince: number | undefined;
    for (;;) {
      try {
        body ??= JSON.stringify(await prepare());
        const answer = await nc.request(subject, body, {
          timeout: limits.replyRequestTimeout,
          headers: messageHeaders(),
        });
        return ReplyOutcome.parse(answer.json());
      } catch (error) {
        if (nc.isClosed()) throw new HandBackError('the connection to the broker is closed');
        if (body === undefined) {
          if (dispositionOf(error) !== 'retryable') throw error;
        } else if (isNoResponders(error)) {
          goneSince ??= clock.now();
          if (clock.now() - goneSince >= limits.linkGone) return lost('the link is gone');
        } else {
          goneSince = undefined;
          mayBeWritten = true;
        }
        telemetry.log.debug({ commandId, reason: describeError(error) }, 'the reply is asked for again');
      }
      if (signal.aborted) throw new HandBackError();
      if (clock.now() >= until) return lost('the link did not answer in time');
      await clock.sleep(limits.replyRequestPause, signal);
    }
  };

  const note = (result: ReplyResult, { outcome, reason }: ReplyOutcome): void => {
    const { status } = result;
    const now = clock.now();
    const metrics = brokerMetrics(telemetry);
    metrics.commands.inc({ type, status, outcome });
    metrics.commandSeconds.observe({ type }, Math.max(0, now - receivedAt) / 1_000);
    const detail = reason ?? (result.status === 'ERROR' ? result.errorDetails : undefined);
    publishEvent(broker, 'receipt', {
      at: now,
      integrationId,
      actor: { kind: 'apim', commandId },
      outcome:
        outcome === 'unconfirmed' ? 'unknown' : outcome === 'refused' || status === 'ERROR' ? 'failed' : 'ok',
      commandId,
      type,
      status,
      receipt: outcome,
      ...(detail !== undefined && { detail }),
    });
    telemetry.log.info({ commandId, type, status, outcome, detail }, 'command answered');
  };

  return {
    settled: () => outcomeKnown,
    reply: async (result) => {
      if ('payload' in result) {
        const { error } = replyPayloadSchemas[type].safeParse(result.payload);
        if (error) throw new InvalidReplyError(type, error);
      }
      const claimOf = (success: Success): Promise<Claim> =>
        toClaimOfJson(payloads, 'json' in success ? success.json : Buffer.from(toFrameJson(success.payload)));
      const prepare = async (): Promise<ReplyRequest> =>
        result.status === 'ERROR'
          ? { commandId, type, status: 'ERROR', errorDetails: result.errorDetails }
          : { commandId, type, status: 'SUCCEEDED', payload: await claimOf(result) };
      const attributes = { ...messagingAttributes(subject, 'send'), 'messaging.message.id': commandId };
      const outcome = await telemetry.span(
        'request link.reply',
        { kind: 'client', attributes },
        async (span) => {
          const answer = await ask(prepare);
          span.setAttribute('federation.reply.outcome', answer.outcome);
          return answer;
        },
      );
      outcomeKnown = true;
      note(result, outcome);
      return outcome;
    },
  };
}

function isNoResponders(error: unknown): boolean {
  return (
    error instanceof errors.NoRespondersError ||
    (error instanceof errors.RequestError && error.isNoResponders())
  );
}
