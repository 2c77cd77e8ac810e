/**
 * Delivers a worker's reply to APIM: checks it, opens the gate when it carries a key, writes it and waits for proof.
 */
import type { z } from 'zod';
import {
  encodeReply,
  encodeSuccess,
  failed,
  replyPayloadSchemas,
  succeeded,
  type Limits,
  type ReplyOutcome,
  type ReplyRequest,
} from '@federation-agent/contracts';
import { type Clock, describeError, type Logger } from '@federation-agent/base';
import { type ChunkStore, jsonOf, retryUntil } from '@federation-agent/broker';
import type { LinkSocket } from '../channel/link-socket.ts';
import type { Gates } from './gate.ts';
import type { HeldCommand } from './pending.ts';

export interface DeliverParts {
  readonly gates: Gates;
  readonly payloads: ChunkStore;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Logger;
  /** The largest message that may be written. */
  readonly maxMessageBytes: number;
}

/**
 * Writes the reply and tells the outcome. When it cannot write the reply, it sends an ERROR reply instead, with the
 * outcome `refused`.
 */
export async function deliver(
  command: HeldCommand,
  socket: LinkSocket,
  request: ReplyRequest,
  parts: DeliverParts,
): Promise<ReplyOutcome> {
  const checked = await toMessage(command, request, parts);
  if ('problem' in checked) return refuse(command, socket, checked.problem, parts);
  if (command.type === 'SUBSCRIBE' && request.status === 'SUCCEEDED') {
    return deliverKey(command, socket, checked.message, parts);
  }
  return outcomeOf(command, await socket.sendConfirmed(checked.message), parts.clock.now(), parts.limits);
}

/**
 * The link's own answer: ERROR. It also shuts the gate of a SUBSCRIBE, because its key was not written and will not be.
 *
 * @param details what the publisher reads in the console
 */
export function refuse(
  { commandId, type }: HeldCommand,
  socket: LinkSocket,
  details: string,
  { gates }: Pick<DeliverParts, 'gates'>,
): ReplyOutcome {
  void socket.write(encodeReply(failed(commandId, type, details)));
  if (type === 'SUBSCRIBE') gates.shut(commandId);
  return { outcome: 'refused', reason: details };
}

/** A key is sent only through its own gate, and only to a peer that has just answered a ping. */
async function deliverKey(
  command: HeldCommand,
  socket: LinkSocket,
  message: Buffer,
  parts: DeliverParts,
): Promise<ReplyOutcome> {
  const { gates, limits, clock } = parts;
  const until = command.receivedAt + limits.replyDeadline;
  const gate = await gates.open(command.commandId, until, socket.gone);
  if ('refused' in gate) return refuse(command, socket, gate.refused, { gates });

  const fresh = await socket.fresh(Math.min(limits.freshPong, Math.max(0, until - clock.now())));
  const late = clock.now() >= until;
  if (!fresh || late || socket.gone.aborted) {
    await gate.settle('refused');
    return refuse(command, socket, late ? noAnswerInTime : 'the connection did not answer', { gates });
  }
  const outcome = outcomeOf(command, await socket.sendConfirmed(message), clock.now(), limits);
  await gate.settle(outcome.outcome);
  return outcome;
}

/** What the publisher reads when no worker had an answer in time. */
export const noAnswerInTime = 'the agent had no answer in time; try again';

/**
 * Proof that comes after the controller's own time-out proves only that it read the reply, not that it still waited.
 */
export function outcomeOf(
  { receivedAt }: Pick<HeldCommand, 'receivedAt'>,
  outcome: ReplyOutcome['outcome'],
  now: number,
  { commandTimeout }: Pick<Limits, 'commandTimeout'>,
): ReplyOutcome {
  if (outcome === 'refused')
    return { outcome: 'refused', reason: 'the connection ended before the reply had left' };
  if (outcome === 'unconfirmed')
    return { outcome: 'unconfirmed', reason: 'the connection ended before the reply was proven to be read' };
  return now - receivedAt > commandTimeout
    ? { outcome: 'unconfirmed', reason: 'the controller had given up before' }
    : { outcome: 'delivered' };
}

type Checked = { readonly message: Buffer } | { readonly problem: string };

/**
 * The bytes of the reply. Only what the strict schema allows is sent, because the controller silently drops what it
 * cannot read.
 */
async function toMessage(command: HeldCommand, request: ReplyRequest, parts: DeliverParts): Promise<Checked> {
  const { commandId, type } = command;
  if (request.status === 'ERROR') {
    const details = request.errorDetails ?? 'the agent could not do this';
    return { message: encodeReply(failed(commandId, type, details)) };
  }
  const payload = await resolvePayload(command, request, parts);
  if ('problem' in payload) return payload;
  if (Buffer.isBuffer(payload.value)) return toLargeMessage(command, payload.value, parts);
  const schema: z.ZodType<Readonly<Record<string, unknown>>> = replyPayloadSchemas[type];
  const parsed = schema.safeParse(payload.value);
  if (!parsed.success) {
    const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))].slice(0, 5).join(', ');
    parts.log.error({ commandId, type, fields }, heldBack);
    return { problem: `the agent's answer is not of the form that APIM reads: ${fields || 'payload'}` };
  }
  return thatFits(encodeReply(succeeded(commandId, type, parsed.data)), parts);
}

/** The worker has checked every part against the schema. Megabytes are not parsed again, and not checked in one go. */
function toLargeMessage({ commandId, type }: HeldCommand, json: Buffer, parts: DeliverParts): Checked {
  const message = encodeSuccess(commandId, type, json);
  if (message) return thatFits(message, parts);
  parts.log.error({ commandId, type, bytes: json.length }, heldBack);
  return { problem: "the agent's answer is not of the form that APIM reads" };
}

function thatFits(message: Buffer, { maxMessageBytes }: DeliverParts): Checked {
  return message.length > maxMessageBytes
    ? { problem: `the answer has ${message.length} bytes, and APIM takes ${maxMessageBytes}` }
    : { message };
}

const heldBack =
  'a reply that APIM could not read was held back and answered with an ERROR: a fault of this agent, please report it';

/** A large payload is stored in the broker as JSON, and stays JSON here. Reading it may need another try. */
async function resolvePayload(
  { receivedAt }: HeldCommand,
  { payload }: ReplyRequest,
  { payloads, limits, clock }: DeliverParts,
): Promise<{ readonly value: unknown } | { readonly problem: string }> {
  const fetch = (): Promise<unknown> =>
    payload && 'ref' in payload
      ? jsonOf(payloads, payload.ref)
      : Promise.resolve(payload ? payload.inline : {});
  try {
    return { value: await retryUntil(fetch, { until: receivedAt + limits.replyDeadline, clock, limits }) };
  } catch (error) {
    return { problem: `the agent's answer could not be fetched: ${describeError(error)}` };
  }
}
