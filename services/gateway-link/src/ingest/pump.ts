/**
 * Moves INGEST batches to the socket. A link pulls an integration's batches only while it holds an accepted socket of
 * it, one at a time; this keeps the order. What APIM does not accept becomes a dead letter with its reason, and the job
 * goes on to `done`.
 */
import {
  idToken,
  IngestBatch,
  ingestConsumer,
  messageIds,
  streams,
  type DeadLetter,
  type IngestPayload,
  type Limits,
} from '@federation-agent/contracts';
import {
  type Clock,
  describeError,
  type Metrics,
  type Randomness,
  type Telemetry,
  workAttributes,
} from '@federation-agent/base';
import {
  type Broker,
  type ChunkStore,
  fromClaim,
  HandBackError,
  type MessageContext,
  publish,
  type RunningConsumer,
  startConsumer,
} from '@federation-agent/broker';
import type { Answer, LinkSocket } from '../channel/link-socket.ts';
import type { linkMetrics } from '../metrics.ts';
import { cutBatch, encodeIngest } from './batches.ts';
import { offer, type RetryPacing, type RejectedApi } from './offer.ts';
import { createRetryPauses } from './retry-pauses.ts';
import { readApis } from './read-apis.ts';
import { refusalFix, uniqueIdOf, type Refusals } from './refusals.ts';

export interface IngestPump {
  /** Stops pulling. A batch under way may end within the grace period, then goes back to the queue. */
  stop(graceMs: number): Promise<void>;
}

export interface IngestPumpOptions {
  readonly integrationId: string;
  readonly socket: LinkSocket;
  readonly broker: Broker;
  readonly payloads: ChunkStore;
  readonly telemetry: Telemetry;
  readonly metrics: Metrics<typeof linkMetrics>;
  /** Belongs to the integration, so it lives longer than this socket. */
  readonly refusals: Refusals;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly instance: string;
  readonly maxMessageBytes: number;
}

/** A dead letter keeps at most this much of the message's text. */
const deadLetterChars = 64 * 1024;

export function startIngestPump(options: IngestPumpOptions): IngestPump {
  const { integrationId, socket, broker, payloads, telemetry, metrics, refusals, limits, clock, random } =
    options;
  const log = telemetry.forArea('ingest').log.child({ integrationId });
  const stopping = new AbortController();

  /** The broker may be away just now. The socket stays open for a while, so this keeps trying. */
  const start = async (): Promise<RunningConsumer | undefined> => {
    while (!stopping.signal.aborted && !socket.gone.aborted) {
      try {
        return await startConsumer({
          broker,
          spec: ingestConsumer(integrationId, broker),
          schema: IngestBatch,
          telemetry,
          instance: options.instance,
          clock,
          batch: 'one',
          handle,
        });
      } catch (error) {
        log.warn(
          { reason: describeError(error) },
          'ingest batches cannot be pulled from the broker yet; the agent tries again',
        );
        await clock.sleep(limits.backOffFirst, AbortSignal.any([stopping.signal, socket.gone]));
      }
    }
    return undefined;
  };

  const handle = async (batch: IngestBatch, context: MessageContext): Promise<void> => {
    const { ingestJobId, done } = batch;
    const { apis, unreadable } = readApis(await fromClaim(payloads, batch.apis));
    const { messages, tooLarge, trimmed } = cutBatch({ ingestJobId, apis, done }, options.maxMessageBytes);
    if (trimmed.length > 0)
      log.warn(
        { ingestJobId, trimmed },
        'documents were left out: with them the API exceeds integration.connector.ws.maxWebSocketMessageSize, and APIM drops such a message without an answer',
      );
    const rejected: RejectedApi[] = [
      ...unreadable,
      ...tooLarge.map((api) => ({
        api,
        reason: `larger than the ${options.maxMessageBytes} bytes that APIM takes`,
      })),
    ];
    for (const message of messages) {
      rejected.push(
        ...(await offer(message, (payload) => ask(payload, context), pace(ingestJobId, context))),
      );
    }
    for (const [index, item] of rejected.entries()) await bury(item, index, batch, context);
    if (done) refusals.ended(ingestJobId);
  };

  const ask = async (payload: IngestPayload, { signal }: MessageContext): Promise<string | undefined> => {
    const attributes = {
      ...workAttributes({ integration: integrationId, ingestJob: payload.ingestJobId }),
      'apim.ingest.apis': payload.apis.length,
      'apim.ingest.done': payload.done,
    };
    const answer = await telemetry.span('APIM INGEST', { kind: 'client', attributes }, async (span) => {
      if (signal.aborted || socket.gone.aborted) return closed;
      const id = random.uuid();
      const asked = socket.request(id, encodeIngest(id, payload), limits.commandTimeout);
      const answered = await Promise.race([asked, aborted(signal)]);
      const result = resultOf(answered);
      span.setAttribute('apim.ingest.result', result);
      metrics.ingestMessages.inc({ integration: integrationId, result });
      return answered;
    });
    const result = resultOf(answer);
    if (result === 'closed') throw new HandBackError('the connection ended before APIM answered');
    if (result !== 'accepted') return refusalOf(answer);
    metrics.ingestedApis.inc({ integration: integrationId }, payload.apis.length);
    refusals.taken(payload.apis.map(({ uniqueId }) => uniqueId));
    return undefined;
  };

  const pace = (ingestJobId: string, { signal }: MessageContext): RetryPacing => {
    const patience = createRetryPauses(limits);
    const sleep = (ms: number): Promise<void> => clock.sleep(ms, AbortSignal.any([signal, socket.gone]));
    let said = '';
    return {
      pause: () => sleep(limits.backOffFirst),
      wait: async (standing, reason) => {
        const pause = patience.next(standing, clock.now());
        if (pause === undefined) return false;
        refusals.held(ingestJobId, standing, reason);
        if (said !== `${standing} ${reason}`) {
          log.warn({ ingestJobId, reason, fix: refusalFix(standing) }, heldWords[standing]);
        }
        said = `${standing} ${reason}`;
        await sleep(pause);
        return true;
      },
    };
  };

  /** Stored before the batch is acknowledged. A repetition has the same id. */
  const bury = async (
    { api, reason }: RejectedApi,
    index: number,
    batch: IngestBatch,
    context: MessageContext,
  ): Promise<void> => {
    const { ingestJobId, done } = batch;
    log.error(
      { ingestJobId, uniqueId: uniqueIdOf(api), done, reason, fix: refusalFix('refused') },
      'APIM did not take this; the job goes on',
    );
    metrics.undeliverableApis.inc({ integration: integrationId });
    refusals.refused(ingestJobId, { api, reason });
    const letter: DeadLetter = {
      stream: streams.ingest,
      sequence: context.sequence,
      subject: context.subject,
      reason,
      at: clock.now(),
      deliveries: context.deliveries,
      data: JSON.stringify({ integrationId, ingestJobId, batch: batch.batch, done, api }).slice(
        0,
        deadLetterChars,
      ),
    };
    await publish(broker, broker.subjects.dead(streams.ingest), letter, {
      id: `${messageIds.dead(streams.ingest, context.sequence)}.${idToken(uniqueIdOf(api) ?? String(index))}`,
      until: clock.now() + limits.commandTimeout,
      signal: context.signal,
    });
  };

  const started = start();
  return {
    stop: async (graceMs) => {
      stopping.abort();
      await (await started)?.stop(graceMs);
      refusals.socketClosed();
    },
  };
}

const closed: Answer = { kind: 'closed' };

const heldWords = {
  away: 'APIM takes no INGEST, not even an empty one: the batch is offered again',
  nothing: 'APIM takes none of the APIs of a batch: they are offered again',
} as const;

function refusalOf(answer: Answer): string {
  if (answer.kind !== 'reply') return 'APIM did not answer in time';
  return answer.reply.errorDetails ?? 'APIM refused it without a reason';
}

function resultOf(answer: Answer): 'accepted' | 'refused' | 'unanswered' | 'closed' {
  if (answer.kind !== 'reply') return answer.kind;
  return answer.reply.commandStatus === 'SUCCEEDED' ? 'accepted' : 'refused';
}

function aborted(signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(closed), { once: true });
  });
}
