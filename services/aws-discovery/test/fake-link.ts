/** The gateway-link from discovery's view: it sends commands, receives their replies, and pulls ingest batches. */
import { randomUUID } from 'node:crypto';
import {
  BatchApis,
  IngestBatch,
  ReplyRequest,
  ingestConsumer,
  type Api,
  type DiscoverReply,
  type Limits,
  type ReplyOutcome,
  type StartIngestReply,
} from '@federation-agent/contracts';
import { systemClock } from '@federation-agent/base';
import { eventually } from '@federation-agent/base/test';
import { type Broker, type ChunkStore, fromClaim, publish, startConsumer } from '@federation-agent/broker';

/** A batch as the link got it; `order` counts over all jobs. */
export interface TakenBatch {
  readonly ingestJobId: string;
  readonly batch: number;
  readonly apis: readonly Api[];
  readonly done: boolean;
}

export function idsOf(batches: readonly TakenBatch[]): string[] {
  return batches.flatMap(({ apis }) => apis.map(({ uniqueId }) => uniqueId));
}

export type Answer<Payload> =
  | { readonly status: 'SUCCEEDED'; readonly payload: Payload }
  | { readonly status: 'ERROR'; readonly errorDetails: string };

export interface FakeLink {
  discover(): Promise<Answer<DiscoverReply>>;
  startIngest(options?: StartOptions): Promise<Answer<StartIngestReply>>;
  /** Sends the same command once more, like a redelivery; `repeat` gives it another message id. */
  readonly batches: readonly TakenBatch[];
  batchesOf(ingestJobId: string): TakenBatch[];
  /** Waits for `done`; its batches in the order they came. */
  untilDone(ingestJobId: string): Promise<TakenBatch[]>;
  /** The answer to the next reply requests; `silent` means no answer. Initially `delivered`. */
  outcome: ReplyOutcome['outcome'] | 'silent';
  /** Awaited before a batch is taken. */
  beforeBatch: () => Promise<void>;
  stop(): Promise<void>;
}

interface StartOptions {
  readonly ingestJobId?: string;
  readonly apiIds?: readonly string[] | null;
  readonly commandId?: string;
  /** The command's deadline, ms from now. */
  readonly in?: number;
}

export async function startFakeLink(options: {
  readonly broker: Broker;
  readonly integrationId: string;
  readonly payloads: ChunkStore;
  readonly limits: Limits;
}): Promise<FakeLink> {
  const { broker, integrationId, payloads, limits } = options;
  const linkId = randomUUID();
  const replies = new Map<string, ReplyRequest>();
  const batches: TakenBatch[] = [];
  const subscription = broker.nc.subscribe(broker.subjects.linkReply(linkId), {
    callback: (_error, message) => {
      const request = ReplyRequest.parse(message.json());
      replies.set(request.commandId, request);
      if (link.outcome !== 'silent') message.respond(JSON.stringify({ outcome: link.outcome }));
    },
  });
  const consumer = await startConsumer({
    broker,
    spec: ingestConsumer(integrationId, broker),
    schema: IngestBatch,
    telemetry: broker.telemetry,
    instance: linkId,
    clock: systemClock,
    batch: 'one',
    handle: async ({ ingestJobId, batch, apis, done }) => {
      await link.beforeBatch();
      batches.push({ ingestJobId, batch, done, apis: BatchApis.parse(await fromClaim(payloads, apis)) });
    },
  });

  async function ask<Payload>(
    type: 'DISCOVER' | 'START_INGEST',
    payload: object,
    { commandId = randomUUID(), in: deadline = limits.commandDeadline }: StartOptions = {},
  ): Promise<Answer<Payload>> {
    const receivedAt = Date.now();
    const message = {
      commandId,
      type,
      integrationId,
      linkId,
      receivedAt,
      deadline: receivedAt + deadline,
      payload: { inline: payload },
    };
    replies.delete(commandId);
    await publish(broker, broker.subjects.command(type, integrationId), message, {
      id: randomUUID(),
      until: receivedAt + limits.commandDeadline,
    });
    await eventually(() => replies.has(commandId));
    const reply = replies.get(commandId);
    if (reply?.status === 'ERROR') return { status: 'ERROR', errorDetails: reply.errorDetails ?? '' };
    const answered = reply?.payload ? await fromClaim(payloads, reply.payload) : undefined;
    return { status: 'SUCCEEDED', payload: answered as Payload };
  }

  const batchesOf = (ingestJobId: string): TakenBatch[] =>
    batches.filter((batch) => batch.ingestJobId === ingestJobId);

  const link: FakeLink = {
    outcome: 'delivered',
    beforeBatch: () => Promise.resolve(),
    batches,
    batchesOf,
    discover: () => ask('DISCOVER', {}),
    startIngest: ({ ingestJobId = randomUUID(), apiIds = [], ...rest } = {}) =>
      ask('START_INGEST', { ingestJobId, apiIds }, rest),
    untilDone: async (ingestJobId) => {
      await eventually(() => batchesOf(ingestJobId).some(({ done }) => done));
      return batchesOf(ingestJobId);
    },
    stop: async () => {
      subscription.unsubscribe();
      await consumer.stop(0);
    },
  };
  return link;
}
