/** Answers the workers: a request to `link.<linkId>.reply` with a command's reply gets the outcome. */
import { ReplyRequest, type ReplyOutcome } from '@federation-agent/contracts';
import { describeError, type Telemetry, workAttributes } from '@federation-agent/base';
import type { Broker } from '@federation-agent/broker';
import { createLogOnce } from '../log-once.ts';
import type { Answers } from './answers.ts';

export interface ReplyListener {
  /** Accepts no more requests; the earlier ones are answered first. */
  stop(): Promise<void>;
}

/** A worker repeats its request until it is answered, so every request gets an answer, the repeated ones too. */
export function startReplyListener(options: {
  readonly broker: Broker;
  readonly telemetry: Telemetry;
  readonly linkId: string;
  readonly answers: Answers;
}): ReplyListener {
  const { broker, linkId, answers } = options;
  const telemetry = options.telemetry.forArea('commands');
  const logOnce = createLogOnce(telemetry.log, 'a reply request cannot be read');

  const outcomeOf = async (data: unknown, carrier: Record<string, string>): Promise<ReplyOutcome> => {
    const request = ReplyRequest.safeParse(data);
    if (!request.success) {
      const fields = request.error.issues.map(({ path }) => path.join('.')).join(', ');
      logOnce(fields, {});
      return { outcome: 'refused', reason: `the reply request cannot be read: ${fields}` };
    }
    const { commandId, type, status } = request.data;
    return telemetry.span(
      `reply ${type}`,
      {
        kind: 'server',
        parent: carrier,
        attributes: { 'apim.reply.status': status, ...workAttributes({ command: commandId }) },
      },
      async (span) => {
        const outcome = await answers.reply(request.data);
        span.setAttribute('federation.reply.outcome', outcome.outcome);
        return outcome;
      },
    );
  };

  const subscription = broker.nc.subscribe(broker.subjects.linkReply(linkId), {
    callback: (error, message) => {
      if (error) return;
      const carrier: Record<string, string> = {};
      for (const [key, values] of message.headers ?? []) carrier[key] = values[0] ?? '';
      void outcomeOf(readJson(message.string()), carrier)
        .then((outcome) => message.respond(JSON.stringify(outcome)))
        .catch((cause: unknown) =>
          telemetry.log.error(
            { reason: describeError(cause) },
            'a reply request of a worker failed: the worker asks again, and APIM gets an ERROR at 55 s',
          ),
        );
    },
  });
  return {
    stop: async () => {
      // The broker may be away; then nobody asks either.
      if (!subscription.isClosed() && broker.connected()) await subscription.drain().catch(() => undefined);
      else subscription.unsubscribe();
    },
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
