/** A link for tests: sends commands, answers reply requests, and writes gates as a real link does. */
import { randomUUID } from 'node:crypto';
import {
  buckets,
  messageIds,
  subscriptionKeys,
  Gate,
  type ReplyOutcome,
  ReplyRequest,
  type WorkerCommandType,
} from '@federation-agent/contracts';
import { eventually } from '@federation-agent/base/test';
import { type Broker, type Bucket, openBucket, publish } from '@federation-agent/broker';

/**
 * What happens to SUCCEEDED replies to a SUBSCRIBE. `socket gone`: refused before its gate, which becomes `refused`.
 */
export type Fate = 'delivered' | 'unconfirmed' | 'socket gone';

export interface SentCommand {
  readonly commandId: string;
  /** The first reply that came. */
  reply(): Promise<ReplyRequest>;
  replies(): number;
}

export interface TestLink {
  send(
    type: WorkerCommandType,
    integrationId: string,
    payload: object,
    options?: { readonly deadlineIn?: number; readonly fate?: Fate; readonly commandId?: string },
  ): Promise<SentCommand>;
  readonly gates: Bucket<Gate>;
}

export async function startTestLink(broker: Broker): Promise<TestLink> {
  const linkId = randomUUID();
  const gates = await openBucket(broker, buckets.gates, Gate);
  const replies = new Map<string, ReplyRequest[]>();
  const outcomes = new Map<string, ReplyOutcome>();
  const fates = new Map<string, Fate>();

  const decide = async ({ commandId, type, status }: ReplyRequest): Promise<ReplyOutcome> => {
    const fate = fates.get(commandId) ?? 'delivered';
    const put = async (state: Gate['state']): Promise<boolean> => {
      const gate = { state, by: linkId, nonce: randomUUID(), at: Date.now() };
      return (await gates.create(subscriptionKeys.gate(commandId), gate)) !== undefined;
    };
    if (fate === 'socket gone') {
      if (type === 'SUBSCRIBE') await put('refused');
      return { outcome: 'refused', reason: 'the socket is gone' };
    }
    if (type === 'UNSUBSCRIBE' || status === 'ERROR') return { outcome: fate };
    if (!(await put('writing'))) return { outcome: 'refused', reason: 'the gate was shut before' };
    const key = subscriptionKeys.gate(commandId);
    const entry = await gates.get(key);
    if (entry) await gates.update(key, { ...entry.value, state: fate }, entry.revision);
    return { outcome: fate };
  };

  broker.nc.subscribe(broker.subjects.linkReply(linkId), {
    callback: (_error, message) => {
      const request = ReplyRequest.parse(message.json());
      const { commandId } = request;
      const known = outcomes.get(commandId);
      replies.set(commandId, [...(replies.get(commandId) ?? []), request]);
      void (known ? Promise.resolve(known) : decide(request)).then((outcome) => {
        outcomes.set(commandId, outcome);
        message.respond(JSON.stringify(outcome));
      });
    },
  });

  return {
    gates,
    send: async (type, integrationId, payload, options = {}) => {
      const { deadlineIn = 15_000, fate, commandId = randomUUID() } = options;
      if (fate) fates.set(commandId, fate);
      const now = Date.now();
      const message = {
        commandId,
        type,
        integrationId,
        linkId,
        receivedAt: now,
        deadline: now + deadlineIn,
        payload: { inline: payload },
      };
      // The same id again is a redelivery and must not count as a duplicate.
      const id = `${messageIds.command(commandId)}-${randomUUID()}`;
      await publish(broker, broker.subjects.command(type, integrationId), message, {
        id,
        until: now + 10_000,
      });
      return {
        commandId,
        replies: () => replies.get(commandId)?.length ?? 0,
        reply: async () => {
          await eventually(() => replies.has(commandId));
          const [first] = replies.get(commandId) ?? [];
          if (!first) throw new Error('no reply');
          return first;
        },
      };
    },
  };
}
