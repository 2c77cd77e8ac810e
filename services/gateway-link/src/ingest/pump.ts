/**
 * INGEST -> socket. A link pulls an integration's batches only while it holds an accepted socket of it, one at a time:
 * that is the order. What APIM does not take becomes a dead letter with its reason, and the job goes on to `done`.
 */
import {
  Api,
  IngestBatch,
  ingestConsumer,
  messageIds,
  streams,
  type DeadLetter,
  type IngestPayload,
  type Limits,
} from '@federation-agent/contracts';
import {
  describeError,
  fromClaim,
  HandBackError,
  PoisonError,
  publish,
  startConsumer,
  type Broker,
  type ChunkStore,
  type Clock,
  type MessageContext,
  type Metrics,
  type Randomness,
  type RunningConsumer,
  type Telemetry,
} from '@federation-agent/service-kit';
import type { Answer, LinkSocket } from '../channel/link-socket.ts';
import type { linkMetrics } from '../metrics.ts';
import { cutBatch } from './batches.ts';
import { interrupted, offer, type Rejected } from './offer.ts';

export interface Pump {
  /** Pulls no more; a batch under way may end within the grace, then goes back to the queue. */
  stop(graceMs: number): Promise<void>;
}

export interface PumpOptions {
  readonly integrationId: string;
  readonly socket: LinkSocket;
  readonly broker: Broker;
  readonly payloads: ChunkStore;
  readonly telemetry: Telemetry;
  readonly metrics: Metrics<typeof linkMetrics>;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly instance: string;
  readonly maxMessageBytes: number;
}

/** A dead letter holds the message's text up to this. */
const deadLetterChars = 64 * 1024;

export function startPump(options: PumpOptions): Pump {
  const { integrationId, socket, broker, payloads, telemetry, metrics, limits, clock, random } = options;
  const log = telemetry.forArea('ingest').log.child({ integrationId });
  const stopping = new AbortController();

  /** The broker may be away just now; the socket stays up for a while, and so does this. */
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
          'ingest batches cannot be pulled from the broker yet; trying on',
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
        'documents were left out: with them the API exceeds integration.connector.ws.maxWebSocketMessageSize, which APIM drops in silence',
      );
    const rejected: Rejected[] = [
      ...unreadable,
      ...tooLarge.map((api) => ({
        api,
        reason: `larger than the ${options.maxMessageBytes} bytes that APIM takes`,
      })),
    ];
    for (const message of messages) {
      const result = await offer(
        message,
        (payload) => ask(payload, context),
        () => pause(context),
      );
      if (result === interrupted) throw new HandBackError('the connection ended before APIM answered');
      rejected.push(...result);
    }
    for (const [index, item] of rejected.entries()) await bury(item, index, batch, context);
  };

  const ask = (payload: IngestPayload, { signal }: MessageContext): Promise<Answer> => {
    const attributes = {
      'apim.integration.id': integrationId,
      'apim.ingest.job': payload.ingestJobId,
      'apim.ingest.apis': payload.apis.length,
      'apim.ingest.done': payload.done,
    };
    return telemetry.span('APIM INGEST', { kind: 'client', attributes }, async (span) => {
      if (signal.aborted || socket.gone.aborted) return { kind: 'closed' };
      const command = { id: random.uuid(), type: 'INGEST', payload: { ...payload } };
      const answer = await Promise.race([socket.request(command, limits.commandTimeout), aborted(signal)]);
      const result = resultOf(answer);
      span.setAttribute('apim.ingest.result', result);
      metrics.ingestMessages.inc({ integration: integrationId, result });
      if (result === 'accepted')
        metrics.ingestedApis.inc({ integration: integrationId }, payload.apis.length);
      return answer;
    });
  };

  const pause = async ({ signal }: MessageContext): Promise<boolean> => {
    await clock.sleep(limits.backOffFirst, AbortSignal.any([signal, socket.gone]));
    return !signal.aborted && !socket.gone.aborted;
  };

  /** Stored before the batch is acknowledged. A repetition has the same id. */
  const bury = async (
    { api, reason }: Rejected,
    index: number,
    batch: IngestBatch,
    context: MessageContext,
  ): Promise<void> => {
    const { ingestJobId, done } = batch;
    log.error(
      { ingestJobId, uniqueId: uniqueIdOf(api), done, reason },
      'APIM did not take this; the job goes on',
    );
    metrics.undeliverableApis.inc({ integration: integrationId });
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
      id: `${messageIds.dead(streams.ingest, context.sequence)}.${index}`,
      until: clock.now() + limits.commandTimeout,
      signal: context.signal,
    });
  };

  const started = start();
  return {
    stop: async (graceMs) => {
      stopping.abort();
      await (await started)?.stop(graceMs);
    },
  };
}

function resultOf(answer: Answer): 'accepted' | 'refused' | 'unanswered' | 'closed' {
  if (answer.kind !== 'reply') return answer.kind;
  return answer.reply.commandStatus === 'SUCCEEDED' ? 'accepted' : 'refused';
}

function aborted(signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ kind: 'closed' }), { once: true });
  });
}

/**
 * The last guard: an API that the strict schema does not know would vanish at the controller with its whole batch.
 *
 * @throws PoisonError when there is no list at all
 */
function readApis(value: unknown): {
  readonly apis: readonly Api[];
  readonly unreadable: readonly Rejected[];
} {
  if (!Array.isArray(value)) throw new PoisonError('the batch holds no list of APIs');
  const apis: Api[] = [];
  const unreadable: Rejected[] = [];
  for (const item of value as unknown[]) {
    const parsed = Api.safeParse(item);
    if (parsed.success) apis.push(parsed.data);
    else {
      const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))].join(', ');
      unreadable.push({ api: item, reason: `not of the form that APIM reads: ${fields}` });
    }
  }
  return { apis, unreadable };
}

function uniqueIdOf(api: unknown): string | undefined {
  return typeof api === 'object' && api !== null && 'uniqueId' in api ? String(api.uniqueId) : undefined;
}
